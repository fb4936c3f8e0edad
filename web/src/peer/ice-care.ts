/**
 * Watches the path of one connection: restarts ICE when it breaks, and says
 * when the first one is overdue.
 */

/** After this the page tells the person that there is no picture yet. */
export const OVERDUE_MS = 15_000;
/** A break shorter than this mends itself more often than not. */
export const BREAK_MS = 2_500;
/** Restarts in a row without a connection between them. */
export const MAX_RESTARTS = 5;

export class IceCare {
  readonly #pc: RTCPeerConnection;
  readonly #overdue: ReturnType<typeof setTimeout>;
  #mending: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;

  constructor(pc: RTCPeerConnection, overdue: () => void) {
    this.#pc = pc;
    this.#overdue = setTimeout(overdue, OVERDUE_MS);
    pc.oniceconnectionstatechange = () => this.#look(pc.iceConnectionState);
  }

  dispose(): void {
    clearTimeout(this.#overdue);
    clearTimeout(this.#mending);
  }

  #look(state: RTCIceConnectionState): void {
    clearTimeout(this.#mending);
    switch (state) {
      case 'connected':
      case 'completed':
        clearTimeout(this.#overdue);
        this.#restarts = 0;
        return;
      case 'disconnected':
        this.#mending = setTimeout(() => this.#restart(), BREAK_MS);
        return;
      case 'failed':
        this.#restart();
        return;
      case 'new':
      case 'checking':
      case 'closed':
        return;
      default:
        state satisfies never;
    }
  }

  /** The new offer comes by way of `negotiationneeded`. */
  #restart(): void {
    if (this.#restarts >= MAX_RESTARTS) return;
    this.#restarts += 1;
    this.#pc.restartIce();
  }
}
