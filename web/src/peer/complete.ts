/**
 * Makes a partner's candidates whole. The service takes `raddr` and `rport` out
 * where an address is hidden (`protocol.md`, rule 9); RFC 8839, section 5.1,
 * wants them there, as zeros, and Firefox passes over a relay without them.
 */
import type { Signal } from '../protocol';

export function completed(signal: Signal): Signal {
  switch (signal.type) {
    case 'createOffer':
    case 'createAnswer':
      return { ...signal, sdp: signal.sdp.split('\r\n').map(completedLine).join('\r\n') };
    case 'addIceCandidate': {
      const text = signal.candidate?.candidate;
      if (text === undefined) return signal;
      return { ...signal, candidate: { ...signal.candidate, candidate: completedText(text) } };
    }
    default:
      return signal satisfies never;
  }
}

function completedLine(line: string): string {
  return line.startsWith('a=candidate:') ? completedText(line) : line;
}

/** A host's candidate has no related address. */
function completedText(candidate: string): string {
  const found = /^(?:a=)?candidate:\S+ \d+ \S+ \d+ (\S+) \d+ typ (?:relay|srflx|prflx)(?= |$)/.exec(
    candidate,
  );
  if (found === null || candidate.includes(' raddr ')) return candidate;
  const [beginning, address = ''] = found;
  const related = ` raddr ${address.includes(':') ? '::' : '0.0.0.0'} rport 9`;
  return beginning + related + candidate.slice(beginning.length);
}
