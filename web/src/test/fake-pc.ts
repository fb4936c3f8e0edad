/**
 * A peer connection that keeps the signalling states of W3C WebRTC, section
 * 4.3.1, with implicit rollback, and records what was done to it.
 */
import type { FakeTrack } from './fakes';

interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

export class FakePeerConnection {
  static made: FakePeerConnection[] = [];
  static certificates = 0;
  signalingState: RTCSignalingState = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  iceConnectionState: RTCIceConnectionState = 'new';
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: { toJSON(): unknown } | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { track: FakeTrack }) => void) | null = null;
  /** What was done, in order. */
  readonly log: string[] = [];
  readonly added: string[] = [];
  /** What could be gathered, each time that it began. */
  readonly gathered: (RTCIceTransportPolicy | undefined)[] = [];
  readonly #name = FakePeerConnection.made.length;
  #descriptions = 0;
  #chain: Promise<unknown> = Promise.resolve();

  constructor(public configuration: RTCConfiguration) {
    FakePeerConnection.made.push(this);
  }

  static async generateCertificate(): Promise<unknown> {
    FakePeerConnection.certificates += 1;
    return { certificate: FakePeerConnection.certificates };
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  addTrack(track: FakeTrack): void {
    this.added.push(track.kind);
  }

  getSenders(): { track: { kind: string } }[] {
    return this.added.map((kind) => ({ track: { kind } }));
  }

  addTransceiver(kind: string, init: { direction: string }): void {
    this.log.push(`transceiver ${kind} ${init.direction}`);
  }

  setLocalDescription(): Promise<void> {
    return this.#queue(() => {
      const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
      this.#descriptions += 1;
      this.gathered.push(this.configuration.iceTransportPolicy);
      this.localDescription = { type, sdp: `${type} ${this.#name}.${this.#descriptions}` };
      this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
      this.log.push(`local ${type}`);
    });
  }

  setRemoteDescription(description: Description): Promise<void> {
    return this.#queue(() => {
      if (description.type === 'answer' && this.signalingState !== 'have-local-offer') {
        throw new Error('InvalidStateError');
      }
      if (description.type === 'offer' && this.signalingState === 'have-local-offer') {
        this.log.push('rollback');
      }
      this.remoteDescription = description;
      this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
      this.log.push(`remote ${description.sdp}`);
    });
  }

  addIceCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    return this.#queue(() => {
      if (this.remoteDescription === null) throw new Error('InvalidStateError');
      this.log.push(`candidate ${candidate === null ? 'end' : candidate.candidate}`);
    });
  }

  restartIce(): void {
    this.log.push('restart');
    this.onnegotiationneeded?.();
  }

  close(): void {
    this.signalingState = 'closed';
    this.log.push('closed');
  }

  iceBecomes(state: RTCIceConnectionState): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** The operations chain: one at a time, in order, none on a closed connection. */
  #queue(operation: () => void): Promise<void> {
    const done = this.#chain.then(() => {
      if (this.signalingState === 'closed') return new Promise<void>(() => undefined);
      operation();
      return undefined;
    });
    this.#chain = done.catch(() => undefined);
    return done;
  }
}
