import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import type { Still } from '../peer/still';
import { afterAnswer, MAX_RETRIES, MAX_RETRY_MS, RETRY_MS } from './picture-policy';
import { MAX_UNDER_WAY, Pictures } from './pictures';

const still = {} as Still;
const file = new Blob(['picture'], { type: 'image/jpeg' });
const answer = (status: number, retryAfter?: string) =>
  new Response(null, {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  });

let fetched: Mock<typeof fetch>;
let lost: Mock<(room: string, problem: string) => void>;
let pictures: Pictures;
let token: string | null;

beforeEach(() => {
  vi.useFakeTimers();
  fetched = vi.fn(async () => answer(204));
  vi.stubGlobal('fetch', fetched);
  lost = vi.fn();
  token = 'token';
  pictures = new Pictures({ token: () => token, lost, encode: async () => file });
});

describe('a picture', () => {
  test('is posted by whoever holds the token', async () => {
    await pictures.send('room-a', still);
    expect(fetched).toHaveBeenCalledWith('/api/v1/reports/room-a/picture', {
      method: 'POST',
      headers: { authorization: 'Bearer token', 'content-type': 'image/jpeg' },
      body: file,
      signal: expect.any(AbortSignal),
    });
    expect(lost).not.toHaveBeenCalled();
  });

  test.each([
    [400, 'refused'],
    [401, 'gone'],
    [404, 'gone'],
    [413, 'refused'],
    [415, 'refused'],
    [500, 'away'],
  ])('that gets %i is %s, and not tried again', async (status, problem) => {
    fetched.mockResolvedValue(answer(status));
    await pictures.send('room-a', still);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(lost.mock.calls).toEqual([['room-a', problem]]);
  });

  test.each([429, 503])('that gets %i is tried again when it was told to', async (status) => {
    fetched.mockResolvedValueOnce(answer(status, '7'));
    const sent = pictures.send('room-a', still);
    await vi.advanceTimersByTimeAsync(6_999);
    expect(fetched).toHaveBeenCalledTimes(1);
    token = 'token of a new connection';
    await vi.advanceTimersByTimeAsync(1);
    await sent;
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(fetched.mock.lastCall?.[1]?.headers).toMatchObject({ authorization: `Bearer ${token}` });
    expect(lost).not.toHaveBeenCalled();
  });

  test('that arrived although its answer was lost is taken', async () => {
    fetched.mockRejectedValueOnce(new TypeError('offline')).mockResolvedValueOnce(answer(409));
    const sent = pictures.send('room-a', still);
    await vi.runAllTimersAsync();
    await sent;
    expect(lost).not.toHaveBeenCalled();
  });

  test('is given up after three times more', async () => {
    fetched.mockRejectedValue(new TypeError('offline'));
    const sent = pictures.send('room-a', still);
    await vi.runAllTimersAsync();
    await sent;
    expect(fetched).toHaveBeenCalledTimes(1 + MAX_RETRIES);
    expect(lost.mock.calls).toEqual([['room-a', 'away']]);
  });

  test('that the browser can’t make is told', async () => {
    pictures = new Pictures({ token: () => token, lost, encode: async () => null });
    await pictures.send('room-a', still);
    expect(fetched).not.toHaveBeenCalled();
    expect(lost.mock.calls).toEqual([['room-a', 'refused']]);
  });

  test('ends with the page, without a word', async () => {
    fetched.mockResolvedValue(answer(503, '30'));
    const sent = pictures.send('room-a', still);
    await vi.advanceTimersByTimeAsync(0);
    pictures.dispose();
    await sent;
    expect(vi.getTimerCount()).toBe(0);
    expect(lost).not.toHaveBeenCalled();
  });

  test('gives way where too many are under way', async () => {
    fetched.mockResolvedValue(answer(503, '30'));
    for (let room = 0; room <= MAX_UNDER_WAY; room += 1) {
      void pictures.send(`room-${room}`, still);
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(lost.mock.calls).toEqual([['room-0', 'away']]);
    pictures.dispose();
  });
});

describe('a delay', () => {
  const delay = (retryAfter: string | null) =>
    afterAnswer({ status: 503, retryAfter }, 0, Date.UTC(2026, 0, 1));

  test.each([
    [null, RETRY_MS],
    ['', RETRY_MS],
    ['soon', RETRY_MS],
    ['0', 0],
    ['3', 3_000],
    ['86400', MAX_RETRY_MS],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ])('of %j', (retryAfter, delayMs) => {
    expect(delay(retryAfter)).toEqual({ kind: 'retry', delayMs });
  });
});
