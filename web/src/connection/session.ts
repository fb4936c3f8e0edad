/**
 * What lets a new socket go on where the last one broke off (`protocol.md`,
 * rule 6): the token, and the number of the last message that the page has
 * taken. It tells what was seen before, and when a replay is complete. It
 * touches no socket.
 */
import { type ServerMessage, SUBPROTOCOL, type Welcome } from '../protocol';

/** What a subprotocol may consist of (RFC 6455, section 4.1); the browser throws else. */
const SUBPROTOCOL_CHARS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export class Session {
  #token: string | null;
  #last = 0;
  /** Whether `#last` may be named: false after a load, until a number came. */
  #exact = false;
  /** The replay goes on up to this number; null outside of one. */
  #replayEnd: number | null = null;

  /** `token` is that of an earlier load of the page, if there was one. */
  constructor(token: string | null) {
    this.#token = token;
  }

  /** What the next socket offers. The token is in no address, so in no log. */
  protocols(): string[] {
    if (this.#token === null || !SUBPROTOCOL_CHARS.test(this.#token)) return [SUBPROTOCOL];
    const number = this.#exact ? `.${this.#last}` : '';
    return [SUBPROTOCOL, `resume.${this.#token}${number}`];
  }

  /** The next resume is like that of a page just loaded. */
  forgetNumber(): void {
    this.#last = 0;
    this.#exact = false;
    this.#replayEnd = null;
  }

  /** The next socket begins a new session. */
  forget(): void {
    this.forgetNumber();
    this.#token = null;
  }

  /**
   * Takes note of a message. Null for one that was taken before. A resume
   * without a number gets all that was never sent, which is not all that this
   * page never saw: such a `welcome` is `missed` too.
   */
  take(message: ServerMessage): ServerMessage | null {
    if (message.type === 'welcome') return this.#welcomed(message);
    if (!('seq' in message)) return message;
    if (message.seq <= this.#last) return null;
    this.#last = message.seq;
    this.#exact = true;
    return message;
  }

  /** True once after each resume: when all that was to be sent again is here. */
  replayed(): boolean {
    if (this.#replayEnd === null || this.#last < this.#replayEnd) return false;
    this.#replayEnd = null;
    return true;
  }

  /** The rest of a replay is not coming: it was of older rooms. */
  endReplay(): void {
    if (this.#replayEnd !== null) this.#replayEnd = this.#last;
  }

  #welcomed(message: Welcome): Welcome {
    this.#token = message.resume;
    if (!message.resumed) {
      this.forgetNumber();
      this.#exact = true;
      return message;
    }
    const lastSeq = message.lastSeq ?? this.#last;
    // A server that knows less than it once said has lost its memory since.
    const forgetful = lastSeq < this.#last;
    if (forgetful) this.#last = 0;
    const missed = message.missed === true || !this.#exact || forgetful;
    this.#exact = !missed;
    this.#replayEnd = missed ? this.#last : lastSeq;
    return missed ? { ...message, missed } : message;
  }
}
