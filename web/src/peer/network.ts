/**
 * Says when the machine's network has changed, as far as a browser tells: when
 * it is back after having been away, and where the kind of network is known (on
 * phones) when that changes.
 */

/** A change comes with several events, the first before the network can be used. */
export const SETTLE_MS = 300;

/** The part of NetworkInformation (Network Information API) that is looked at. */
interface Information extends EventTarget {
  readonly type?: string | undefined;
}

export interface Surroundings extends EventTarget {
  readonly navigator: { readonly onLine: boolean; readonly connection?: Information };
}

export class NetworkWatch {
  readonly #target: Surroundings;
  readonly #changed: () => void;
  readonly #information: Information | undefined;
  #type: string | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(target: Surroundings, changed: () => void) {
    this.#target = target;
    this.#changed = changed;
    this.#information = target.navigator.connection;
    this.#type = this.#information?.type;
    target.addEventListener('online', this.#settle);
    this.#information?.addEventListener('change', this.#look);
  }

  dispose(): void {
    clearTimeout(this.#settling);
    this.#target.removeEventListener('online', this.#settle);
    this.#information?.removeEventListener('change', this.#look);
  }

  /** `change` comes with every new guess at the speed as well. */
  readonly #look = (): void => {
    const type = this.#information?.type;
    if (type === this.#type) return;
    this.#type = type;
    this.#settle();
  };

  readonly #settle = (): void => {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      // If it is away again, `online` follows.
      if (this.#target.navigator.onLine) this.#changed();
    }, SETTLE_MS);
  };
}
