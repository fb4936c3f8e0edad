/**
 * A connection made before its partner is known, so that after `matched` only
 * its configuration and its first description stand before the offer.
 */

/** What must be the same again whenever the configuration is set. */
export interface Standby {
  readonly pc: RTCPeerConnection;
  readonly config: RTCConfiguration;
}

/**
 * Each connection has a certificate of its own. A browser may reuse one across
 * connections of a page; two strangers could then tell that they met the same
 * person by its fingerprint.
 */
export async function prepare(media: MediaStream | null): Promise<Standby> {
  const certificate = await RTCPeerConnection.generateCertificate({
    name: 'ECDSA',
    namedCurve: 'P-256',
  } as EcKeyGenParams);
  const config: RTCConfiguration = {
    certificates: [certificate],
    bundlePolicy: 'max-bundle',
    // Nothing may be gathered before there is somebody to gather for, and by
    // whoever forgets what the room allows nothing that shows the own address.
    iceCandidatePoolSize: 0,
    iceTransportPolicy: 'relay',
  };
  const pc = new RTCPeerConnection(config);
  for (const track of media?.getTracks() ?? []) {
    if (media !== null) pc.addTrack(track, media);
  }
  return { pc, config };
}

/**
 * An offer must ask for what its sender cannot give, else the partner's picture
 * would not be sent. The answering side needs nothing of the kind: the offer
 * makes its transceivers.
 */
export function askForMissing(pc: RTCPeerConnection): void {
  for (const kind of ['audio', 'video'] as const) {
    if (!pc.getSenders().some((sender) => sender.track?.kind === kind)) {
      pc.addTransceiver(kind, { direction: 'recvonly' });
    }
  }
}
