import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Connection } from '../connection/connection';
import { fetchIce } from '../connection/ice-api';
import { Pictures } from '../connection/pictures';
import { exposeDiagnostics } from '../diagnostics';
import { Devices } from '../peer/media';
import { Peers } from '../peer/peers';
import { FakePeerConnection } from '../test/fake-pc';
import { FakeSocket, fakeStream } from '../test/fakes';
import { matchedIn, ROOM_A, ROOM_B, TEXT, VIDEO } from '../test/script';
import { Runner } from './runner';
import { TabStorage } from './tab-storage';

let runner: Runner;

beforeEach(() => {
  FakeSocket.made = [];
  FakePeerConnection.made = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  const getUserMedia = async () => fakeStream('audio', 'video');
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
  runner = load();
  FakeSocket.last.opens();
  FakeSocket.last.says(WELCOME);
});

const WELCOME = {
  type: 'welcome',
  session: ROOM_B,
  resume: 'token',
  resumed: false,
  online: 1,
  iceServers: [],
  graceMs: 15_000,
};

function load(): Runner {
  const loaded = new Runner({
    connection: (token, listen) => new Connection({ url: 'ws://host/ws', token, listen }),
    devices: (listen) => new Devices(listen),
    peers: (devices, token, listen) =>
      new Peers({
        media: () => devices.stream,
        listen,
        fetchIce: (signal) => fetchIce(token(), signal),
      }),
    pictures: (token, listen) =>
      new Pictures({ token, lost: (room, problem) => listen({ room, problem }) }),
    storage: new TabStorage(),
  });
  loaded.start();
  return loaded;
}

function sentTypes(): string[] {
  return FakeSocket.last.sent.map((frame) => (JSON.parse(frame) as { type: string }).type);
}

test('goes from start to an offer in the room', async () => {
  runner.act({ kind: 'start', wish: VIDEO });
  await vi.waitFor(() => expect(sentTypes()).toEqual(['join']));
  FakeSocket.last.says(matchedIn(ROOM_A, VIDEO));
  await vi.waitFor(() => expect(sentTypes()).toEqual(['join', 'createOffer']));
  expect(runner.currentPeer).not.toBeNull();
  expect(JSON.parse(FakeSocket.last.sent[1] ?? '')).toMatchObject({ room: ROOM_A });
});

test('next closes the old connection and makes the following one ready', async () => {
  runner.act({ kind: 'start', wish: VIDEO });
  await vi.waitFor(() => expect(sentTypes()).toEqual(['join']));
  FakeSocket.last.says(matchedIn(ROOM_A, VIDEO));
  await vi.waitFor(() => expect(sentTypes()).toContain('createOffer'));
  runner.act({ kind: 'next' });
  await vi.waitFor(() => expect(FakePeerConnection.made).toHaveLength(2));
  expect(FakePeerConnection.made[0]?.log.at(-1)).toBe('closed');
  expect(FakePeerConnection.made[1]?.log).toEqual([]);
  expect(sentTypes().at(-1)).toBe('next');
});

test('text mode makes no peer connection', async () => {
  runner.act({ kind: 'start', wish: TEXT });
  FakeSocket.last.says(matchedIn(ROOM_A, TEXT));
  expect(runner.state().screen.kind).toBe('call');
  await Promise.resolve();
  expect(FakePeerConnection.made).toEqual([]);
});

test('tells its listeners only of changes', () => {
  const listener = vi.fn();
  const forget = runner.subscribe(listener);
  runner.act({ kind: 'next' });
  expect(listener).not.toHaveBeenCalled();
  runner.act({ kind: 'start', wish: TEXT });
  expect(listener).toHaveBeenCalledTimes(1);
  forget();
  runner.act({ kind: 'stop' });
  expect(listener).toHaveBeenCalledTimes(1);
});

test('ends everything on dispose, but keeps the session that a reload comes back to', async () => {
  runner.act({ kind: 'start', wish: VIDEO });
  await vi.waitFor(() => expect(FakePeerConnection.made).toHaveLength(1));
  runner.dispose();
  await vi.waitFor(() => expect(FakePeerConnection.made[0]?.log).toEqual(['closed']));
  expect(FakeSocket.last.closedWith).toBe(1005);
});

test('ends the session with the page where there is nothing to come back to', () => {
  runner.act({ kind: 'start', wish: TEXT });
  runner.act({ kind: 'stop' });
  runner.dispose();
  expect(FakeSocket.last.closedWith).toBe(1000);
});

describe('a page that is loaded again', () => {
  test('resumes without a number and goes into the call with a fresh offer', async () => {
    runner.act({ kind: 'start', wish: VIDEO });
    await vi.waitFor(() => expect(sentTypes()).toEqual(['join']));
    FakeSocket.last.says({ ...matchedIn(ROOM_A, VIDEO), role: 'answerer' });
    runner.dispose();
    runner = load();
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1', 'resume.token']);
    FakeSocket.last.opens();
    const seat = { room: ROOM_A, role: 'answerer', mode: 'video', interests: [] };
    FakeSocket.last.says({ ...WELCOME, resumed: true, lastSeq: 1, ...seat });
    await vi.waitFor(() => expect(sentTypes()).toEqual(['createOffer']));
    expect(JSON.parse(FakeSocket.last.sent[0] ?? '')).toMatchObject({ room: ROOM_A, fresh: true });
  });

  test('begins with nothing after a stop', () => {
    runner.act({ kind: 'start', wish: TEXT });
    expect(window.sessionStorage).toHaveLength(1);
    runner.act({ kind: 'stop' });
    expect(window.sessionStorage).toHaveLength(0);
    runner = load();
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1']);
  });

  test('opens no socket where another tab has the session', () => {
    runner.act({ kind: 'start', wish: TEXT });
    FakeSocket.last.ends(4002);
    const opened = FakeSocket.made.length;
    runner = load();
    expect(FakeSocket.made).toHaveLength(opened);
    runner.act({ kind: 'reopen' });
    expect(FakeSocket.last.protocols).toEqual(['passerby.v1', 'resume.token']);
  });
});

test('an offer made while the server was away is made anew after the resume', async () => {
  runner.act({ kind: 'start', wish: VIDEO });
  await vi.waitFor(() => expect(sentTypes()).toEqual(['join']));
  FakeSocket.last.says(matchedIn(ROOM_A, VIDEO));
  FakeSocket.last.ends(1006);
  await vi.waitFor(() => expect(FakePeerConnection.made[0]?.log).toEqual(['local offer']));
  runner.hurry();
  expect(FakeSocket.last.protocols).toEqual(['passerby.v1', 'resume.token.1']);
  FakeSocket.last.opens();
  const seat = { room: ROOM_A, role: 'offerer', mode: 'video', interests: [] };
  FakeSocket.last.says({ ...WELCOME, resumed: true, lastSeq: 1, ...seat });
  expect(sentTypes()).toEqual(['createOffer']);
});

test('a change of network reaches the link, and the question for credentials the session', async () => {
  vi.useFakeTimers();
  const fetched = vi.fn(async () => Response.json({ iceServers: [], ttl: 60 }));
  vi.stubGlobal('fetch', fetched);
  runner.act({ kind: 'start', wish: VIDEO });
  await vi.waitFor(() => expect(sentTypes()).toEqual(['join']));
  const iceServers = [{ urls: 'turn:turn.example.org', username: 'u', credential: 'c' }];
  FakeSocket.last.says({ ...matchedIn(ROOM_A, VIDEO), iceServers, iceTtl: 60 });
  await vi.waitFor(() => expect(sentTypes()).toContain('createOffer'));
  const pc = FakePeerConnection.made[0];
  pc?.iceBecomes('connected');
  runner.networkChanged();
  expect(pc?.log.at(-1)).toBe('restart');
  vi.setSystemTime(Date.now() + 3_600_000);
  runner.wake();
  expect(fetched).toHaveBeenCalledWith(
    '/api/v1/ice',
    expect.objectContaining({ headers: { authorization: 'Bearer token' } }),
  );
  runner.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

test('the diagnostics say that there is no call', async () => {
  exposeDiagnostics(window, () => runner.currentPeer);
  expect(await window.passerby?.stats()).toEqual({
    framesDecoded: 0,
    framesSent: 0,
    audioBytesReceived: 0,
    connectionState: 'none',
    iceConnectionState: 'none',
    certificates: [],
    localUfrag: '',
    path: null,
    remoteCandidates: [],
    remoteAddresses: [],
  });
});
