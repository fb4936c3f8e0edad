/**
 * The text that this tab keeps across reloads. A browser may refuse storage;
 * the page then works, and a reload begins anew.
 */
const KEY = 'passerby';

export class TabStorage {
  readonly #storage: () => Storage;
  #written: string | null | undefined;

  /** Only naming the storage may throw, so it is named when it is used. */
  constructor(storage: () => Storage = () => window.sessionStorage) {
    this.#storage = storage;
  }

  read(): string | null {
    try {
      return this.#storage().getItem(KEY);
    } catch {
      return null;
    }
  }

  /** Null takes away what is there. */
  write(text: string | null): void {
    if (text === this.#written) return;
    try {
      if (text === null) this.#storage().removeItem(KEY);
      else this.#storage().setItem(KEY, text);
      this.#written = text;
    } catch {
      // Refused or full: a reload then finds what was there before, or nothing.
    }
  }
}
