import { expect, test } from 'vitest';
import { leavesByRelay } from './relayed';

function connection(...transports: unknown[]): RTCPeerConnection {
  const senders = transports.map((iceTransport) => ({ transport: { iceTransport } }));
  return { getSenders: () => senders } as unknown as RTCPeerConnection;
}

const pair = (type: string) => ({ getSelectedCandidatePair: () => ({ local: { type } }) });

test('a path leaves by a relay where the browser says so', () => {
  expect(leavesByRelay(connection(pair('relay')))).toBe(true);
  expect(leavesByRelay(connection(pair('host')))).toBe(false);
  expect(leavesByRelay(connection())).toBe(false);
  expect(leavesByRelay(connection({ getSelectedCandidatePair: () => null }))).toBe(false);
});

test('a browser that does not tell is no reason to fail', () => {
  expect(leavesByRelay(connection({}))).toBe(false);
  const bare = { getSenders: () => [{ transport: null }, {}] } as unknown as RTCPeerConnection;
  expect(leavesByRelay(bare)).toBe(false);
});
