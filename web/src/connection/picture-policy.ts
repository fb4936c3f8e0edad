/** What follows an attempt to send a report's picture, as a pure decision. */

/** Why it was not taken: its report is not known any more, it is refused, or the server is away. */
export type PictureProblem = 'gone' | 'refused' | 'away';

export type PictureVerdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'lost'; readonly problem: PictureProblem };

/** An answer, or that there was none. */
export interface PictureAnswer {
  /** Null where the server could not be reached. */
  readonly status: number | null;
  /** The header of that name. */
  readonly retryAfter: string | null;
}

export const MAX_RETRIES = 3;
/** Where the server names no delay. */
export const RETRY_MS = 2_000;
/** However long a delay it names: the page may be closed any time. */
export const MAX_RETRY_MS = 60_000;

/** `retries`: those made so far. `now`: in milliseconds since 1970. */
export function afterAnswer(answer: PictureAnswer, retries: number, now: number): PictureVerdict {
  const { status, retryAfter } = answer;
  if (status !== null && isTaken(status)) return { kind: 'taken' };
  const passing = status === null || status === 429 || status === 503;
  if (!passing) return { kind: 'lost', problem: problemOf(status) };
  if (retries >= MAX_RETRIES) return { kind: 'lost', problem: 'away' };
  return { kind: 'retry', delayMs: delayOf(retryAfter, now) };
}

/** 409: an earlier attempt arrived, and only its answer was lost. */
function isTaken(status: number): boolean {
  return status === 409 || (status >= 200 && status < 300);
}

function problemOf(status: number): PictureProblem {
  if (status === 401 || status === 403 || status === 404 || status === 410) return 'gone';
  return status >= 500 ? 'away' : 'refused';
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function delayOf(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return RETRY_MS;
  const named = /^\d+$/.test(retryAfter.trim())
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - now;
  if (!Number.isFinite(named)) return RETRY_MS;
  return Math.min(MAX_RETRY_MS, Math.max(0, named));
}
