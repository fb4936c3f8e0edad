/**
 * The protocol's limits and how a character is counted: by Unicode code point,
 * never by UTF-16 unit.
 */

/** The subprotocol that the page offers. */
export const SUBPROTOCOL = 'passerby.v1';

export const MAX_INTERESTS = 10;
export const MAX_INTEREST_CHARS = 32;
export const MAX_LANGUAGES = 5;
export const MAX_CHAT_CHARS = 2000;
export const MAX_DETAILS_CHARS = 1000;
export const MAX_TRANSCRIPT_LINES = 50;
/** A client's message, in bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 65_536;

/** The number of code points in `text`. A lone surrogate counts as one. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The length of `text` in bytes of UTF-8. */
export function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
