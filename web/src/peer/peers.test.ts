import { beforeEach, expect, test, vi } from 'vitest';
import { FakePeerConnection } from '../test/fake-pc';
import { fakeStream } from '../test/fakes';
import { type PeerEvent, Peers, type RoomTerms } from './peers';

let events: PeerEvent[];
let peers: Peers;

beforeEach(() => {
  FakePeerConnection.made = [];
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  events = [];
  const media = fakeStream('audio', 'video');
  peers = new Peers(
    () => media,
    (event) => events.push(event),
  );
});

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
  peers.start(terms('a'));
  await settle();
  expect(FakePeerConnection.made).toHaveLength(1);
  expect(pcAt(0).log).toEqual(['local offer']);
});

test('every connection has a certificate of its own', async () => {
  for (const room of ['a', 'b', 'c']) {
    peers.prepare();
    peers.start(terms(room));
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
  peers.start(terms('a', 'answerer'));
  await settle();
  peers.receive({ type: 'createOffer', room: 'b', sdp: 'x' });
  await settle();
  expect(pcAt(0).log).toEqual([]);
});

test('events carry the room that they are of', async () => {
  peers.start(terms('a'));
  await settle();
  peers.start(terms('b'));
  await settle();
  pcAt(0).becomes('connected');
  pcAt(1).becomes('connected');
  expect(events.filter(({ kind }) => kind === 'state').map(({ room }) => room)).toEqual(['b']);
  expect(pcAt(0).log.at(-1)).toBe('closed');
});

test.each(['offerer', 'answerer'] as const)(
  'a fresh offer is answered from a new connection by the %s',
  async (role) => {
    peers.start(terms('a', role));
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

test('a private room uses relays only', async () => {
  peers.start({ ...terms('a'), relayOnly: true });
  await settle();
  expect(pcAt(0).configuration.iceTransportPolicy).toBe('relay');
});
