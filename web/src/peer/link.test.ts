import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FakePeerConnection } from '../test/fake-pc';
import { FakeTrack, fakeStream } from '../test/fakes';
import { candidate, exchange, room, type Side, settle, side } from '../test/side';

beforeEach(() => {
  FakePeerConnection.made = [];
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.spyOn(console, 'debug').mockImplementation(() => undefined);
});

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
