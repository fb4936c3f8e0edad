/**
 * One connection to one partner, from its first offer to its end: perfect
 * negotiation as in W3C WebRTC, section 10.7, with the answerer as the polite
 * side. After `dispose()` no callback of it reaches anybody.
 */
import type { Role, Signal } from '../protocol';
import { completed } from './complete';
import { type Unroomed, withoutAddress } from './hide';
import { IceCare } from './ice-care';
import { leavesByRelay } from './relayed';
import { askForMissing, type Standby } from './standby';

export type LinkEvent =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'state'; readonly state: RTCPeerConnectionState }
  | { readonly kind: 'overdue' }
  /** The path broke; what broke it may have taken the way of the signals along. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'remote'; readonly stream: MediaStream };

/**
 * How a link begins: with an offer, with one that asks the partner to begin
 * anew as well, or by waiting for the partner's.
 */
export type Begins = 'offer' | 'fresh' | 'wait';

export interface LinkOptions {
  readonly room: string;
  readonly role: Role;
  readonly begins: Begins;
  readonly standby: Promise<Standby>;
  readonly iceServers: readonly RTCIceServer[];
  /** Nothing but relays is used, and no other address goes to the partner. */
  readonly relayOnly: boolean;
  /** As `IceRenewal.ready()`: what a restart has to wait for, if anything. */
  readonly ready: () => Promise<void> | null;
  readonly listen: (event: LinkEvent) => void;
  /** An answer came that was to another offer: the two sides are at odds. */
  readonly confused: () => void;
}

/** Candidates kept until their description comes; a partner sends far fewer. */
const MAX_EARLY_CANDIDATES = 256;

export class PeerLink {
  readonly #options: LinkOptions;
  readonly #opened: Promise<RTCPeerConnection | null>;
  readonly #remote = new MediaStream();
  readonly #early: (RTCIceCandidateInit | null)[] = [];
  #iceServers: readonly RTCIceServer[];
  #pc: RTCPeerConnection | null = null;
  /** That of the standby; what the room adds to it is added each time. */
  #config: RTCConfiguration | null = null;
  #care: IceCare | null = null;
  #mayOffer: boolean;
  /** A fresh offer of this side has no answer yet. */
  #freshPending: boolean;
  /** Its answer is here, if not taken yet. */
  #answerCame = false;
  #everConnected = false;
  /** While signals have no way to the partner: which kinds were not sent. */
  #held: Set<Signal['type']> | null = null;
  /** A restart waits for fresh credentials. */
  #restarting = false;
  #described = false;
  #makingOffer = false;
  #ignoreOffer = false;
  #isSettingRemoteAnswerPending = false;
  #disposed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#iceServers = options.iceServers;
    this.#mayOffer = options.begins !== 'wait';
    this.#freshPending = options.begins === 'fresh';
    this.#opened = this.#open();
  }

  get pc(): RTCPeerConnection | null {
    return this.#pc;
  }

  get awaitsFreshAnswer(): boolean {
    return this.#freshPending && !this.#answerCame;
  }

  /** Signals have no way to the partner until `resume()`. */
  hold(): void {
    this.#held ??= new Set();
  }

  /**
   * Signals have a way again. What was not sent is said anew, from the
   * descriptions, which hold the candidates found meanwhile. False where a
   * fresh offer may or may not have arrived: saying it twice would have the
   * partner begin twice, so that has to wait for its answer.
   */
  resume(): boolean {
    const held = this.#held ?? new Set();
    this.#held = null;
    const pc = this.#pc;
    if (pc === null) return true;
    const sure = this.#sayHeld(pc, held);
    this.#care?.resumed();
    if (pc.connectionState === 'connected' && this.#relayed(pc)) this.#care?.restart();
    return sure;
  }

  /** The servers and credentials that the next search uses; this one goes on. */
  renew(iceServers: readonly RTCIceServer[]): void {
    this.#iceServers = iceServers;
    if (this.#pc === null) return;
    try {
      this.#configure(this.#pc);
    } catch (error) {
      // Something in them that the browser refuses: the old ones stay.
      console.warn('The new ICE servers were not taken.', error);
    }
  }

  /** The own network is another one, perhaps with the old path still in view. */
  networkChanged(): void {
    this.#care?.networkChanged();
  }

  /** The partner was away and may not have got an offer. As `resume()`. */
  repeat(): boolean {
    const pc = this.#pc;
    return pc?.signalingState !== 'have-local-offer' || this.#repeatOffer(pc, new Set());
  }

  /** Takes a signal of the partner. Signals may come before the link is open. */
  receive(signal: Signal): Promise<void> {
    // At once: a fresh offer that comes right behind the answer is of after it.
    const answers = signal.type === 'createAnswer';
    if (answers && this.#pc?.signalingState === 'have-local-offer') this.#answerCame = true;
    return this.#opened.then((pc) => {
      if (pc === null || this.#disposed) return undefined;
      return this.#take(pc, completed(signal)).catch((error: unknown) => {
        // A partner's page may send anything; it only spoils its own call.
        console.debug('A signal of the partner was not taken.', error);
      });
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#care?.dispose();
    this.#early.length = 0;
    if (this.#pc !== null) close(this.#pc);
    this.#pc = null;
  }

  async #open(): Promise<RTCPeerConnection | null> {
    const { standby, begins } = this.#options;
    try {
      const { pc, config } = await standby;
      if (this.#disposed) {
        close(pc);
        return null;
      }
      this.#pc = pc;
      this.#config = config;
      // Before any description: from then on candidates are found.
      this.#configure(pc);
      this.#attach(pc);
      if (begins !== 'wait') {
        askForMissing(pc);
        void this.#offer(pc);
      }
      return pc;
    } catch (error) {
      console.warn('The connection could not be made.', error);
      this.#emit({ kind: 'state', state: 'failed' });
      return null;
    }
  }

  #configure(pc: RTCPeerConnection): void {
    pc.setConfiguration({
      ...this.#config,
      iceServers: [...this.#iceServers],
      iceTransportPolicy: this.#options.relayOnly ? 'relay' : 'all',
    });
  }

  #attach(pc: RTCPeerConnection): void {
    this.#care = new IceCare({
      pc,
      mends: this.#options.role === 'offerer',
      restart: () => this.#restart(pc),
      broken: () => this.#emit({ kind: 'broken' }),
      overdue: () => this.#emit({ kind: 'overdue' }),
    });
    pc.onnegotiationneeded = () => {
      // The answerer waits for the first offer, whatever its tracks ask for.
      if (this.#mayOffer) void this.#offer(pc);
    };
    pc.onicecandidate = ({ candidate }) =>
      this.#signal({ type: 'addIceCandidate', candidate: candidate?.toJSON() ?? null });
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'connected') this.#everConnected = true;
      this.#emit({ kind: 'state', state: pc.connectionState });
    };
    pc.ontrack = ({ track }) => {
      this.#remote.addTrack(track);
      this.#emit({ kind: 'remote', stream: this.#remote });
    };
  }

  async #offer(pc: RTCPeerConnection): Promise<void> {
    try {
      this.#makingOffer = true;
      await pc.setLocalDescription();
      const made = pc.localDescription;
      // An offer of the partner may have been answered in the meantime.
      if (made?.type === 'offer') this.#sendOffer(made.sdp);
    } catch (error) {
      if (!this.#disposed) console.warn('No offer could be made.', error);
    } finally {
      this.#makingOffer = false;
    }
  }

  /**
   * The new offer comes by way of `negotiationneeded`. While signals have no way
   * there is none: it would hold what the network of then could find.
   */
  #restart(pc: RTCPeerConnection): boolean {
    if (this.#held !== null) return false;
    const ready = this.#restarting ? null : this.#options.ready();
    if (ready !== null) {
      this.#restarting = true;
      void ready.then(() => {
        this.#restarting = false;
        if (!this.#disposed) pc.restartIce();
      });
    } else if (!this.#restarting) {
      pc.restartIce();
    }
    return true;
  }

  #sayHeld(pc: RTCPeerConnection, held: ReadonlySet<Signal['type']>): boolean {
    if (pc.signalingState === 'have-local-offer') return this.#repeatOffer(pc, held);
    if (held.has('createAnswer') && pc.localDescription?.type === 'answer') {
      this.#signal({ type: 'createAnswer', sdp: pc.localDescription.sdp });
    } else if (this.#described && pc.connectionState !== 'connected' && this.#restartsOnResume()) {
      // Candidates may have been lost; a restart finds them anew.
      this.#care?.restart();
    }
    return true;
  }

  /**
   * The service may be another one by now, which had or will have its relay as
   * well: a path by that relay is replaced before it breaks.
   */
  #relayed(pc: RTCPeerConnection): boolean {
    return this.#options.relayOnly || leavesByRelay(pc);
  }

  /** A path that broke is mended by one side; one that was never there, by any. */
  #restartsOnResume(): boolean {
    return !this.#everConnected || this.#options.role === 'offerer';
  }

  #sendOffer(sdp: string): void {
    this.#signal({ type: 'createOffer', sdp, ...(this.#freshPending ? { fresh: true } : {}) });
  }

  /** An offer that arrives twice does no harm: either answer fits it. A fresh one would. */
  #repeatOffer(pc: RTCPeerConnection, held: ReadonlySet<Signal['type']>): boolean {
    if (this.#freshPending && !held.has('createOffer')) return false;
    if (pc.localDescription !== null) this.#sendOffer(pc.localDescription.sdp);
    return true;
  }

  #take(pc: RTCPeerConnection, signal: Signal): Promise<void> {
    switch (signal.type) {
      case 'createOffer':
        return this.#describe(pc, { type: 'offer', sdp: signal.sdp });
      case 'createAnswer':
        return this.#describe(pc, { type: 'answer', sdp: signal.sdp });
      case 'addIceCandidate':
        return this.#addCandidate(pc, signal.candidate);
      default:
        return signal satisfies never;
    }
  }

  async #describe(
    pc: RTCPeerConnection,
    description: { type: 'offer' | 'answer'; sdp: string },
  ): Promise<void> {
    const ready =
      !this.#makingOffer && (pc.signalingState === 'stable' || this.#isSettingRemoteAnswerPending);
    const collision = description.type === 'offer' && !ready;
    const polite = this.#options.role === 'answerer';
    // Until a fresh offer is answered, the partner's are of what it replaces.
    this.#ignoreOffer = collision && (!polite || this.#freshPending);
    if (this.#ignoreOffer) return;
    const answered = pc.signalingState === 'stable' || this.#isSettingRemoteAnswerPending;
    if (description.type === 'answer' && answered) {
      if (this.#options.begins === 'fresh' && !this.#everConnected) this.#options.confused();
      return;
    }

    if (description.type === 'answer') this.#freshPending = false;
    this.#isSettingRemoteAnswerPending = description.type === 'answer';
    try {
      // On a collision this rolls the own offer back.
      const set = pc.setRemoteDescription(description);
      this.#described = true;
      this.#addEarly(pc);
      await set;
    } finally {
      this.#isSettingRemoteAnswerPending = false;
    }
    if (description.type === 'offer' && !this.#disposed) await this.#answer(pc);
  }

  async #answer(pc: RTCPeerConnection): Promise<void> {
    await pc.setLocalDescription();
    this.#mayOffer = true;
    const made = pc.localDescription;
    if (made?.type === 'answer') this.#signal({ type: 'createAnswer', sdp: made.sdp });
  }

  /** The browser's own queue puts these behind the description being set. */
  #addEarly(pc: RTCPeerConnection): void {
    for (const candidate of this.#early.splice(0)) void this.#addCandidate(pc, candidate);
  }

  async #addCandidate(pc: RTCPeerConnection, candidate: RTCIceCandidateInit | null): Promise<void> {
    if (!this.#described) {
      if (this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(candidate);
      return;
    }
    try {
      await pc.addIceCandidate(candidate);
    } catch (error) {
      // Candidates of an offer that was ignored have nowhere to go.
      if (!this.#ignoreOffer && !this.#disposed) console.debug('A candidate was not taken.', error);
    }
  }

  #signal(signal: Unroomed): void {
    if (this.#held !== null) {
      this.#held.add(signal.type);
      return;
    }
    const said = this.#options.relayOnly ? withoutAddress(signal) : signal;
    if (said === null) return;
    // In the order in which it goes out to the partner, which the service is quickest with.
    const { type, ...payload } = said;
    const roomed = { type, room: this.#options.room, ...payload } as Signal;
    this.#emit({ kind: 'signal', signal: roomed });
  }

  #emit(event: LinkEvent): void {
    if (!this.#disposed) this.#options.listen(event);
  }
}

/** Closes a connection and cuts its callbacks off. */
export function close(pc: RTCPeerConnection): void {
  pc.onnegotiationneeded = null;
  pc.onicecandidate = null;
  pc.onconnectionstatechange = null;
  pc.oniceconnectionstatechange = null;
  pc.ontrack = null;
  pc.close();
}
