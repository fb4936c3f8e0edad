import { beforeEach, expect, type Mock, test, vi } from 'vitest';
import { fetchIce } from './ice-api';

const iceServers = [{ urls: 'turn:turn.example.org', username: 'u', credential: 'c' }];
const signal = new AbortController().signal;

let fetched: Mock<typeof fetch>;

beforeEach(() => {
  fetched = vi.fn(async () => Response.json({ iceServers, ttl: 600 }));
  vi.stubGlobal('fetch', fetched);
});

test('the question names the session and can be dropped', async () => {
  expect(await fetchIce('token', signal)).toEqual({ iceServers, iceTtl: 600 });
  expect(fetched).toHaveBeenCalledWith('/api/v1/ice', {
    headers: { authorization: 'Bearer token' },
    signal,
    cache: 'no-store',
  });
});

test('without a session nothing is asked', async () => {
  await expect(fetchIce(null, signal)).rejects.toThrow('no session');
  expect(fetched).not.toHaveBeenCalled();
});

test.each([
  ['a refusal', new Response('', { status: 401 }), '401'],
  ['a page', new Response('<!doctype html>'), 'JSON'],
  ['another message', Response.json({ iceServers }), 'something else'],
])('%s is no answer', async (_name, response, words) => {
  fetched.mockResolvedValue(response);
  await expect(fetchIce('token', signal)).rejects.toThrow(words);
});
