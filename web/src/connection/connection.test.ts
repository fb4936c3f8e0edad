import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeSocket } from '../test/fakes';
import { Connection, type ConnectionEvent, REPLAY_MS, socketUrl, WELCOME_MS } from './connection';

const WELCOME = {
  type: 'welcome',
  session: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  resume: 'abc',
  resumed: false,
  online: 1,
  iceServers: [],
  graceMs: 15_000,
};

let events: ConnectionEvent[];
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.made = [];
  events = [];
  connection = new Connection({
    url: 'ws://host/ws',
    token: null,
    listen: (event) => events.push(event),
    chance: () => 0,
  });
  connection.open();
});

describe('a connection', () => {
  test('offers the subprotocol', () => {
    expect(FakeSocket.last).toMatchObject({ url: 'ws://host/ws', protocols: ['passerby.v1'] });
  });

  test('passes messages on and drops what it does not understand', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    FakeSocket.last.opens();
    FakeSocket.last.says({ type: 'online', count: 4 });
    FakeSocket.last.says({ type: 'later', count: 4 });
    FakeSocket.last.says({ type: 'online', count: -4 });
    FakeSocket.last.onmessage?.({ data: new ArrayBuffer(4) });
    expect(events).toEqual([{ kind: 'message', message: { type: 'online', count: 4 } }]);
  });

  test('sends only while open', () => {
    expect(connection.send({ type: 'leave' })).toBe(false);
    FakeSocket.last.opens();
    expect(connection.send({ type: 'leave' })).toBe(true);
    expect(FakeSocket.last.sent).toEqual(['{"type":"leave"}']);
  });

  test('tries again after a drop, later each time', () => {
    FakeSocket.last.ends(1006);
    vi.advanceTimersByTime(249);
    expect(FakeSocket.made).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.last.ends(1006);
    expect(events.at(-1)).toEqual({ kind: 'down', verdict: { kind: 'retry', delayMs: 500 } });
  });

  test('a connection that stood for a while ends the run of failures', () => {
    FakeSocket.last.ends(1006);
    vi.advanceTimersByTime(250);
    FakeSocket.last.opens();
    FakeSocket.last.says(WELCOME);
    vi.advanceTimersByTime(10_000);
    FakeSocket.last.ends(1006);
    expect(events.at(-1)).toEqual({ kind: 'down', verdict: { kind: 'retry', delayMs: 250 } });
  });

  test('says once when the server has kept the session for its grace, and no more', () => {
    const lapses = () => events.filter(({ kind }) => kind === 'lapsed').length;
    FakeSocket.last.opens();
    FakeSocket.last.says(WELCOME);
    FakeSocket.last.ends(1006);
    vi.advanceTimersByTime(WELCOME.graceMs - 1);
    expect(lapses()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(lapses()).toBe(1);
    vi.advanceTimersByTime(10 * WELCOME.graceMs);
    expect(lapses()).toBe(1);
  });

  test('does not say so of a session that is back', () => {
    FakeSocket.last.opens();
    FakeSocket.last.says(WELCOME);
    FakeSocket.last.ends(1006);
    vi.advanceTimersByTime(250);
    FakeSocket.last.opens();
    FakeSocket.last.says({ ...WELCOME, resumed: true, lastSeq: 0 });
    vi.advanceTimersByTime(2 * WELCOME.graceMs);
    expect(events.map(({ kind }) => kind)).not.toContain('lapsed');
  });

  test('gives a socket up that brings no welcome', () => {
    FakeSocket.last.opens();
    vi.advanceTimersByTime(WELCOME_MS);
    expect(FakeSocket.last.closedWith).toBe(1005);
    expect(events).toEqual([{ kind: 'down', verdict: { kind: 'retry', delayMs: 250 } }]);
    vi.advanceTimersByTime(250);
    expect(FakeSocket.made).toHaveLength(2);
  });

  test('stays closed after a final close', () => {
    FakeSocket.last.ends(4001);
    vi.runAllTimers();
    expect(FakeSocket.made).toHaveLength(1);
  });

  test('stays closed after a ban was told, however it ends', () => {
    FakeSocket.last.opens();
    FakeSocket.last.says(WELCOME);
    FakeSocket.last.says({ type: 'error', code: 'banned', message: '' });
    FakeSocket.last.ends(1006);
    expect(events.at(-1)).toEqual({ kind: 'down', verdict: { kind: 'final', why: 'banned' } });
    vi.runAllTimers();
    expect(FakeSocket.made).toHaveLength(1);
    connection.open('nothing');
    FakeSocket.last.ends(1006);
    expect(events.at(-1)).toMatchObject({ verdict: { kind: 'retry' } });
  });

  test('hurries only where it waits', () => {
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(1);
    FakeSocket.last.ends(1006);
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(2);
    vi.advanceTimersByTime(WELCOME_MS - 1);
    expect(FakeSocket.made).toHaveLength(2);
  });

  test('a socket that was replaced says nothing any more', () => {
    const old = FakeSocket.last;
    old.opens();
    connection.open();
    old.says({ type: 'online', count: 1 });
    old.ends(1006);
    // Not 1000, which would end the session.
    expect(old.closedWith).toBe(1005);
    expect(events).toEqual([]);
  });

  test('is dead once disposed', () => {
    FakeSocket.last.opens();
    connection.dispose(true);
    FakeSocket.last.says({ type: 'online', count: 1 });
    FakeSocket.last.ends(1006);
    connection.open();
    vi.runAllTimers();
    expect(FakeSocket.last.closedWith).toBe(1000);
    expect(events).toEqual([]);
    expect(FakeSocket.made).toHaveLength(1);
  });
});

describe('a session', () => {
  const back = { ...WELCOME, resumed: true };

  beforeEach(() => {
    FakeSocket.last.opens();
    FakeSocket.last.says(WELCOME);
    FakeSocket.last.says({ type: 'waiting', seq: 1 });
    events.length = 0;
  });

  test('is resumed after a drop, by a subprotocol and not in the address', () => {
    FakeSocket.last.ends(1006);
    vi.advanceTimersByTime(250);
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1', 'resume.abc.1']);
    expect(FakeSocket.last.url).toBe('ws://host/ws');
  });

  test('passes on once what is sent again, and then says so', () => {
    connection.open();
    FakeSocket.last.says({ ...back, lastSeq: 3 });
    for (const seq of [1, 2, 2, 3]) FakeSocket.last.says({ type: 'idle', seq });
    expect(events.map((event) => (event.kind === 'message' ? event.message : event.kind))).toEqual([
      expect.objectContaining({ type: 'welcome', resumed: true }),
      { type: 'idle', seq: 2 },
      { type: 'idle', seq: 3 },
      'replayed',
    ]);
  });

  test('says so too where the end of a replay was left out', () => {
    connection.open();
    FakeSocket.last.says({ ...back, lastSeq: 9 });
    expect(events.at(-1)).not.toEqual({ kind: 'replayed' });
    vi.advanceTimersByTime(REPLAY_MS);
    expect(events.at(-1)).toEqual({ kind: 'replayed' });
  });

  test('does not say so of a replay that broke off', () => {
    connection.open();
    FakeSocket.last.says({ ...back, lastSeq: 9 });
    FakeSocket.last.ends(1006);
    vi.advanceTimersByTime(REPLAY_MS);
    expect(events).not.toContainEqual({ kind: 'replayed' });
  });

  test('is tried for often within its grace, and less often after', () => {
    const delays: number[] = [];
    for (let failure = 0; failure < 40; failure += 1) {
      FakeSocket.last.ends(1006);
      const event = events.at(-1);
      if (event?.kind === 'down' && event.verdict.kind === 'retry') {
        delays.push(event.verdict.delayMs);
        vi.advanceTimersByTime(event.verdict.delayMs);
      }
    }
    expect(delays.slice(0, 5)).toEqual([250, 500, 1000, 1000, 1000]);
    expect(delays.at(-1)).toBe(7_500);
  });

  test('is left out where it is to begin anew', () => {
    connection.open('session');
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1', 'resume.abc']);
    connection.open('nothing');
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1']);
  });

  test('is kept by a page that goes away and may come back', () => {
    connection.dispose(false);
    expect(FakeSocket.last.closedWith).toBe(1005);
  });

  test('is taken up by a page that was loaded again', () => {
    new Connection({ url: 'ws://host/ws', token: 'abc', listen: () => undefined }).open();
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1', 'resume.abc']);
  });
});

test('the socket is beside the page and as secure', () => {
  expect(socketUrl(new URL('https://a.example:8443/x') as unknown as Location)).toBe(
    'wss://a.example:8443/ws',
  );
  expect(socketUrl(new URL('http://localhost:8080/') as unknown as Location)).toBe(
    'ws://localhost:8080/ws',
  );
});
