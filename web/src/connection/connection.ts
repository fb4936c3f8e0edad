/**
 * The socket to the server: opens it, decodes what comes, opens it again after
 * a failure. Each new socket is a new session. It knows nothing of rooms.
 */
import { type ClientMessage, decode, encode, type ServerMessage, SUBPROTOCOL } from '../protocol';
import { afterClose, type Verdict } from './backoff';

/** A connection that stood this long has ended the run of failures before it. */
const STABLE_MS = 10_000;

export type ConnectionEvent =
  | { readonly kind: 'message'; readonly message: ServerMessage }
  | { readonly kind: 'down'; readonly verdict: Verdict };

export interface ConnectionOptions {
  readonly url: string;
  readonly listen: (event: ConnectionEvent) => void;
  /** In [0, 1). */
  readonly chance?: () => number;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #openedAt: number | null = null;
  #disposed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens a new socket now, in place of one that may be open. */
  open(): void {
    if (this.#disposed) return;
    this.#drop();
    const socket = new WebSocket(this.#options.url, SUBPROTOCOL);
    this.#socket = socket;
    // A socket that was replaced may still call back: it is no longer ours.
    const ours = () => this.#socket === socket;
    socket.onopen = () => {
      if (ours()) this.#openedAt = performance.now();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (ours()) this.#take(event.data);
    };
    socket.onclose = (event) => {
      if (ours()) this.#closed(event.code);
    };
  }

  /** Tries at once where a retry is being waited for. */
  hurry(): void {
    if (this.#timer !== undefined) this.open();
  }

  /** False where there is no open socket: the message is gone. */
  send(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(encode(message));
    return true;
  }

  dispose(): void {
    this.#disposed = true;
    this.#drop();
  }

  #take(data: unknown): void {
    if (typeof data !== 'string') return;
    const decoded = decode(data);
    switch (decoded.kind) {
      case 'message':
        this.#options.listen({ kind: 'message', message: decoded.message });
        return;
      case 'unknown':
        return;
      case 'invalid':
        console.warn(`A message of the server was ignored: ${decoded.reason}.`);
        return;
      default:
        decoded satisfies never;
    }
  }

  #closed(code: number): void {
    this.#socket = null;
    if (this.#openedAt !== null && performance.now() - this.#openedAt >= STABLE_MS) {
      this.#attempt = 0;
    }
    this.#openedAt = null;
    const chance = this.#options.chance ?? Math.random;
    const verdict = afterClose(code, this.#attempt, chance());
    this.#attempt += 1;
    if (verdict.kind === 'retry') this.#timer = setTimeout(() => this.open(), verdict.delayMs);
    this.#options.listen({ kind: 'down', verdict });
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#openedAt = null;
    // 1000 tells the server that this is the end, not a drop to wait for.
    this.#socket?.close(1000);
    this.#socket = null;
  }
}

/** The address of the server's socket beside the page. */
export function socketUrl(page: Location): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ws`;
}
