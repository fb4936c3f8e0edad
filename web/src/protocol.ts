/**
 * The wire protocol: its messages as types, its limits, the encoder for what
 * the page sends and the decoder for what it gets. The golden messages in
 * `tests/fixtures/protocol` hold both sides to the same words.
 */
export * from './protocol/decode';
export * from './protocol/encode';
export * from './protocol/limits';
export * from './protocol/messages';
