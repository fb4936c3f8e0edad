import { beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import type { Role, Signal } from '../protocol';
import { FakePeerConnection } from '../test/fake-pc';
import { FakeTrack, fakeStream } from '../test/fakes';
import { OVERDUE_MS } from './ice-care';
import { type Begins, type LinkEvent, type LinkOptions, PeerLink } from './link';
import { prepare } from './standby';

const room = 'room-a';

interface Side {
  readonly link: PeerLink;
  readonly events: LinkEvent[];
  readonly signals: Signal[];
  readonly confused: Mock;
  pc(): FakePeerConnection;
}

beforeEach(() => {
  FakePeerConnection.made = [];
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.spyOn(console, 'debug').mockImplementation(() => undefined);
});

function side(
  role: Role,
  media: MediaStream | null = fakeStream('audio', 'video'),
  begins: Begins = role === 'offerer' ? 'offer' : 'wait',
  more: Partial<LinkOptions> = {},
): Side {
  const events: LinkEvent[] = [];
  const signals: Signal[] = [];
  const confused = vi.fn();
  const link = new PeerLink({
    room,
    role,
    begins,
    standby: prepare(media),
    iceServers: [{ urls: 'stun:turn.example.org' }],
    relayOnly: false,
    ready: () => null,
    listen: (event) => {
      events.push(event);
      if (event.kind === 'signal') signals.push(event.signal);
    },
    confused,
    ...more,
  });
  const pc = () => link.pc as unknown as FakePeerConnection;
  return { link, events, signals, confused, pc };
}

/** Lets everything that is only waiting for promises happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function candidate(name: string): Signal {
  return { type: 'addIceCandidate', room, candidate: { candidate: name, sdpMid: '0' } };
}

describe('the first offer', () => {
  test('comes from the offerer and names the room', async () => {
    const offerer = side('offerer');
    await settle();
    expect(offerer.signals).toEqual([{ type: 'createOffer', room, sdp: 'offer 0.1' }]);
  });

  test('is awaited by the answerer, whatever its tracks ask for', async () => {
    const answerer = side('answerer');
    await settle();
    answerer.pc().onnegotiationneeded?.();
    await settle();
    expect(answerer.signals).toEqual([]);
    await answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    expect(answerer.signals).toEqual([{ type: 'createAnswer', room, sdp: 'answer 0.1' }]);
  });

  test('asks for the kinds that its sender has not', async () => {
    const offerer = side('offerer', null);
    await settle();
    expect(offerer.pc().log).toEqual([
      'transceiver audio recvonly',
      'transceiver video recvonly',
      'local offer',
    ]);
    const withSound = side('offerer', fakeStream('audio'));
    await settle();
    expect(withSound.pc().log[0]).toBe('transceiver video recvonly');
  });

  test('keeps the certificate and takes the servers of the room', async () => {
    const offerer = side('offerer');
    await settle();
    expect(offerer.pc().configuration).toMatchObject({
      iceServers: [{ urls: 'stun:turn.example.org' }],
      iceTransportPolicy: 'all',
      iceCandidatePoolSize: 0,
      certificates: [{ certificate: FakePeerConnection.certificates }],
    });
  });
});

describe('glare', () => {
  test('the polite side rolls its offer back and answers', async () => {
    const polite = side('answerer');
    await settle();
    await polite.link.receive({ type: 'createOffer', room, sdp: 'first' });
    polite.pc().onnegotiationneeded?.();
    await settle();
    await polite.link.receive({ type: 'createOffer', room, sdp: 'second' });
    expect(polite.pc().log.slice(-4)).toEqual([
      'local offer',
      'rollback',
      'remote second',
      'local answer',
    ]);
    expect(polite.signals.map(({ type }) => type)).toEqual([
      'createAnswer',
      'createOffer',
      'createAnswer',
    ]);
  });

  test('the impolite side ignores the offer and its candidates', async () => {
    const impolite = side('offerer');
    await settle();
    await impolite.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    await impolite.link.receive(candidate('of the ignored offer'));
    expect(impolite.pc().log).toEqual(['local offer']);
    await impolite.link.receive({ type: 'createAnswer', room, sdp: 'to ours' });
    expect(impolite.pc().signalingState).toBe('stable');
    expect(impolite.pc().remoteDescription?.sdp).toBe('to ours');
  });

  test('between two links ends in one answer and two stable sides', async () => {
    const offerer = side('offerer');
    const answerer = side('answerer');
    await settle();
    await exchange(offerer, answerer);
    offerer.pc().onnegotiationneeded?.();
    answerer.pc().onnegotiationneeded?.();
    await settle();
    await exchange(offerer, answerer);
    expect(offerer.pc().signalingState).toBe('stable');
    expect(answerer.pc().signalingState).toBe('stable');
    expect(answerer.pc().remoteDescription?.sdp).toBe('offer 0.2');
    expect(offerer.pc().log).not.toContain('rollback');
  });
});

/** Carries signals across until both sides are silent. */
async function exchange(a: Side, b: Side): Promise<void> {
  while (a.signals.length + b.signals.length > 0) {
    const [toB, toA] = [a.signals.splice(0), b.signals.splice(0)];
    for (const signal of toB) void b.link.receive(signal);
    for (const signal of toA) void a.link.receive(signal);
    await settle();
  }
}

describe('candidates', () => {
  test('wait for their description', async () => {
    const answerer = side('answerer');
    await answerer.link.receive(candidate('early'));
    await answerer.link.receive({ type: 'addIceCandidate', room, candidate: null });
    expect(answerer.pc().log).toEqual([]);
    await answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    await settle();
    expect(answerer.pc().log.slice(0, 3)).toEqual([
      'remote theirs',
      'candidate early',
      'candidate end',
    ]);
  });

  test('keep their order when they come before the link is open', async () => {
    const answerer = side('answerer');
    void answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    void answerer.link.receive(candidate('one'));
    void answerer.link.receive(candidate('two'));
    await settle();
    expect(answerer.pc().log.filter((entry) => entry.startsWith('candidate'))).toEqual([
      'candidate one',
      'candidate two',
    ]);
  });

  test('are sent as they come, the end as null', async () => {
    const offerer = side('offerer');
    await settle();
    offerer.pc().onicecandidate?.({ candidate: { toJSON: () => ({ candidate: 'c' }) } });
    offerer.pc().onicecandidate?.({ candidate: null });
    expect(offerer.signals.slice(1)).toEqual([
      { type: 'addIceCandidate', room, candidate: { candidate: 'c' } },
      { type: 'addIceCandidate', room, candidate: null },
    ]);
  });
});

describe('a hostile partner', () => {
  test('cannot break the link with an answer out of place', async () => {
    const answerer = side('answerer');
    await answerer.link.receive({ type: 'createAnswer', room, sdp: 'to nothing' });
    await answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    expect(answerer.signals).toEqual([{ type: 'createAnswer', room, sdp: 'answer 0.1' }]);
  });
});

describe('while the server is away', () => {
  /** An answerer that has answered and is connected. */
  async function answered(): Promise<Side> {
    const answerer = side('answerer');
    await answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    answerer.pc().becomes('connected');
    answerer.signals.length = 0;
    return answerer;
  }

  test('nothing is said; an offer made meanwhile is said after it', async () => {
    const link = await answered();
    link.link.hold();
    link.pc().restartIce();
    await settle();
    link.pc().onicecandidate?.({ candidate: { toJSON: () => ({ candidate: 'c' }) } });
    expect(link.signals).toEqual([]);
    expect(link.link.resume()).toBe(true);
    expect(link.signals).toEqual([{ type: 'createOffer', room, sdp: 'offer 0.2' }]);
  });

  test('an offer that may have been lost on the way is said again', async () => {
    const offerer = side('offerer');
    await settle();
    offerer.link.hold();
    offerer.link.resume();
    const offer = { type: 'createOffer', room, sdp: 'offer 0.1' };
    expect(offerer.signals).toEqual([offer, offer]);
  });

  test('an answer made meanwhile is said after it', async () => {
    const answerer = side('answerer');
    await settle();
    void answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    answerer.link.hold();
    await settle();
    expect(answerer.signals).toEqual([]);
    answerer.link.resume();
    expect(answerer.signals).toEqual([{ type: 'createAnswer', room, sdp: 'answer 0.1' }]);
  });

  test('a link that stands is left alone', async () => {
    const link = await answered();
    link.link.hold();
    link.link.resume();
    await settle();
    expect(link.signals).toEqual([]);
    expect(link.pc().log).not.toContain('restart');
  });

  test('a link that is still searching searches anew: its candidates may be lost', async () => {
    const answerer = side('answerer');
    await answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    answerer.link.hold();
    answerer.link.resume();
    await settle();
    expect(answerer.pc().log).toContain('restart');
    expect(answerer.signals.at(-1)).toMatchObject({ type: 'createOffer' });
  });

  test('a fresh offer is said again only where it was surely not sent', async () => {
    const sent = side('answerer', fakeStream('video'), 'fresh');
    await settle();
    sent.link.hold();
    expect(sent.link.resume()).toBe(false);
    expect(sent.signals).toHaveLength(1);
    const unsent = side('answerer', fakeStream('video'), 'fresh');
    unsent.link.hold();
    await settle();
    expect(unsent.signals).toEqual([]);
    expect(unsent.link.resume()).toBe(true);
    expect(unsent.signals).toMatchObject([{ type: 'createOffer', fresh: true }]);
  });

  test('of the partner: an offer that it may not have got is said again', async () => {
    const offerer = side('offerer');
    await settle();
    expect(offerer.link.repeat()).toBe(true);
    expect(offerer.signals).toHaveLength(2);
    await offerer.link.receive({ type: 'createAnswer', room, sdp: 'to ours' });
    await offerer.link.receive({ type: 'createAnswer', room, sdp: 'to ours, again' });
    offerer.link.repeat();
    expect(offerer.signals).toHaveLength(2);
    expect(offerer.confused).not.toHaveBeenCalled();
  });
});

describe('a disposed link', () => {
  test('is dead: its callbacks and late signals reach nobody', async () => {
    const offerer = side('offerer');
    await settle();
    const pc = offerer.pc();
    // A browser may have queued these before the connection was closed.
    const { onicecandidate, onconnectionstatechange, ontrack, oniceconnectionstatechange } = pc;
    offerer.link.dispose();
    offerer.events.length = 0;
    onicecandidate?.({ candidate: null });
    onconnectionstatechange?.();
    ontrack?.({ track: new FakeTrack('video') });
    oniceconnectionstatechange?.();
    expect(pc.onicecandidate).toBeNull();
    await offerer.link.receive({ type: 'createAnswer', room, sdp: 'late' });
    expect(offerer.events).toEqual([]);
    expect(pc.log.at(-1)).toBe('closed');
  });

  test('closes a connection that gets ready only afterwards', async () => {
    const offerer = side('offerer');
    offerer.link.dispose();
    await settle();
    expect(FakePeerConnection.made[0]?.log).toEqual(['closed']);
    expect(offerer.events).toEqual([]);
  });

  test('sends no answer to an offer that was being taken', async () => {
    const answerer = side('answerer');
    await settle();
    void answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    await Promise.resolve();
    answerer.link.dispose();
    await settle();
    expect(answerer.signals).toEqual([]);
  });
});

describe('the path', () => {
  test('that broke is mended by the offerer', async () => {
    const [offerer, answerer] = [side('offerer'), side('answerer')];
    await settle();
    await exchange(offerer, answerer);
    for (const { pc } of [offerer, answerer]) pc().iceBecomes('failed');
    await settle();
    expect(offerer.signals).toEqual([{ type: 'createOffer', room, sdp: 'offer 0.2' }]);
    expect(answerer.signals).toEqual([]);
  });

  test('is searched anew by whoever’s network changed', async () => {
    const answerer = side('answerer');
    await answerer.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
    answerer.pc().iceBecomes('connected');
    answerer.link.networkChanged();
    await settle();
    expect(answerer.signals.at(-1)).toEqual({ type: 'createOffer', room, sdp: 'offer 0.2' });
  });

  test('that both search anew ends in one answer', async () => {
    const [offerer, answerer] = [side('offerer'), side('answerer')];
    await settle();
    await exchange(offerer, answerer);
    for (const { link, pc } of [offerer, answerer]) {
      pc().iceBecomes('connected');
      link.networkChanged();
    }
    await settle();
    await exchange(offerer, answerer);
    expect([offerer, answerer].map(({ pc }) => pc().signalingState)).toEqual(['stable', 'stable']);
    expect(offerer.pc().log).not.toContain('rollback');
    expect(answerer.pc().remoteDescription?.sdp).toBe('offer 0.2');
  });

  test('is searched anew only when signals have a way, and then once', async () => {
    const offerer = side('offerer');
    await settle();
    await offerer.link.receive({ type: 'createAnswer', room, sdp: 'to ours' });
    offerer.pc().becomes('connected');
    offerer.pc().iceBecomes('connected');
    offerer.link.hold();
    offerer.link.networkChanged();
    offerer.link.networkChanged();
    await settle();
    expect(offerer.pc().log).not.toContain('restart');
    offerer.link.resume();
    await settle();
    expect(offerer.pc().log.filter((entry) => entry === 'restart')).toHaveLength(1);
    expect(offerer.signals.at(-1)).toEqual({ type: 'createOffer', room, sdp: 'offer 0.2' });
  });

  test('is overdue when it does not come', async () => {
    vi.useFakeTimers();
    const answerer = side('answerer');
    await settle();
    vi.advanceTimersByTime(OVERDUE_MS);
    expect(answerer.events).toEqual([{ kind: 'overdue' }]);
  });
});

describe('credentials', () => {
  const fresh = [{ urls: 'turn:turn.example.org', username: 'u', credential: 'new' }];

  test('that are renewed serve the next search, all else staying as it is', async () => {
    const offerer = side('offerer', null, 'offer', { relayOnly: true });
    await settle();
    const before = offerer.pc().configuration;
    offerer.link.renew(fresh);
    expect(offerer.pc().configuration).toEqual({ ...before, iceServers: fresh });
    expect(offerer.pc().log).not.toContain('restart');
  });

  test('that are renewed before the link is open serve its first search', async () => {
    const offerer = side('offerer');
    offerer.link.renew(fresh);
    await settle();
    expect(offerer.pc().configuration.iceServers).toEqual(fresh);
  });

  test('that the browser refuses spoil nothing', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const offerer = side('offerer');
    await settle();
    offerer.pc().setConfiguration = () => {
      throw new SyntaxError('no such scheme');
    };
    offerer.link.renew(fresh);
    expect(warn).toHaveBeenCalled();
  });

  test('that have ended are waited for by a restart, by several at once', async () => {
    let renew: () => void = () => undefined;
    const ready = vi.fn(() => new Promise<void>((resolve) => (renew = resolve)));
    const offerer = side('offerer', null, 'offer', { ready });
    await settle();
    offerer.pc().iceBecomes('failed');
    offerer.link.networkChanged();
    await settle();
    expect(offerer.pc().log).not.toContain('restart');
    expect(ready).toHaveBeenCalledTimes(1);
    renew();
    await settle();
    expect(offerer.pc().log.filter((entry) => entry === 'restart')).toHaveLength(1);
  });

  test('are waited for by no link that is over', async () => {
    let renew: () => void = () => undefined;
    const ready = () => new Promise<void>((resolve) => (renew = resolve));
    const offerer = side('offerer', null, 'offer', { ready });
    await settle();
    const pc = offerer.pc();
    pc.iceBecomes('failed');
    offerer.link.dispose();
    offerer.link.renew(fresh);
    renew();
    await settle();
    expect(pc.log.at(-1)).toBe('closed');
    expect(pc.configuration.iceServers).not.toEqual(fresh);
  });
});

describe('a partner’s hidden address', () => {
  const relay = 'candidate:2 1 udp 1 198.51.100.9 5000 typ relay';

  test('has its relays made whole before the browser sees them', async () => {
    const answerer = side('answerer');
    const sdp = `v=0\r\na=${relay}\r\n`;
    await answerer.link.receive({ type: 'createOffer', room, sdp });
    await answerer.link.receive(candidate(relay));
    const whole = `${relay} raddr 0.0.0.0 rport 9`;
    expect(answerer.pc().remoteDescription?.sdp).toBe(`v=0\r\na=${whole}\r\n`);
    expect(answerer.pc().log.at(-1)).toBe(`candidate ${whole}`);
  });
});

describe('a hidden address', () => {
  const hides: Partial<LinkOptions> = { relayOnly: true };
  const found = (text: string) => ({ candidate: { toJSON: () => ({ candidate: text }) } });

  test.each(['offerer', 'answerer'] as const)(
    'is hidden before the %s looks for candidates',
    async (role) => {
      const link = side(role, fakeStream('video'), undefined, hides);
      await link.link.receive({ type: 'createOffer', room, sdp: 'theirs' });
      link.pc().restartIce();
      await settle();
      expect(new Set(link.pc().gathered)).toEqual(new Set(['relay']));
    },
  );

  test('is not told by a candidate that a browser should not have found', async () => {
    const offerer = side('offerer', null, 'offer', hides);
    await settle();
    offerer.signals.length = 0;
    offerer.pc().onicecandidate?.(found('candidate:1 1 udp 1 192.0.2.1 5000 typ host'));
    offerer.pc().onicecandidate?.(found('candidate:2 1 udp 1 198.51.100.9 5000 typ relay'));
    offerer.pc().onicecandidate?.({ candidate: null });
    expect(offerer.signals.map((signal) => 'candidate' in signal && signal.candidate)).toEqual([
      { candidate: 'candidate:2 1 udp 1 198.51.100.9 5000 typ relay' },
      null,
    ]);
  });

  test('is not told by a description that is said after a pause', async () => {
    const offerer = side('offerer', null, 'offer', hides);
    offerer.link.hold();
    await settle();
    const sdp = 'v=0\r\na=candidate:1 1 udp 1 192.0.2.1 5000 typ srflx raddr 10.0.0.1 rport 9\r\n';
    offerer.pc().localDescription = { type: 'offer', sdp };
    offerer.link.resume();
    expect(offerer.signals).toEqual([{ type: 'createOffer', room, sdp: 'v=0\r\n' }]);
  });
});
