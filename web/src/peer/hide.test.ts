import { describe, expect, test } from 'vitest';
import { withoutAddress } from './hide';

const relay = 'candidate:3 1 udp 33562367 198.51.100.9 50000 typ relay';

function candidate(text: string) {
  return { type: 'addIceCandidate', candidate: { candidate: text, sdpMid: '0' } } as const;
}

describe('a candidate', () => {
  test.each([
    'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0',
    'candidate:1 1 udp 2122260223 0b1c.local 50000 typ host',
    'candidate:2 1 udp 1686052607 203.0.113.5 50000 typ srflx raddr 192.0.2.1 rport 50000',
    'candidate:2 1 udp 1686052607 203.0.113.5 50000 typ prflx raddr 192.0.2.1 rport 50000',
    // Not the type, but a name that looks like one.
    'candidate:2 1 udp 1686052607 203.0.113.5 50000 typ host typ relayed',
    'nonsense',
  ])('of another kind is dropped: %s', (text) => {
    expect(withoutAddress(candidate(text))).toBeNull();
  });

  test('of a relay goes without the address that it was asked from', () => {
    const text = `${relay} raddr 203.0.113.5 rport 40000 generation 0 ufrag abcd`;
    expect(withoutAddress(candidate(text))).toEqual(
      candidate(`${relay} raddr 0.0.0.0 rport 9 generation 0 ufrag abcd`),
    );
    expect(withoutAddress(candidate(relay))).toEqual(candidate(relay));
  });

  test.each([null, { candidate: '', sdpMid: '0' }])('that says the end stays: %j', (end) => {
    const signal = { type: 'addIceCandidate', candidate: end } as const;
    expect(withoutAddress(signal)).toEqual(signal);
  });
});

test('a description keeps its relays, and no other address', () => {
  const lines = (more: readonly string[]) => ['v=0', ...more, 'a=mid:0', ''].join('\r\n');
  const sdp = lines([
    'c=IN IP4 203.0.113.5',
    'a=rtcp:50000 IN IP6 2001:db8::5',
    'a=candidate:1 1 udp 1 192.0.2.1 5000 typ host',
    `a=${relay} raddr 203.0.113.5 rport 40000`,
  ]);
  expect(withoutAddress({ type: 'createOffer', sdp, fresh: true })).toEqual({
    type: 'createOffer',
    fresh: true,
    sdp: lines([
      'c=IN IP4 0.0.0.0',
      'a=rtcp:50000 IN IP4 0.0.0.0',
      `a=${relay} raddr 0.0.0.0 rport 9`,
    ]),
  });
});
