import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import type { IceTerms } from '../protocol';
import { FakePeerConnection } from '../test/fake-pc';
import { fakeStream } from '../test/fakes';
import { DOUBT_MS, MAX_ANEW, type PeerEvent, Peers, type RoomTerms } from './peers';

let events: PeerEvent[];
let peers: Peers;
let fetchIce: Mock<(signal: AbortSignal) => Promise<IceTerms>>;

beforeEach(() => {
  FakePeerConnection.made = [];
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  events = [];
  const media = fakeStream('audio', 'video');
  fetchIce = vi.fn(() => new Promise<never>(() => undefined));
  peers = new Peers({
    media: () => media,
    listen: (event) => events.push(event),
    fetchIce: (signal) => fetchIce(signal),
  });
});

/** As a room begins: the offerer offers. */
function begin(of: RoomTerms): void {
  peers.start(of, of.role === 'offerer' ? 'offer' : 'wait');
}

function terms(room: string, role: RoomTerms['role'] = 'offerer'): RoomTerms {
  return { room, role, iceServers: [], relayOnly: false };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function pcAt(index: number): FakePeerConnection {
  const pc = FakePeerConnection.made[index];
  if (pc === undefined) throw new Error(`no connection ${index}`);
  return pc;
}

test('the connection that stands ready serves the next room', async () => {
  peers.prepare();
  await settle();
  expect(pcAt(0).log).toEqual([]);
  expect(pcAt(0).added).toEqual(['audio', 'video']);
  begin(terms('a'));
  await settle();
  expect(FakePeerConnection.made).toHaveLength(1);
  expect(pcAt(0).log).toEqual(['local offer']);
});

test('every connection has a certificate of its own', async () => {
  for (const room of ['a', 'b', 'c']) {
    peers.prepare();
    begin(terms(room));
    await settle();
    peers.stop();
  }
  const certificates = FakePeerConnection.made.map(({ configuration }) =>
    JSON.stringify(configuration.certificates),
  );
  expect(new Set(certificates).size).toBe(3);
});

test('a connection that stood ready in vain is closed', async () => {
  peers.prepare();
  await settle();
  peers.stop();
  await settle();
  expect(pcAt(0).log).toEqual(['closed']);
});

test('a signal of another room reaches no connection', async () => {
  begin(terms('a', 'answerer'));
  await settle();
  peers.receive({ type: 'createOffer', room: 'b', sdp: 'x' });
  await settle();
  expect(pcAt(0).log).toEqual([]);
});

test('events carry the room that they are of', async () => {
  begin(terms('a'));
  await settle();
  begin(terms('b'));
  await settle();
  pcAt(0).becomes('connected');
  pcAt(1).becomes('connected');
  expect(events.filter(({ kind }) => kind === 'state').map(({ room }) => room)).toEqual(['b']);
  expect(pcAt(0).log.at(-1)).toBe('closed');
});

test.each(['offerer', 'answerer'] as const)(
  'a fresh offer is answered from a new connection by the %s',
  async (role) => {
    begin(terms('a', role));
    await settle();
    events.length = 0;
    peers.receive({ type: 'createOffer', room: 'a', sdp: 'anew', fresh: true });
    await settle();
    expect(pcAt(0).log.at(-1)).toBe('closed');
    expect(pcAt(1).log).toEqual(['remote anew', 'local answer']);
    expect(events).toEqual([
      { kind: 'signal', room: 'a', signal: { type: 'createAnswer', room: 'a', sdp: 'answer 1.1' } },
    ]);
  },
);

describe('relays only', () => {
  test('is what a private room allows, also of a connection that stood ready', async () => {
    peers.prepare();
    await settle();
    begin({ ...terms('a'), relayOnly: true });
    await settle();
    expect(pcAt(0).gathered).toEqual(['relay']);
  });

  test('is what a connection allows while nobody knows better', async () => {
    peers.prepare();
    await settle();
    expect(pcAt(0).configuration.iceTransportPolicy).toBe('relay');
    begin(terms('a'));
    await settle();
    expect(pcAt(0).gathered).toEqual(['all']);
  });

  test('holds for a link that begins anew', async () => {
    begin({ ...terms('a', 'answerer'), relayOnly: true });
    await settle();
    peers.receive({ type: 'createOffer', room: 'a', sdp: 'anew', fresh: true });
    await settle();
    expect(pcAt(1).gathered).toEqual(['relay']);
  });
});

describe('credentials', () => {
  const ice = (credential: string): IceTerms => ({
    iceServers: [{ urls: 'turn:turn.example.org', username: 'u', credential }],
    iceTtl: 100,
  });
  const credentialOf = (pc: FakePeerConnection) => pc.configuration.iceServers?.[0]?.credential;

  beforeEach(() => {
    vi.useFakeTimers();
  });

  test('are renewed for the link of the room, and for one that begins anew', async () => {
    fetchIce.mockResolvedValue(ice('second'));
    begin({ ...terms('a', 'answerer'), ...ice('first') });
    await settle();
    expect(credentialOf(pcAt(0))).toBe('first');
    await vi.advanceTimersByTimeAsync(80_000);
    expect(fetchIce).toHaveBeenCalledTimes(1);
    expect(credentialOf(pcAt(0))).toBe('second');
    peers.receive({ type: 'createOffer', room: 'a', sdp: 'anew', fresh: true });
    await settle();
    expect(credentialOf(pcAt(1))).toBe('second');
  });

  test('that come with the server’s return are there before a restart', async () => {
    begin({ ...terms('a'), ...ice('first') });
    await settle();
    peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to ours' });
    await settle();
    peers.hold();
    let atRestart: unknown;
    pcAt(0).restartIce = () => {
      atRestart = credentialOf(pcAt(0));
    };
    peers.resume(ice('second'));
    expect(atRestart).toBe('second');
  });

  test('that ended are asked for before a restart', async () => {
    let answer: (ice: IceTerms) => void = () => undefined;
    fetchIce.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    begin({ ...terms('a'), ...ice('first') });
    await settle();
    await vi.advanceTimersByTimeAsync(99_000);
    pcAt(0).iceBecomes('failed');
    expect(pcAt(0).log).not.toContain('restart');
    answer(ice('second'));
    await settle();
    expect(pcAt(0).log).toContain('restart');
    expect(credentialOf(pcAt(0))).toBe('second');
  });

  test('are asked for at once when the page is back and they are overdue', async () => {
    begin({ ...terms('a'), ...ice('first') });
    await settle();
    peers.wake();
    expect(fetchIce).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 3_600_000);
    peers.wake();
    expect(fetchIce).toHaveBeenCalledTimes(1);
  });

  test('are forgotten with the room', async () => {
    begin({ ...terms('a'), ...ice('first') });
    await settle();
    peers.stop();
    await vi.advanceTimersByTimeAsync(200_000);
    peers.wake();
    peers.networkChanged();
    expect(fetchIce).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of an earlier room reach no later one', async () => {
    let answer: (ice: IceTerms) => void = () => undefined;
    fetchIce.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    begin({ ...terms('a'), ...ice('first') });
    await vi.advanceTimersByTimeAsync(80_000);
    begin({ ...terms('b'), ...ice('other') });
    await settle();
    answer(ice('late'));
    await settle();
    expect(credentialOf(pcAt(1))).toBe('other');
  });
});

test('a change of network restarts the link of the room', async () => {
  begin(terms('a', 'answerer'));
  await settle();
  peers.networkChanged();
  expect(pcAt(0).log).toEqual([]);
  peers.receive({ type: 'createOffer', room: 'a', sdp: 'theirs' });
  await settle();
  pcAt(0).iceBecomes('connected');
  peers.networkChanged();
  expect(pcAt(0).log.at(-1)).toBe('restart');
});

describe('fresh offers of both sides', () => {
  const theirs = { type: 'createOffer', room: 'a', sdp: 'theirs', fresh: true } as const;
  const signals = () => events.flatMap((event) => (event.kind === 'signal' ? [event.signal] : []));

  test('are said to be fresh', async () => {
    peers.start(terms('a', 'answerer'), 'fresh');
    await settle();
    expect(signals()).toEqual([{ type: 'createOffer', room: 'a', sdp: 'offer 0.1', fresh: true }]);
    peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to ours' });
    await settle();
    pcAt(0).restartIce();
    await settle();
    expect(signals()[1]).toEqual({ type: 'createOffer', room: 'a', sdp: 'offer 0.2' });
  });

  test('the offerer keeps its own', async () => {
    peers.start(terms('a', 'offerer'), 'fresh');
    await settle();
    peers.receive(theirs);
    peers.receive({ type: 'addIceCandidate', room: 'a', candidate: { candidate: 'theirs' } });
    await settle();
    expect(FakePeerConnection.made).toHaveLength(1);
    peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to ours' });
    await settle();
    expect(pcAt(0).signalingState).toBe('stable');
    expect(signals().map(({ type }) => type)).toEqual(['createOffer']);
  });

  test('the answerer drops its own and answers from a new connection', async () => {
    peers.start(terms('a', 'answerer'), 'fresh');
    await settle();
    peers.receive(theirs);
    await settle();
    expect(pcAt(0).log.at(-1)).toBe('closed');
    expect(pcAt(1).log).toEqual(['remote theirs', 'local answer']);
    expect(signals().map(({ type }) => type)).toEqual(['createOffer', 'createAnswer']);
  });

  test('one after the other: the later replaces the link of the earlier', async () => {
    peers.start(terms('a', 'offerer'), 'fresh');
    await settle();
    peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to ours' });
    // The answer is still being taken when the offer comes.
    peers.receive(theirs);
    await settle();
    expect(pcAt(0).log.at(-1)).toBe('closed');
    expect(pcAt(1).log).toEqual(['remote theirs', 'local answer']);
  });

  test.each(['offerer', 'answerer'] as const)(
    'outlast an offer for the link that they replace (%s)',
    async (role) => {
      peers.start(terms('a', role), 'fresh');
      await settle();
      peers.receive({ type: 'createOffer', room: 'a', sdp: 'of the old link' });
      peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to ours' });
      await settle();
      expect(pcAt(0).log).toEqual(['local offer', 'remote to ours']);
    },
  );

  test('of which one went to a page that is gone: it is made again', async () => {
    vi.useFakeTimers();
    peers.start(terms('a', 'offerer'), 'fresh');
    await settle();
    peers.receive(theirs);
    vi.advanceTimersByTime(DOUBT_MS);
    await settle();
    expect(pcAt(0).log.at(-1)).toBe('closed');
    expect(signals().at(-1)).toEqual({
      type: 'createOffer',
      room: 'a',
      sdp: 'offer 1.1',
      fresh: true,
    });
  });

  test('of which one may be lost with the connection to the server: likewise', async () => {
    vi.useFakeTimers();
    peers.start(terms('a', 'answerer'), 'fresh');
    await settle();
    peers.hold();
    peers.resume({ iceServers: [] });
    await settle();
    expect(signals()).toHaveLength(1);
    vi.advanceTimersByTime(DOUBT_MS);
    await settle();
    expect(signals()).toHaveLength(2);
    peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to ours' });
    await settle();
    peers.repeat();
    vi.advanceTimersByTime(DOUBT_MS);
    await settle();
    expect(signals()).toHaveLength(2);
  });

  test('whose answers cross begin anew, a few times', async () => {
    peers.start(terms('a', 'answerer'), 'fresh');
    for (let round = 0; round < MAX_ANEW + 3; round += 1) {
      await settle();
      peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to an older offer' });
      peers.receive({ type: 'createAnswer', room: 'a', sdp: 'to this one' });
    }
    await settle();
    expect(FakePeerConnection.made).toHaveLength(1 + MAX_ANEW);
  });

  test('are forgotten with the room', async () => {
    vi.useFakeTimers();
    peers.start(terms('a', 'offerer'), 'fresh');
    await settle();
    peers.receive(theirs);
    peers.stop();
    vi.advanceTimersByTime(DOUBT_MS);
    await settle();
    expect(FakePeerConnection.made).toHaveLength(1);
  });
});
