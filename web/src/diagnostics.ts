/**
 * `window.passerby`: numbers about the current call, for operators and for
 * tests. Read-only. It reveals no address and nothing of what is said.
 *
 * - `framesDecoded`: pictures of the partner decoded so far
 * - `framesSent`: own pictures sent so far
 * - `audioBytesReceived`: bytes of the partner's sound so far
 * - `connectionState`: RTCPeerConnection.connectionState, `none` without one
 * - `certificates`: fingerprints of the own certificate, new with each connection
 */
export interface CallStats {
  readonly framesDecoded: number;
  readonly framesSent: number;
  readonly audioBytesReceived: number;
  readonly connectionState: RTCPeerConnectionState | 'none';
  readonly certificates: readonly string[];
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
  certificates: [],
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

async function readStats(pc: RTCPeerConnection): Promise<CallStats> {
  let [framesDecoded, framesSent, audioBytesReceived] = [0, 0, 0];
  const report = await pc.getStats();
  report.forEach((entry: Readonly<Record<string, unknown>>) => {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      framesDecoded += number(entry.framesDecoded);
    } else if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
      audioBytesReceived += number(entry.bytesReceived);
    } else if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
      framesSent += number(entry.framesSent);
    }
  });
  return {
    framesDecoded,
    framesSent,
    audioBytesReceived,
    connectionState: pc.connectionState,
    certificates: fingerprints(pc.localDescription?.sdp ?? ''),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** The `a=fingerprint` lines of RFC 8122, each once. */
function fingerprints(sdp: string): string[] {
  const found = [...sdp.matchAll(/^a=fingerprint:\S+ (\S+)\s*$/gm)];
  return [...new Set(found.map((match) => match[1] ?? ''))];
}
