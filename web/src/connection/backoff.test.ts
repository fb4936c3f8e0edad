import { expect, test } from 'vitest';
import { afterClose, BASE_DELAY_MS, BUSY_DELAY_MS, MAX_DELAY_MS } from './backoff';

test.each([
  [1008, 'policy'],
  [4001, 'banned'],
  [4002, 'elsewhere'],
] as const)('%i is final: %s', (code, why) => {
  expect(afterClose(code, 0, 0)).toEqual({ kind: 'final', why });
});

test.each([1000, 1001, 1006, 1009, 1011, 1013, 4999])('%i is tried again', (code) => {
  expect(afterClose(code, 0, 0)).toMatchObject({ kind: 'retry' });
});

test('each failure doubles the delay, up to a limit', () => {
  const delays = [0, 1, 2, 3, 50].map((attempt) => delayOf(1006, attempt, 0.999_999));
  expect(delays).toEqual([500, 1000, 2000, 4000, MAX_DELAY_MS]);
});

test('chance spreads the second half of the delay', () => {
  expect(delayOf(1006, 0, 0)).toBe(BASE_DELAY_MS / 2);
  expect(delayOf(1006, 0, 0.5)).toBe(BASE_DELAY_MS * 0.75);
});

test('a busy server is left alone for longer', () => {
  expect(delayOf(1013, 0, 0)).toBe(BUSY_DELAY_MS / 2);
});

function delayOf(code: number, attempt: number, chance: number): number {
  const verdict = afterClose(code, attempt, chance);
  return verdict.kind === 'retry' ? verdict.delayMs : Number.NaN;
}
