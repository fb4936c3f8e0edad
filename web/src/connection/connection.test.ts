import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeSocket } from '../test/fakes';
import { Connection, type ConnectionEvent, socketUrl } from './connection';

let events: ConnectionEvent[];
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.made = [];
  events = [];
  connection = new Connection({
    url: 'ws://host/ws',
    listen: (event) => events.push(event),
    chance: () => 0,
  });
  connection.open();
});

describe('a connection', () => {
  test('offers the subprotocol', () => {
    expect(FakeSocket.last).toMatchObject({ url: 'ws://host/ws', protocol: 'passerby.v1' });
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
    vi.advanceTimersByTime(10_000);
    FakeSocket.last.ends(1006);
    expect(events.at(-1)).toEqual({ kind: 'down', verdict: { kind: 'retry', delayMs: 250 } });
  });

  test('stays closed after a final close', () => {
    FakeSocket.last.ends(4001);
    vi.runAllTimers();
    expect(FakeSocket.made).toHaveLength(1);
  });

  test('hurries only where it waits', () => {
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(1);
    FakeSocket.last.ends(1006);
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(2);
    vi.runAllTimers();
    expect(FakeSocket.made).toHaveLength(2);
  });

  test('a socket that was replaced says nothing any more', () => {
    const old = FakeSocket.last;
    old.opens();
    connection.open();
    old.says({ type: 'online', count: 1 });
    old.ends(1006);
    expect(old.closedWith).toBe(1000);
    expect(events).toEqual([]);
  });

  test('is dead once disposed', () => {
    FakeSocket.last.opens();
    connection.dispose();
    FakeSocket.last.says({ type: 'online', count: 1 });
    FakeSocket.last.ends(1006);
    connection.open();
    vi.runAllTimers();
    expect(FakeSocket.last.closedWith).toBe(1000);
    expect(events).toEqual([]);
    expect(FakeSocket.made).toHaveLength(1);
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
