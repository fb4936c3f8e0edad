/**
 * Interests as a person types them: split at commas, checked against the
 * protocol's limits, each once. Two are the same where their compared forms are
 * (rule 5 of the protocol); what is sent is what was typed, trimmed.
 */
import { countCodePoints, MAX_INTEREST_CHARS, MAX_INTERESTS } from './protocol';

export type Checked =
  | { readonly ok: true; readonly interests: readonly string[] }
  | { readonly ok: false; readonly problem: 'too_many' | 'too_long' };

/** The commas of Latin, Chinese and Arabic script, and the ends of lines. */
const SEPARATORS = /[,，、،\n]/;

/** `known` and then what `typed` adds to it. */
export function addInterests(known: readonly string[], typed: string): Checked {
  const all = [...known];
  const seen = new Set(known.map(comparedForm));
  for (const part of typed.split(SEPARATORS)) {
    const interest = part.toWellFormed().replace(/\s+/gu, ' ').trim();
    const compared = comparedForm(interest);
    if (compared === '' || seen.has(compared)) continue;
    if (countCodePoints(compared) > MAX_INTEREST_CHARS) return { ok: false, problem: 'too_long' };
    seen.add(compared);
    all.push(interest);
  }
  return all.length > MAX_INTERESTS
    ? { ok: false, problem: 'too_many' }
    : { ok: true, interests: all };
}

/**
 * NFKC, case folding, trimming and single inner spaces. Folding by way of upper
 * case turns ß into ss; the final sigma is the one form that it leaves apart.
 */
export function comparedForm(interest: string): string {
  const folded = interest.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return folded.normalize('NFKC').replace(/\s+/gu, ' ').trim();
}
