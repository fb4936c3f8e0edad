/**
 * Keeps the credentials of a call's relays good: asks for new ones well before
 * they end, and again after a failure. It hands over what it got; what becomes
 * of it, and any restart, is the link's concern.
 */
import type { IceTerms } from '../protocol';

/** What a service means that does not say, in seconds. */
export const USUAL_TTL_S = 600;
/** The part of their time after which credentials are renewed. */
export const RENEW_AT = 0.8;
/** The part after which they are no more begun anything with. */
export const ENDED_AT = 0.95;
/** However short their time is. */
export const MIN_RENEW_MS = 2_000;
/** A machine that slept notices in this time that they are overdue. */
export const CHECK_MS = 15_000;
/** An answer that takes longer is given up. */
export const ANSWER_MS = 10_000;
/** How long a restart waits for fresh ones. */
export const READY_MS = 3_000;
/** Delay after the first failure; it doubles with each. */
export const RETRY_MS = 1_000;
export const MAX_RETRY_MS = 30_000;

export interface IceRenewalOptions {
  readonly ice: IceTerms;
  /** Asks the service once; rejects where there is no answer. */
  readonly fetch: (signal: AbortSignal) => Promise<IceTerms>;
  readonly renewed: (iceServers: readonly RTCIceServer[]) => void;
  /** In [0, 1): spreads the retries of many pages. */
  readonly chance?: () => number;
}

export class IceRenewal {
  readonly #options: IceRenewalOptions;
  readonly #waiting = new Set<() => void>();
  #age: () => number;
  /** Zero where there are no credentials that could end. */
  #ttlMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The question that is open: the answer to any other is too late. */
  #question: AbortController | null = null;
  #failures = 0;
  #disposed = false;

  constructor(options: IceRenewalOptions) {
    this.#options = options;
    this.#age = stopwatch();
    this.#ttlMs = ttlOf(options.ice);
    this.#schedule();
  }

  /** Credentials that came by another way. */
  take(ice: IceTerms): void {
    this.#take(ice, stopwatch());
  }

  /** The machine woke up, or the network is back: what is overdue is not waited for. */
  wake(): void {
    if (this.#disposed || this.#ttlMs === 0) return;
    if (this.#overdue()) this.#hurry();
    else this.#schedule();
  }

  /**
   * Null where the credentials are good. Else resolves when fresh ones were
   * handed over, or after `READY_MS` without them.
   */
  ready(): Promise<void> | null {
    if (this.#disposed || this.#ttlMs === 0) return null;
    if (this.#age() < this.#ttlMs * ENDED_AT) return null;
    this.#hurry();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(bound);
        this.#waiting.delete(done);
        resolve();
      };
      const bound = setTimeout(done, READY_MS);
      this.#waiting.add(done);
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#stop();
    this.#release();
  }

  #take(ice: IceTerms, age: () => number): void {
    if (this.#disposed) return;
    this.#stop();
    this.#failures = 0;
    this.#age = age;
    this.#ttlMs = ttlOf(ice);
    this.#options.renewed(ice.iceServers);
    this.#release();
    this.#schedule();
  }

  #overdue(): boolean {
    return this.#age() >= this.#renewAfterMs();
  }

  #renewAfterMs(): number {
    return Math.max(MIN_RENEW_MS, this.#ttlMs * RENEW_AT);
  }

  /** In steps: a timer does not run on while the machine sleeps. */
  #schedule(): void {
    if (this.#disposed || this.#ttlMs === 0 || this.#question !== null) return;
    clearTimeout(this.#timer);
    const left = this.#renewAfterMs() - this.#age();
    if (left <= 0) this.#ask();
    else this.#timer = setTimeout(() => this.#schedule(), Math.min(left, CHECK_MS));
  }

  #hurry(): void {
    if (this.#question === null) this.#ask();
  }

  #ask(): void {
    clearTimeout(this.#timer);
    const question = new AbortController();
    this.#question = question;
    this.#timer = setTimeout(() => this.#failed(question), ANSWER_MS);
    // Their time began at the service, after this and before the answer.
    const age = stopwatch();
    this.#options.fetch(question.signal).then(
      (ice) => {
        if (this.#question === question) this.#take(ice, age);
      },
      () => this.#failed(question),
    );
  }

  #failed(question: AbortController): void {
    if (this.#question !== question) return;
    this.#stop();
    const full = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    const chance = (this.#options.chance ?? Math.random)();
    const delay = Math.round(full / 2 + (full / 2) * chance);
    this.#timer = setTimeout(() => this.#ask(), delay);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#question?.abort();
    this.#question = null;
  }

  #release(): void {
    for (const done of [...this.#waiting]) done();
  }
}

function ttlOf({ iceServers, iceTtl }: IceTerms): number {
  const ends = iceServers.some(({ credential }) => credential !== undefined);
  return ends ? Math.max(1, (iceTtl ?? USUAL_TTL_S) * 1000) : 0;
}

/**
 * Milliseconds since now. The steady clock of some browsers stops while the
 * machine sleeps, and the other one may be set back: the later of both counts.
 */
function stopwatch(): () => number {
  const [wall, steady] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - wall, performance.now() - steady);
}
