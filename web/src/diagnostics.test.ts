import { expect, test } from 'vitest';
import { exposeDiagnostics } from './diagnostics';

const remote = (id: string, address: string, candidateType: string) => ({
  id,
  type: 'remote-candidate',
  candidateType,
  protocol: 'udp',
  address,
  port: 5,
});
const entries = [
  { id: 'v', type: 'inbound-rtp', kind: 'video', framesDecoded: 7 },
  { id: 'a', type: 'inbound-rtp', kind: 'audio', bytesReceived: 9 },
  { id: 'o', type: 'outbound-rtp', kind: 'video', framesSent: 8 },
  {
    id: 'l',
    type: 'local-candidate',
    candidateType: 'relay',
    protocol: 'udp',
    relayProtocol: 'tcp',
    address: '192.0.2.7',
    port: 4,
  },
  remote('r', '192.0.2.7', 'relay'),
  remote('s', '192.0.2.8', 'host'),
  { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' },
];
const PATH = {
  local: { type: 'relay', protocol: 'udp', address: '192.0.2.7', port: 4, relayProtocol: 'tcp' },
  remote: { type: 'relay', protocol: 'udp', address: '192.0.2.7', port: 5, relayProtocol: '' },
};

function stats(report: readonly { id: string }[]) {
  const pc = {
    connectionState: 'connected',
    iceConnectionState: 'completed',
    localDescription: { sdp: 'a=ice-ufrag:abcd\r\na=fingerprint:sha-256 AA:BB\r\n' },
    remoteDescription: {
      sdp: [
        'o=- 1 2 IN IP4 127.0.0.1',
        'c=IN IP6 2001:db8::1',
        'a=rtcp:9 IN IP4 0.0.0.0',
        'a=candidate:1 1 udp 5 192.0.2.9 5 typ srflx raddr 10.0.0.1 rport 5',
        'a=candidate:1 2 udp 4 192.0.2.9 6 typ host',
      ].join('\r\n'),
    },
    getStats: async () => new Map(report.map((entry) => [entry.id, entry])),
  };
  exposeDiagnostics(window, () => pc as unknown as RTCPeerConnection);
  return window.passerby?.stats();
}

test('the numbers, the path and all that is known of the partner’s addresses', async () => {
  const transport = { id: 't', type: 'transport', selectedCandidatePairId: 'p' };
  expect(await stats([...entries, transport])).toEqual({
    framesDecoded: 7,
    framesSent: 8,
    audioBytesReceived: 9,
    connectionState: 'connected',
    iceConnectionState: 'completed',
    certificates: ['AA:BB'],
    localUfrag: 'abcd',
    path: PATH,
    remoteCandidates: [PATH.remote, { ...PATH.remote, type: 'host', address: '192.0.2.8' }],
    remoteAddresses: ['192.0.2.9', '10.0.0.1', '127.0.0.1', '2001:db8::1', '0.0.0.0'],
  });
});

test('the path where no transport names it', async () => {
  const marked = { ...entries.at(-1), id: 'p', selected: true };
  expect((await stats([...entries.slice(0, -1), marked]))?.path).toEqual(PATH);
});

test('no path before there is one', async () => {
  expect((await stats(entries))?.path).toBeNull();
});
