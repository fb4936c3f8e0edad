/** What the service keeps and for how long, and the wish that it be erased. */
import { count, type Fields, nullable, object, string } from '../protocol/readers';

const PATH = '/api/v1/kept';

export interface KeptTerms {
  readonly reportsDays: number;
  /** Of reports about minors. */
  readonly minorDays: number;
  /** How to object to a ban. */
  readonly appeal: string | null;
}

/** Null where there is no answer, or one that says something else. */
export async function fetchKept(signal: AbortSignal): Promise<KeptTerms | null> {
  try {
    const response = await fetch(PATH, { signal, cache: 'no-store' });
    return response.ok ? termsFrom(object(await response.json(), 'kept')) : null;
  } catch {
    return null;
  }
}

/** How the wish to erase was answered. */
export type Erasure =
  | { readonly kind: 'taken' }
  /** Nothing is kept under this device, since the service does not know it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly retrySeconds: number | null };

export async function eraseKept(): Promise<Erasure> {
  try {
    const { ok, status, headers } = await fetch(PATH, { method: 'DELETE' });
    if (ok) return { kind: 'taken' };
    if (status === 401 || status === 404) return { kind: 'unknown' };
    const named = headers.get('retry-after');
    const retrySeconds = named !== null && /^\d+$/.test(named) ? Number(named) : null;
    return { kind: 'failed', retrySeconds };
  } catch {
    return { kind: 'failed', retrySeconds: null };
  }
}

function termsFrom(fields: Fields): KeptTerms {
  const { appeal = null } = nullable(fields, 'appeal', string);
  return {
    reportsDays: count(fields.reportsDays, 'reportsDays'),
    minorDays: count(fields.minorDays, 'minorDays'),
    appeal,
  };
}
