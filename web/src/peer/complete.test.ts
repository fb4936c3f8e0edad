import { expect, test } from 'vitest';
import { completed } from './complete';

const relay = 'candidate:3 1 udp 33562367 198.51.100.9 50000 typ relay';
const room = 'room-a';

function candidate(text: string) {
  return { type: 'addIceCandidate', room, candidate: { candidate: text, sdpMid: '0' } } as const;
}

test.each([
  [relay, `${relay} raddr 0.0.0.0 rport 9`],
  [`${relay} generation 0 ufrag a`, `${relay} raddr 0.0.0.0 rport 9 generation 0 ufrag a`],
  [
    'candidate:3 1 udp 5 2001:db8::9 50000 typ relay',
    'candidate:3 1 udp 5 2001:db8::9 50000 typ relay raddr :: rport 9',
  ],
])('a relay gets the related address that it lacks: %s', (sent, whole) => {
  expect(completed(candidate(sent))).toEqual(candidate(whole));
});

test.each([
  `${relay} raddr 203.0.113.5 rport 7 generation 0`,
  'candidate:1 1 udp 5 192.0.2.1 50000 typ host generation 0',
  'candidate:1 1 udp 5 192.0.2.1 50000 typ relayed',
  'nonsense typ relay',
  '',
])('what is whole, or nothing that is known, stays: %s', (text) => {
  expect(completed(candidate(text))).toEqual(candidate(text));
});

test('the end of candidates stays', () => {
  const end = { type: 'addIceCandidate', room, candidate: null } as const;
  expect(completed(end)).toEqual(end);
});

test('candidates within a description are made whole, and nothing else', () => {
  const sdp = (line: string) => `v=0\r\ns=typ relay\r\n${line}\r\na=end-of-candidates\r\n`;
  const offer = { type: 'createOffer', room, sdp: sdp(`a=${relay}`), fresh: true } as const;
  const whole = sdp(`a=${relay} raddr 0.0.0.0 rport 9`);
  expect(completed(offer)).toEqual({ ...offer, sdp: whole });
});
