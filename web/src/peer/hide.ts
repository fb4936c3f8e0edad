/**
 * A second lock on a hidden address, behind `iceTransportPolicy`: what goes to
 * the partner names relays only (`protocol.md`, rule 9). It changes nothing of
 * what a browser says that keeps to the policy.
 */
import type { Signal } from '../protocol';

type Without<T> = T extends unknown ? Omit<T, 'room'> : never;
/** A signal before it is said in which room. */
export type Unroomed = Without<Signal>;

/** The signal without addresses other than a relay's; null where nothing is left. */
export function withoutAddress(signal: Unroomed): Unroomed | null {
  switch (signal.type) {
    case 'createOffer':
    case 'createAnswer':
      return { ...signal, sdp: descriptionWithout(signal.sdp) };
    case 'addIceCandidate':
      return candidateWithout(signal);
    default:
      return signal satisfies never;
  }
}

type Candidate = Extract<Unroomed, { type: 'addIceCandidate' }>;

function candidateWithout(signal: Candidate): Candidate | null {
  const text = signal.candidate?.candidate;
  // Null and the empty text say that no more come.
  if (text === undefined || text === '') return signal;
  if (!isRelay(text)) return null;
  return { ...signal, candidate: { ...signal.candidate, candidate: withoutRelated(text) } };
}

function descriptionWithout(sdp: string): string {
  return sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') || isRelay(line))
    .map((line) => withoutRelated(withoutDefault(line)))
    .join('\r\n');
}

/** `cand-type` of RFC 8839, section 5.1. */
function isRelay(candidate: string): boolean {
  return / typ relay( |$)/.test(candidate);
}

/** The address from which the relay was reached (RFC 8839, section 5.1). */
function withoutRelated(line: string): string {
  return line.replace(/ raddr \S+ rport \d+/, ' raddr 0.0.0.0 rport 9');
}

/** The default candidate's address; with ICE nobody uses it (RFC 8839, section 4.2.1.2). */
function withoutDefault(line: string): string {
  if (!line.startsWith('c=') && !line.startsWith('a=rtcp:')) return line;
  return line.replace(/IN IP[46] \S+/, 'IN IP4 0.0.0.0');
}
