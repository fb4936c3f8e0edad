/**
 * Sends the still pictures that belong to reports: makes each a file, posts it
 * as the holder of the resume token, and tries again where the server asks for
 * patience. It says only what was not taken.
 */
import { encodeStill, type Still } from '../peer/still';
import {
  afterAnswer,
  type PictureAnswer,
  type PictureProblem,
  type PictureVerdict,
} from './picture-policy';

/** More than anybody reports within a retry's delay; one more, and the oldest is given up. */
export const MAX_UNDER_WAY = 4;

export interface PicturesOptions {
  readonly token: () => string | null;
  readonly lost: (room: string, problem: PictureProblem) => void;
  readonly encode?: (still: Still) => Promise<Blob | null>;
}

export class Pictures {
  readonly #options: PicturesOptions;
  readonly #underWay = new Map<AbortController, string>();

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  async send(room: string, still: Still): Promise<void> {
    this.#makeRoom();
    const controller = new AbortController();
    this.#underWay.set(controller, room);
    const encode = this.#options.encode ?? encodeStill;
    const file = await encode(still);
    const problem = file === null ? 'refused' : await this.#post(room, file, controller.signal);
    if (this.#underWay.delete(controller) && problem !== null) this.#options.lost(room, problem);
  }

  dispose(): void {
    for (const controller of this.#underWay.keys()) controller.abort();
    this.#underWay.clear();
  }

  #makeRoom(): void {
    if (this.#underWay.size < MAX_UNDER_WAY) return;
    for (const [oldest, room] of this.#underWay) {
      this.#underWay.delete(oldest);
      oldest.abort();
      this.#options.lost(room, 'away');
      return;
    }
  }

  /** Null once it was taken, and where nobody wants to know any more. */
  async #post(room: string, file: Blob, signal: AbortSignal): Promise<PictureProblem | null> {
    for (let retries = 0; !signal.aborted; retries += 1) {
      const token = this.#options.token();
      if (token === null) return 'gone';
      const answer = await post(room, file, token, signal);
      const verdict: PictureVerdict = afterAnswer(answer, retries, Date.now());
      if (verdict.kind === 'taken') return null;
      if (verdict.kind === 'lost') return verdict.problem;
      await pause(verdict.delayMs, signal);
    }
    return null;
  }
}

async function post(
  room: string,
  body: Blob,
  token: string,
  signal: AbortSignal,
): Promise<PictureAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': body.type };
  try {
    const path = `/api/v1/reports/${room}/picture`;
    const { status, headers: said } = await fetch(path, { method: 'POST', headers, body, signal });
    return { status, retryAfter: said.get('retry-after') };
  } catch {
    return { status: null, retryAfter: null };
  }
}

/** Ends early when `signal` says so. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
    if (signal.aborted) over();
  });
}
