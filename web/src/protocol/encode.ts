import type { ClientMessage } from './messages';

/**
 * The frame for a message. The server refuses a lone surrogate, which a paste
 * or a cut emoji can leave behind, so each becomes U+FFFD.
 */
export function encode(message: ClientMessage): string {
  return JSON.stringify(message, (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
}
