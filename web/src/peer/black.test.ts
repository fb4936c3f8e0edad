import { expect, test } from 'vitest';
import { allBlack } from './black';

const pixels = (...values: number[]) => new Uint8ClampedArray(values);

test('black is black, with what coding makes of it, whatever is opaque', () => {
  expect(allBlack(pixels(0, 0, 0, 255, 3, 0, 2, 255))).toBe(true);
});

test('one part of a picture that is not black is enough', () => {
  expect(allBlack(pixels(0, 0, 0, 255, 0, 20, 0, 255))).toBe(false);
});
