/**
 * What follows the end of a connection, as a pure decision: close codes are the
 * server's contract on whether trying again makes sense (`protocol.md`, close
 * codes).
 */

/** Why the page stays closed until the person asks for a new connection. */
export type FinalClose = 'policy' | 'banned' | 'elsewhere';

export type Verdict =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'final'; readonly why: FinalClose };

/** Close code: somebody who is kept out. */
export const BANNED = 4001;

/** The end of one connection. */
export interface Ending {
  readonly code: number;
  /** The failures since a connection last held, from 0. */
  readonly attempt: number;
  /** Whether the server may still keep the session, with its room. */
  readonly kept: boolean;
  /** In [0, 1): spreads clients that a restart has cut off all at once. */
  readonly chance: number;
}

/** Delay before the first retry; it doubles with each. */
export const BASE_DELAY_MS = 500;
/** The same after 1013: the server is full or cannot keep up. */
export const BUSY_DELAY_MS = 2_000;
export const MAX_DELAY_MS = 15_000;
/** The longest while the session is kept: a wait must not outlast the grace. */
export const MAX_KEPT_DELAY_MS = 2_000;

export function afterClose({ code, attempt, kept, chance }: Ending): Verdict {
  switch (code) {
    case 1008:
      return { kind: 'final', why: 'policy' };
    case BANNED:
      return { kind: 'final', why: 'banned' };
    case 4002:
      return { kind: 'final', why: 'elsewhere' };
    case 1013:
      return { kind: 'retry', delayMs: delay(BUSY_DELAY_MS, MAX_DELAY_MS, attempt, chance) };
    default: {
      const max = kept ? MAX_KEPT_DELAY_MS : MAX_DELAY_MS;
      return { kind: 'retry', delayMs: delay(BASE_DELAY_MS, max, attempt, chance) };
    }
  }
}

function delay(base: number, max: number, attempt: number, chance: number): number {
  const full = Math.min(max, base * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * chance);
}
