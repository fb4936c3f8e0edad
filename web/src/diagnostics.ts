/**
 * `window.passerby`: numbers about the current call, for operators and for
 * tests. Read-only. It reveals what the browser tells any script of the page,
 * the addresses of the call among it, and nothing of what is said.
 *
 * - `framesDecoded`: pictures of the partner decoded so far
 * - `framesSent`: own pictures sent so far
 * - `audioBytesReceived`: bytes of the partner's sound so far
 * - `connectionState`: RTCPeerConnection.connectionState, `none` without one
 * - `iceConnectionState`: likewise
 * - `certificates`: fingerprints of the own certificate, new with each connection
 * - `localUfrag`: of the own description; each restart of ICE makes a new one
 * - `path`: the pair of candidates in use, null without one
 * - `remoteCandidates`: all that the browser knows of the partner's
 * - `remoteAddresses`: all that the partner's description names, each once
 */
export interface CallStats {
  readonly framesDecoded: number;
  readonly framesSent: number;
  readonly audioBytesReceived: number;
  readonly connectionState: RTCPeerConnectionState | 'none';
  readonly iceConnectionState: RTCIceConnectionState | 'none';
  readonly certificates: readonly string[];
  readonly localUfrag: string;
  readonly path: CallPath | null;
  readonly remoteCandidates: readonly CallCandidate[];
  readonly remoteAddresses: readonly string[];
}

export interface CallPath {
  readonly local: CallCandidate;
  readonly remote: CallCandidate;
}

/** As RTCIceCandidateStats has it; empty and 0 where the browser keeps it back. */
export interface CallCandidate {
  readonly type: string;
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  /** How the own relay is reached: `udp`, `tcp` or `tls`. */
  readonly relayProtocol: string;
}

export interface Diagnostics {
  stats(): Promise<CallStats>;
}

declare global {
  interface Window {
    readonly passerby?: Diagnostics;
  }
}

const NO_CALL: CallStats = {
  framesDecoded: 0,
  framesSent: 0,
  audioBytesReceived: 0,
  connectionState: 'none',
  iceConnectionState: 'none',
  certificates: [],
  localUfrag: '',
  path: null,
  remoteCandidates: [],
  remoteAddresses: [],
};

/** Puts the diagnostics of the connection that `current` names on the window. */
export function exposeDiagnostics(target: Window, current: () => RTCPeerConnection | null): void {
  const diagnostics: Diagnostics = {
    async stats() {
      const pc = current();
      return pc === null ? NO_CALL : readStats(pc);
    },
  };
  Object.defineProperty(target, 'passerby', {
    value: Object.freeze(diagnostics),
    configurable: true,
  });
}

type Entry = Readonly<Record<string, unknown>>;

async function readStats(pc: RTCPeerConnection): Promise<CallStats> {
  const entries = new Map<unknown, Entry>();
  (await pc.getStats()).forEach((entry: Entry) => {
    entries.set(entry.id, entry);
  });
  const own = pc.localDescription?.sdp ?? '';
  return {
    ...counts([...entries.values()]),
    connectionState: pc.connectionState,
    iceConnectionState: pc.iceConnectionState,
    certificates: fingerprints(own),
    localUfrag: /^a=ice-ufrag:(\S+)/m.exec(own)?.[1] ?? '',
    path: path(entries),
    remoteCandidates: [...entries.values()]
      .filter(({ type }) => type === 'remote-candidate')
      .map(candidate),
    remoteAddresses: addresses(pc.remoteDescription?.sdp ?? ''),
  };
}

function counts(entries: readonly Entry[]) {
  let [framesDecoded, framesSent, audioBytesReceived] = [0, 0, 0];
  for (const entry of entries) {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      framesDecoded += number(entry.framesDecoded);
    } else if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
      audioBytesReceived += number(entry.bytesReceived);
    } else if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
      framesSent += number(entry.framesSent);
    }
  }
  return { framesDecoded, framesSent, audioBytesReceived };
}

/** Firefox names no transport, but marks the pair as `selected`. */
function path(entries: ReadonlyMap<unknown, Entry>): CallPath | null {
  const all = [...entries.values()];
  const transport = all.find(
    ({ type, selectedCandidatePairId }) =>
      type === 'transport' && selectedCandidatePairId !== undefined,
  );
  const pair =
    transport === undefined
      ? all.find(({ type, selected }) => type === 'candidate-pair' && selected === true)
      : entries.get(transport.selectedCandidatePairId);
  const local = entries.get(pair?.localCandidateId);
  const remote = entries.get(pair?.remoteCandidateId);
  if (local === undefined || remote === undefined) return null;
  return { local: candidate(local), remote: candidate(remote) };
}

function candidate(entry: Entry): CallCandidate {
  return {
    type: text(entry.candidateType),
    protocol: text(entry.protocol),
    address: text(entry.address),
    port: number(entry.port),
    relayProtocol: text(entry.relayProtocol),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The `a=fingerprint` lines of RFC 8122, each once. */
function fingerprints(sdp: string): string[] {
  const found = [...sdp.matchAll(/^a=fingerprint:\S+ (\S+)\s*$/gm)];
  return [...new Set(found.map((match) => match[1] ?? ''))];
}

/** Of candidates with what they relate to (RFC 8839), and of `c=`, `o=` and `a=rtcp`. */
function addresses(sdp: string): string[] {
  const candidates = [...sdp.matchAll(/^a=candidate:\S+ \d+ \S+ \d+ (\S+)/gm)];
  const related = [...sdp.matchAll(/^a=candidate:.* raddr (\S+)/gm)];
  const lines = [...sdp.matchAll(/^(?:c=|o=|a=rtcp:).*IN IP[46] (\S+)/gm)];
  return [...new Set([...candidates, ...related, ...lines].map((match) => match[1] ?? ''))];
}
