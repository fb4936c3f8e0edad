/**
 * The socket to the server: opens it, decodes what comes, opens it again after
 * a failure and resumes the session. It knows nothing of rooms.
 */
import { type ClientMessage, decode, encode, type ServerMessage } from '../protocol';
import { afterClose, BANNED, type Verdict } from './backoff';
import { Session } from './session';

/** A connection that stood this long has ended the run of failures before it. */
const STABLE_MS = 10_000;
/** A socket that brings no `welcome` in this time is given up; a browser waits for minutes. */
export const WELCOME_MS = 10_000;
/** As a socket that broke (RFC 6455, section 7.4.1). */
const NO_CODE = 1006;
/** A replay whose end does not come in this time had it left out. */
export const REPLAY_MS = 2_000;
/** The grace of a session that an earlier load of the page began. */
const USUAL_GRACE_MS = 15_000;

export type ConnectionEvent =
  | { readonly kind: 'message'; readonly message: ServerMessage }
  /** After a resume: all that was to be sent again has been passed on. */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'down'; readonly verdict: Verdict }
  /** The connection is away for longer than the server keeps the session. */
  | { readonly kind: 'lapsed' };

/**
 * How much of the session a new socket goes on with: all of it, all but the
 * number as after a load of the page, or nothing.
 */
export type Keep = 'all' | 'session' | 'nothing';

export interface ConnectionOptions {
  readonly url: string;
  /** The token of an earlier load of the page. */
  readonly token: string | null;
  readonly listen: (event: ConnectionEvent) => void;
  /** In [0, 1). */
  readonly chance?: () => number;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #session: Session;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #welcome: ReturnType<typeof setTimeout> | undefined;
  #replay: ReturnType<typeof setTimeout> | undefined;
  #lapse: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #openedAt: number | null = null;
  /** When the server stops keeping the session; null while it is connected. */
  #keptUntil: number | null = null;
  #graceMs: number;
  #disposed = false;
  /** The server has said so: the socket's end is final whatever its code. */
  #banned = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#session = new Session(options.token);
    this.#graceMs = options.token === null ? 0 : USUAL_GRACE_MS;
  }

  /** Opens a new socket now, in place of one that may be open. */
  open(keep: Keep = 'all'): void {
    if (this.#disposed) return;
    this.#drop();
    this.#banned = false;
    if (keep === 'session') this.#session.forgetNumber();
    if (keep === 'nothing') this.#session.forget();
    const socket = new WebSocket(this.#options.url, this.#session.protocols());
    this.#socket = socket;
    this.#welcome = setTimeout(() => this.#giveUp(), WELCOME_MS);
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

  /** `end`: the session is over, and nobody need wait for its return. */
  dispose(end: boolean): void {
    this.#disposed = true;
    this.#drop(end ? 1000 : undefined);
    clearTimeout(this.#lapse);
  }

  #take(data: unknown): void {
    if (typeof data !== 'string') return;
    const decoded = decode(data);
    switch (decoded.kind) {
      case 'message':
        this.#pass(decoded.message);
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

  #pass(received: ServerMessage): void {
    const message = this.#session.take(received);
    if (message === null) return;
    if (message.type === 'welcome') {
      clearTimeout(this.#welcome);
      this.#graceMs = message.graceMs;
      this.#keptUntil = null;
      clearTimeout(this.#lapse);
      this.#replay = setTimeout(() => this.#endReplay(), REPLAY_MS);
    }
    if (message.type === 'error' && message.code === 'banned') this.#banned = true;
    this.#options.listen({ kind: 'message', message });
    this.#tellReplayed();
  }

  #endReplay(): void {
    this.#session.endReplay();
    this.#tellReplayed();
  }

  #tellReplayed(): void {
    if (this.#session.replayed()) this.#options.listen({ kind: 'replayed' });
  }

  #giveUp(): void {
    this.#drop();
    this.#closed(NO_CODE);
  }

  #closed(reason: number): void {
    this.#socket = null;
    clearTimeout(this.#welcome);
    clearTimeout(this.#replay);
    const now = performance.now();
    if (this.#openedAt !== null && now - this.#openedAt >= STABLE_MS) this.#attempt = 0;
    this.#openedAt = null;
    const keptUntil = this.#away(now);
    const chance = (this.#options.chance ?? Math.random)();
    const kept = now < keptUntil;
    const code = this.#banned ? BANNED : reason;
    const verdict = afterClose({ code, attempt: this.#attempt, kept, chance });
    this.#attempt += 1;
    if (verdict.kind === 'retry') this.#timer = setTimeout(() => this.open(), verdict.delayMs);
    this.#options.listen({ kind: 'down', verdict });
  }

  /** From now on the server keeps the session for its grace, if it has one. */
  #away(now: number): number {
    if (this.#keptUntil !== null) return this.#keptUntil;
    this.#keptUntil = now + this.#graceMs;
    this.#lapse = setTimeout(() => this.#options.listen({ kind: 'lapsed' }), this.#graceMs);
    return this.#keptUntil;
  }

  /** Without a code the session is kept: only 1000 ends it (`protocol.md`, close codes). */
  #drop(code?: 1000): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#welcome);
    clearTimeout(this.#replay);
    this.#timer = undefined;
    this.#openedAt = null;
    if (this.#socket !== null) this.#away(performance.now());
    this.#socket?.close(code);
    this.#socket = null;
  }
}

/** The address of the server's socket beside the page. */
export function socketUrl(page: Location): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ws`;
}
