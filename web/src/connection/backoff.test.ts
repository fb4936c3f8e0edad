import { expect, test } from 'vitest';
import {
  afterClose,
  BASE_DELAY_MS,
  BUSY_DELAY_MS,
  type Ending,
  MAX_DELAY_MS,
  MAX_KEPT_DELAY_MS,
} from './backoff';

const FIRST: Ending = { code: 1006, attempt: 0, kept: false, chance: 0 };

test.each([
  [1008, 'policy'],
  [4001, 'banned'],
  [4002, 'elsewhere'],
] as const)('%i is final: %s', (code, why) => {
  for (const kept of [false, true]) {
    expect(afterClose({ ...FIRST, code, kept })).toEqual({ kind: 'final', why });
  }
});

// 1005: no code at all; 1006: the socket broke.
test.each([1000, 1001, 1005, 1006, 1009, 1011, 4999])('%i is tried again soon', (code) => {
  expect(delayOf({ code })).toBe(BASE_DELAY_MS / 2);
});

test('each failure doubles the delay, up to a limit', () => {
  const delays = [0, 1, 2, 3, 50].map((attempt) => delayOf({ attempt, chance: 0.999_999 }));
  expect(delays).toEqual([500, 1000, 2000, 4000, MAX_DELAY_MS]);
});

test('while the session is kept no wait is long', () => {
  expect(delayOf({ attempt: 50, kept: true, chance: 0.999_999 })).toBe(MAX_KEPT_DELAY_MS);
  expect(delayOf({ attempt: 0, kept: true })).toBe(BASE_DELAY_MS / 2);
});

test('chance spreads the second half of the delay', () => {
  expect(delayOf({ chance: 0 })).toBe(BASE_DELAY_MS / 2);
  expect(delayOf({ chance: 0.5 })).toBe(BASE_DELAY_MS * 0.75);
});

test('a busy server is left alone for longer, whatever it keeps', () => {
  expect(delayOf({ code: 1013 })).toBe(BUSY_DELAY_MS / 2);
  expect(delayOf({ code: 1013, attempt: 2, kept: true })).toBe(BUSY_DELAY_MS * 2);
});

function delayOf(ending: Partial<Ending>): number {
  const verdict = afterClose({ ...FIRST, ...ending });
  return verdict.kind === 'retry' ? verdict.delayMs : Number.NaN;
}
