/**
 * Small readers for values of unknown shape. Each returns a typed value or
 * throws `Malformed` with the field's name; `null` counts as absent where a
 * field is optional. Unknown fields are never looked at.
 */
import { countCodePoints } from './limits';

/** Why a frame is not what the protocol says. Never leaves the decoder. */
export class Malformed extends Error {}

export type Fields = Readonly<Record<string, unknown>>;
type Reader<T> = (value: unknown, name: string) => T;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const object: Reader<Fields> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed(`${name} is not an object`);
  }
  return value as Fields;
};

export const string: Reader<string> = (value, name) => {
  if (typeof value !== 'string') throw new Malformed(`${name} is not a string`);
  if (!value.isWellFormed()) throw new Malformed(`${name} holds a lone surrogate`);
  return value;
};

export const boolean: Reader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw new Malformed(`${name} is not a boolean`);
  return value;
};

/** A whole number from 0 on. */
export const count: Reader<number> = (value, name) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Malformed(`${name} is not a whole number from 0 on`);
  }
  return value;
};

/** A message's number: from 1 on. */
export const seq: Reader<number> = (value, name) => {
  const number = count(value, name);
  if (number === 0) throw new Malformed(`${name} starts at 1`);
  return number;
};

export const uuid: Reader<string> = (value, name) => {
  const text = string(value, name);
  if (!UUID.test(text)) throw new Malformed(`${name} is not a UUID`);
  return text;
};

export function oneOf<T extends string>(values: readonly T[]): Reader<T> {
  return (value, name) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new Malformed(`${name} is not one of ${values.join(', ')}`);
    return found;
  };
}

export function text(min: number, max: number): Reader<string> {
  return (value, name) => {
    const read = string(value, name);
    const length = countCodePoints(read);
    if (length < min || length > max) throw new Malformed(`${name} has ${length} characters`);
    return read;
  };
}

export function list<T>(item: Reader<T>, max: number): Reader<readonly T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw new Malformed(`${name} is not a list`);
    if (value.length > max) throw new Malformed(`${name} has ${value.length} entries`);
    return value.map((entry: unknown, index) => item(entry, `${name}[${index}]`));
  };
}

/** `{ [key]: value }`, or nothing at all where the field is absent or null. */
export function optional<K extends string, T>(
  fields: Fields,
  key: K,
  read: Reader<T>,
): { [P in K]?: T } {
  const value = fields[key];
  if (value === undefined || value === null) return {};
  return { [key]: read(value, key) } as { [P in K]?: T };
}

/**
 * Like `optional`, but leaves out what cannot be read: for a field without which
 * the message is as good.
 */
export function lenient<K extends string, T>(
  fields: Fields,
  key: K,
  read: Reader<T>,
): { [P in K]?: T } {
  try {
    return optional(fields, key, read);
  } catch (error) {
    if (error instanceof Malformed) return {};
    throw error;
  }
}

/** Like `optional`, but keeps a null, where null has a meaning of its own. */
export function nullable<K extends string, T>(
  fields: Fields,
  key: K,
  read: Reader<T>,
): { [P in K]?: T | null } {
  return fields[key] === null
    ? ({ [key]: null } as { [P in K]?: null })
    : optional(fields, key, read);
}
