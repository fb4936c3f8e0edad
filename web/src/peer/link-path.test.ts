/** How a link finds its path, and what it tells the partner of it. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FakePeerConnection } from '../test/fake-pc';
import { fakeStream } from '../test/fakes';
import { candidate, exchange, room, settle, side } from '../test/side';
import { OVERDUE_MS } from './ice-care';
import type { LinkOptions } from './link';

beforeEach(() => {
  FakePeerConnection.made = [];
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.spyOn(console, 'debug').mockImplementation(() => undefined);
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

  test('that broke is left to the offerer by a side that got its signals back', async () => {
    const [offerer, answerer] = [side('offerer'), side('answerer')];
    await settle();
    await exchange(offerer, answerer);
    for (const { link, pc } of [offerer, answerer]) {
      pc().becomes('connected');
      pc().becomes('disconnected');
      link.hold();
      link.resume();
    }
    await settle();
    expect(offerer.pc().log).toContain('restart');
    expect(answerer.pc().log).not.toContain('restart');
  });

  test('by a relay is replaced when the service is back, which may be another one', async () => {
    const hidden = side('answerer', null, 'wait', { relayOnly: true });
    const open = side('answerer', null, 'wait');
    for (const { link, pc } of [hidden, open]) {
      await link.receive({ type: 'createOffer', room, sdp: 'theirs' });
      pc().becomes('connected');
      link.hold();
      link.resume();
    }
    await settle();
    expect(hidden.pc().log).toContain('restart');
    expect(open.pc().log).not.toContain('restart');
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
