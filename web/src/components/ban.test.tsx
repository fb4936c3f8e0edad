import { act, screen } from '@testing-library/react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Script } from '../test/script';
import { show } from '../test/show';
import { dateWords, inWords } from './times';

const NOW = Date.UTC(2026, 2, 12, 14, 30);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});

function banned(more: { reason?: string; until?: number; appeal?: string }) {
  const ban = { type: 'error', code: 'banned', message: '', ...more } as const;
  return show(new Script().welcome().server(ban).state);
}

const words = (id: string) => screen.getByTestId(id).textContent;

describe('a ban', () => {
  test('is told with its reason, its end and how to object', () => {
    banned({ reason: 'Advertising', until: NOW + 23 * HOUR, appeal: 'Write to\na@b.example' });
    expect(words('ban-reason')).toBe('Advertising');
    expect(words('ban-until')).toMatch(/^Until Friday, \d\d:30, in 23 hours\.$/);
    expect(words('ban-appeal')).toBe('Write to\na@b.example');
    expect(screen.getByTestId('kept-link').getAttribute('href')).toBe('#kept');
    expect(screen.queryByTestId('error-notice')).toBeNull();
  });

  test('can be tried again by hand, but only once it is over', () => {
    const actions = banned({ until: NOW + 2 * MINUTE });
    const button = screen.getByTestId<HTMLButtonElement>('reopen');
    expect(button.disabled).toBe(true);
    act(() => vi.advanceTimersByTime(2 * MINUTE - 1_000));
    expect(words('ban-until')).toMatch(/in 1 second\.$/);
    expect(button.disabled).toBe(true);
    act(() => vi.advanceTimersByTime(1_000));
    expect(button.disabled).toBe(false);
    expect(actions).toEqual([]);
    act(() => button.click());
    expect(actions).toEqual([{ kind: 'reopen' }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('for good offers no button and a plain word', () => {
    banned({ reason: 'Threats' });
    expect(words('ban-until')).toBe('For good.');
    expect(screen.queryByTestId('reopen')).toBeNull();
  });

  test('without words says that there were none', () => {
    banned({ until: NOW + DAY, reason: '' });
    expect(words('ban-reason')).toBe('No reason was given.');
    expect(words('ban-appeal')).toMatch(/whoever runs/);
  });

  test('of which only the close code told can be tried again at once', () => {
    const verdict = { kind: 'final', why: 'banned' } as const;
    const page = new Script().welcome();
    const actions = show(page.play({ kind: 'connection', event: { kind: 'down', verdict } }).state);
    act(() => screen.getByTestId('reopen').click());
    expect(actions).toEqual([{ kind: 'reopen' }]);
  });

  test('is shown as text', () => {
    banned({ reason: '<b>spam</b>' });
    expect(words('ban-reason')).toBe('<b>spam</b>');
  });
});

describe('times in words', () => {
  test.each([
    [0, 'in 1 second'],
    [2_400, 'in 3 seconds'],
    [61_000, 'in 2 minutes'],
    [59 * MINUTE, 'in 59 minutes'],
    [HOUR - 1, 'in 1 hour'],
    [47 * HOUR, 'in 47 hours'],
    [2 * DAY, 'in 2 days'],
    [30 * DAY, 'in 30 days'],
  ])('%i ms', (ms, expected) => {
    expect(inWords(ms)).toBe(expected);
  });

  test.each([
    [NOW + HOUR, 'Europe/Zurich', 'Thursday, 16:30'],
    [NOW + DAY, 'UTC', 'Friday, 14:30'],
    [NOW + 10 * HOUR, 'Asia/Tokyo', 'Friday, 09:30'],
    [NOW + 9.5 * HOUR, 'UTC', 'Friday, 00:00'],
    [NOW + 7 * DAY, 'UTC', '19 March, 14:30'],
    [NOW + 300 * DAY, 'UTC', '6 January 2027, 14:30'],
  ])('%i in %s', (at, zone, expected) => {
    expect(dateWords(at, NOW, zone)).toBe(expected);
  });
});
