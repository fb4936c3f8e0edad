/**
 * Owns the page's peer connections: the link of the current room, and while
 * waiting the connection that stands ready for the next one. It decides when a
 * link is replaced by one that begins anew.
 */
import type { IceTerms, Role, Signal } from '../protocol';
import { IceRenewal } from './ice-renewal';
import { type Begins, close, type LinkEvent, PeerLink } from './link';
import { prepare, type Standby } from './standby';

/** What a room says about its link. */
export interface RoomTerms extends IceTerms {
  readonly room: string;
  readonly role: Role;
  /** The own address is hidden: nothing but a relay may be used or named. */
  readonly relayOnly: boolean;
}

/** What a link says, with the room that it says it for. */
export type PeerEvent = LinkEvent & { readonly room: string };

/** How long a fresh offer that may have been lost is given for its answer. */
export const DOUBT_MS = 4_000;
/** Links of one room that begin anew by themselves. */
export const MAX_ANEW = 3;

export interface PeersOptions {
  readonly media: () => MediaStream | null;
  readonly listen: (event: PeerEvent) => void;
  /** Asks the service once for servers with fresh credentials. */
  readonly fetchIce: (signal: AbortSignal) => Promise<IceTerms>;
}

export class Peers {
  readonly #options: PeersOptions;
  #ready: Promise<Standby> | null = null;
  #terms: RoomTerms | null = null;
  #link: PeerLink | null = null;
  #renewal: IceRenewal | null = null;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #anew = 0;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** The connection of the current room, for diagnostics. */
  get current(): RTCPeerConnection | null {
    return this.#link?.pc ?? null;
  }

  /** Makes the next connection ready. */
  prepare(): void {
    this.#discardReady();
    this.#ready = prepare(this.#options.media());
    // Whoever awaits it reports the failure; nobody may ever await it.
    this.#ready.catch(() => undefined);
  }

  start(terms: RoomTerms, begins: Begins): void {
    this.#terms = terms;
    this.#anew = 0;
    this.#renewal?.dispose();
    this.#renewal = new IceRenewal({
      ice: terms,
      fetch: this.#options.fetchIce,
      renewed: (iceServers) => this.#renew(iceServers),
    });
    this.#replace(terms, begins);
  }

  /** Takes a signal for the current room; any other finds no link. */
  receive(signal: Signal): void {
    const terms = this.#terms;
    if (terms === null || signal.room !== terms.room) return;
    if (signal.type === 'createOffer' && signal.fresh === true) this.#takeFresh(terms, signal);
    else void this.#link?.receive(signal);
  }

  /** The server is away: signals would be lost. */
  hold(): void {
    this.#link?.hold();
  }

  /** The server is back, with the room and with fresh credentials. */
  resume(ice: IceTerms): void {
    this.#renewal?.take(ice);
    if (this.#link?.resume() === false) this.#doubtFresh();
  }

  /** The partner is back, and may not have got what it was sent meanwhile. */
  repeat(): void {
    if (this.#link?.repeat() === false) this.#doubtFresh();
  }

  /** The own network is another one: the link searches its path anew. */
  networkChanged(): void {
    this.#renewal?.wake();
    this.#link?.networkChanged();
  }

  /** The page is looked at again, perhaps after the machine slept. */
  wake(): void {
    this.#renewal?.wake();
  }

  /** Ends the link of the room and gives up the one that stands ready. */
  stop(): void {
    clearTimeout(this.#doubt);
    this.#renewal?.dispose();
    this.#renewal = null;
    this.#link?.dispose();
    this.#link = null;
    this.#terms = null;
    this.#discardReady();
  }

  dispose(): void {
    this.stop();
  }

  /**
   * The partner begins anew, after a reload for instance: its offer knows
   * nothing of the old connection. If both do so, the offerer's offer stands.
   */
  #takeFresh(terms: RoomTerms, offer: Signal): void {
    if (this.#link?.awaitsFreshAnswer === true && terms.role === 'offerer') {
      // It may have gone to the page that the partner has just left.
      this.#doubtFresh();
      return;
    }
    this.#replace(terms, 'wait');
    void this.#link?.receive(offer);
  }

  /** For the link that stands, and for one that begins anew. */
  #renew(iceServers: readonly RTCIceServer[]): void {
    if (this.#terms !== null) this.#terms = { ...this.#terms, iceServers };
    this.#link?.renew(iceServers);
  }

  #doubtFresh(): void {
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => {
      if (this.#link?.awaitsFreshAnswer === true) this.#beginAnew();
    }, DOUBT_MS);
  }

  #beginAnew(): void {
    if (this.#terms === null || this.#anew >= MAX_ANEW) return;
    this.#anew += 1;
    this.#replace(this.#terms, 'fresh');
  }

  #replace(terms: RoomTerms, begins: Begins): void {
    clearTimeout(this.#doubt);
    this.#link?.dispose();
    const standby = this.#ready ?? prepare(this.#options.media());
    this.#ready = null;
    const link = new PeerLink({
      ...terms,
      begins,
      standby,
      ready: () => this.#renewal?.ready() ?? null,
      listen: (event) => this.#options.listen({ ...event, room: terms.room }),
      confused: () => {
        if (this.#link === link) this.#beginAnew();
      },
    });
    this.#link = link;
  }

  #discardReady(): void {
    void this.#ready?.then(
      ({ pc }) => close(pc),
      () => undefined,
    );
    this.#ready = null;
  }
}
