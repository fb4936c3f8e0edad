/**
 * Watches the path of one connection: has ICE restarted when it breaks or the
 * own network changes, and says when the first path is overdue. Both sides see
 * a break, but only the offerer mends it, so that their offers do not cross;
 * a change of network is known to one side alone, which restarts whatever its
 * role.
 */

/** After this the page tells the person that there is no picture yet. */
export const OVERDUE_MS = 15_000;
/** A break shorter than this mends itself more often than not. */
export const BREAK_MS = 2_500;
/** Time for a restart to bring a connection; it doubles with each that brings none. */
export const RESTART_MS = 4_000;
export const MAX_RESTART_MS = 15_000;
/** Restarts in a row without a connection between them. */
export const MAX_RESTARTS = 8;

export interface IceCareOptions {
  readonly pc: RTCPeerConnection;
  /** Whether this side mends a break. */
  readonly mends: boolean;
  /** Restarts ICE; false where that has to wait for `resumed()`. */
  readonly restart: () => boolean;
  /** The path broke, and did not mend itself. */
  readonly broken: () => void;
  readonly overdue: () => void;
}

export class IceCare {
  readonly #options: IceCareOptions;
  readonly #overdue: ReturnType<typeof setTimeout>;
  #mending: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;
  /** The own network changed, and no connection came since. */
  #changed = false;
  /** A restart waits for `resumed()`. */
  #owed = false;

  constructor(options: IceCareOptions) {
    this.#options = options;
    const { pc, overdue } = options;
    this.#overdue = setTimeout(overdue, OVERDUE_MS);
    pc.oniceconnectionstatechange = () => this.#look(pc.iceConnectionState);
  }

  /**
   * The old path may look alive for seconds, and a restart is cheap: it takes
   * over once it has found a better one. Before the first search there is none.
   */
  networkChanged(): void {
    const { iceConnectionState } = this.#options.pc;
    if (iceConnectionState === 'new' || iceConnectionState === 'closed') return;
    this.#changed = true;
    this.#restarts = 0;
    this.restart();
  }

  /** Whatever the state is: candidates may have been lost. */
  restart(): void {
    clearTimeout(this.#mending);
    this.#owed = !this.#options.restart();
    if (this.#owed) return;
    this.#restarts += 1;
    const ms = Math.min(MAX_RESTART_MS, RESTART_MS * 2 ** (this.#restarts - 1));
    this.#mending = setTimeout(() => this.#lookAgain(), ms);
  }

  /** Signals have a way again. */
  resumed(): void {
    if (this.#owed) this.restart();
  }

  dispose(): void {
    clearTimeout(this.#overdue);
    clearTimeout(this.#mending);
  }

  #look(state: RTCIceConnectionState): void {
    switch (state) {
      case 'connected':
      case 'completed':
        clearTimeout(this.#overdue);
        this.#connected();
        return;
      case 'disconnected':
        // After a restart its own timer runs.
        if (this.#restarts > 0) return;
        clearTimeout(this.#mending);
        this.#mending = setTimeout(() => this.#mend(), BREAK_MS);
        return;
      case 'failed':
        if (this.#restarts === 0) this.#mend();
        return;
      case 'new':
      case 'checking':
      case 'closed':
        return;
      default:
        state satisfies never;
    }
  }

  #connected(): void {
    clearTimeout(this.#mending);
    this.#restarts = 0;
    this.#changed = false;
    this.#owed = false;
  }

  #lookAgain(): void {
    const { iceConnectionState } = this.#options.pc;
    if (iceConnectionState === 'connected' || iceConnectionState === 'completed') this.#connected();
    else this.#mend();
  }

  #mend(): void {
    this.#options.broken();
    const own = this.#options.mends || this.#changed;
    if (own && this.#restarts < MAX_RESTARTS) this.restart();
  }
}
