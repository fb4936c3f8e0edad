import type { TimerId } from './events';

/** What a browser can wait for; with more it would not wait at all. */
const MAX_MS = 2 ** 31 - 1;

/** One timer a name; setting it again begins it anew. */
export class Timers {
  readonly #fire: (id: TimerId) => void;
  readonly #running = new Map<TimerId, ReturnType<typeof setTimeout>>();

  constructor(fire: (id: TimerId) => void) {
    this.#fire = fire;
  }

  set(id: TimerId, ms: number): void {
    this.clear(id);
    const timer = setTimeout(
      () => {
        this.#running.delete(id);
        this.#fire(id);
      },
      Math.min(ms, MAX_MS),
    );
    this.#running.set(id, timer);
  }

  clear(id: TimerId): void {
    clearTimeout(this.#running.get(id));
    this.#running.delete(id);
  }

  dispose(): void {
    for (const id of [...this.#running.keys()]) this.clear(id);
  }
}
