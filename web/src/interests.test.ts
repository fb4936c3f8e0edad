import { expect, test } from 'vitest';
import { addInterests, comparedForm } from './interests';
import { wellFormedLanguages } from './languages';
import { countCodePoints } from './protocol';

test('splits at commas of several scripts and trims', () => {
  expect(addInterests([], ' music ,board   games，囲碁、 ,,')).toEqual({
    ok: true,
    interests: ['music', 'board games', '囲碁'],
  });
});

test('takes the same interest once, in compared form', () => {
  expect(addInterests(['Rust'], 'rust, ＲＵＳＴ, Straße, STRASSE')).toEqual({
    ok: true,
    interests: ['Rust', 'Straße'],
  });
});

test('takes ten interests and refuses the eleventh', () => {
  const ten = Array.from({ length: 10 }, (_, index) => `interest ${index}`);
  expect(addInterests([], ten.join(','))).toEqual({ ok: true, interests: ten });
  expect(addInterests(ten, 'one more')).toEqual({ ok: false, problem: 'too_many' });
  expect(addInterests(ten, 'INTEREST 3')).toMatchObject({ ok: true });
});

test('counts characters as code points in compared form', () => {
  expect(addInterests([], '𝄞'.repeat(32))).toMatchObject({ ok: true });
  expect(addInterests([], '𝄞'.repeat(33))).toEqual({ ok: false, problem: 'too_long' });
  expect(addInterests([], 'ß'.repeat(16))).toMatchObject({ ok: true });
  expect(addInterests([], 'ß'.repeat(17))).toEqual({ ok: false, problem: 'too_long' });
});

test('compared form folds case fully', () => {
  expect(comparedForm(' ΣΊΣΥΦΟΣ  x')).toBe(comparedForm('σίσυφος X'));
});

test('languages are well-formed tags, at most five', () => {
  expect(wellFormedLanguages(['en-GB', 'en_GB', '', 'de', 'fr', 'es', 'it', 'pt'])).toEqual([
    'en-GB',
    'de',
    'fr',
    'es',
    'it',
  ]);
});

test('a character is a code point', () => {
  expect(countCodePoints('a😀\ud83d')).toBe(3);
});
