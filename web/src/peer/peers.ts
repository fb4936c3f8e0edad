/**
 * Owns the page's peer connections: the link of the current room, and while
 * waiting the connection that stands ready for the next one.
 */
import type { Role, Signal } from '../protocol';
import { close, type LinkEvent, PeerLink } from './link';
import { prepare, type Standby } from './standby';

/** What a room says about its link. */
export interface RoomTerms {
  readonly room: string;
  readonly role: Role;
  readonly iceServers: readonly RTCIceServer[];
  readonly relayOnly: boolean;
}

/** What a link says, with the room that it says it for. */
export type PeerEvent = LinkEvent & { readonly room: string };

export class Peers {
  readonly #media: () => MediaStream | null;
  readonly #listen: (event: PeerEvent) => void;
  #ready: Promise<Standby> | null = null;
  #terms: RoomTerms | null = null;
  #link: PeerLink | null = null;

  constructor(media: () => MediaStream | null, listen: (event: PeerEvent) => void) {
    this.#media = media;
    this.#listen = listen;
  }

  /** The connection of the current room, for diagnostics. */
  get current(): RTCPeerConnection | null {
    return this.#link?.pc ?? null;
  }

  /** Makes the next connection ready. */
  prepare(): void {
    this.#discardReady();
    this.#ready = prepare(this.#media());
    // Whoever awaits it reports the failure; nobody may ever await it.
    this.#ready.catch(() => undefined);
  }

  start(terms: RoomTerms): void {
    this.#link?.dispose();
    this.#terms = terms;
    this.#link = this.#open(terms, terms.role === 'offerer');
  }

  /** Takes a signal for the current room; any other finds no link. */
  receive(signal: Signal): void {
    const terms = this.#terms;
    if (terms === null || signal.room !== terms.room) return;
    if (signal.type === 'createOffer' && signal.fresh === true) {
      // The partner begins anew, after a reload for instance. Its offer knows
      // nothing of the old connection.
      this.#link?.dispose();
      this.#link = this.#open(terms, false);
    }
    void this.#link?.receive(signal);
  }

  /** Ends the link of the room and gives up the one that stands ready. */
  stop(): void {
    this.#link?.dispose();
    this.#link = null;
    this.#terms = null;
    this.#discardReady();
  }

  dispose(): void {
    this.stop();
  }

  #open(terms: RoomTerms, offers: boolean): PeerLink {
    const standby = this.#ready ?? prepare(this.#media());
    this.#ready = null;
    return new PeerLink({
      ...terms,
      offers,
      standby,
      listen: (event) => this.#listen({ ...event, room: terms.room }),
    });
  }

  #discardReady(): void {
    void this.#ready?.then(
      ({ pc }) => close(pc),
      () => undefined,
    );
    this.#ready = null;
  }
}
