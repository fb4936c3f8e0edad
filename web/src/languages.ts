import { MAX_LANGUAGES } from './protocol';

/** The browser's languages as the protocol takes them: BCP 47 tags, the first five. */
export function wellFormedLanguages(tags: readonly string[]): string[] {
  return tags.filter(isWellFormedTag).slice(0, MAX_LANGUAGES);
}

function isWellFormedTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
