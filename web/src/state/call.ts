/** What the person does and what the clock does while a room stands. */
import { type ClientMessage, countCodePoints, MAX_CHAT_CHARS } from '../protocol';
import { type Effect, type Step, stay } from './events';
import { type Call, type Line, MAX_LINES, MAX_PENDING, pendingCount, type State } from './model';
import { toWaiting } from './moves';

/** Time for the second Esc. */
export const SKIP_MS = 2_000;
/** A refusal comes within this time, or the line was taken. */
export const SAID_MS = 5_000;
/** A pause this long ends "is typing". */
export const TYPING_MS = 4_000;

export function withCall(state: State, call: Call): State {
  return { ...state, screen: { kind: 'call', call } };
}

export function addLine(call: Call, from: Line['from'], text: string, unsent?: 'pending'): Call {
  const line: Line = { id: call.nextLine, from, text, ...(unsent ? { unsent } : {}) };
  const lines = [...call.lines, line].slice(-MAX_LINES);
  return { ...call, lines, nextLine: call.nextLine + 1 };
}

export function next(state: State, call: Call): Step {
  return toWaiting(state, { type: 'next', room: call.room });
}

/** The first press asks, the second within `SKIP_MS` means it. */
export function escapePressed(state: State, call: Call): Step {
  if (call.confirmSkip) return next(state, call);
  return {
    state: withCall(state, { ...call, confirmSkip: true }),
    effects: [{ kind: 'setTimer', id: 'skip', ms: SKIP_MS }],
  };
}

export function chat(state: State, call: Call, text: string): Step {
  const fits = text.trim() !== '' && countCodePoints(text) <= MAX_CHAT_CHARS;
  if (!fits) return stay(state);
  if (state.link.kind !== 'up') return chatLater(state, call, text);
  return {
    state: withCall(state, {
      ...saying(addLine(call, 'me', text), [call.nextLine]),
      typing: false,
    }),
    effects: [
      send({ type: 'chat', room: call.room, text }),
      { kind: 'setTimer', id: 'said', ms: SAID_MS },
      ...(call.typing ? [send({ type: 'typing', room: call.room, active: false })] : []),
      { kind: 'clearTimer', id: 'typing' },
    ],
  };
}

/** Without a connection the line waits, and is shown as waiting. */
function chatLater(state: State, call: Call, text: string): Step {
  if (pendingCount(call) >= MAX_PENDING) return stay(state);
  return stay(withCall(state, addLine(call, 'me', text, 'pending')));
}

/** The room still stands: what waited is said, in order. */
export function sayPending(state: State, call: Call): Step {
  const pending = call.lines.filter(({ unsent }) => unsent === 'pending');
  if (pending.length === 0) return stay(state);
  const lines = call.lines.map(({ unsent, ...line }) =>
    unsent === undefined || unsent === 'pending' ? line : { ...line, unsent },
  );
  const ids = pending.map(({ id }) => id);
  return {
    state: withCall(state, saying({ ...call, lines }, ids)),
    effects: [
      ...pending.map(({ text }) => send({ type: 'chat', room: call.room, text })),
      { kind: 'setTimer', id: 'said', ms: SAID_MS },
    ],
  };
}

function saying(call: Call, ids: readonly number[]): Call {
  return { ...call, said: [...call.said, ...ids].slice(-MAX_PENDING) };
}

/**
 * It was too quick. An error names no message; what a person does that fast is
 * writing, so the newest line that may be meant counts as refused.
 */
export function lineRefused(call: Call): Call {
  const id = call.said.at(-1);
  if (id === undefined) return call;
  const lines = call.lines.map((line) =>
    line.id === id ? { ...line, unsent: 'refused' as const } : line,
  );
  return { ...call, lines, said: call.said.slice(0, -1) };
}

/** Says a refused line now, as the newest. */
export function resend(state: State, call: Call, id: number): Step {
  const line = call.lines.find((known) => known.id === id && known.unsent === 'refused');
  if (line === undefined) return stay(state);
  const without: Call = { ...call, lines: call.lines.filter((known) => known !== line) };
  const full = state.link.kind !== 'up' && pendingCount(call) >= MAX_PENDING;
  return full ? stay(state) : chat(state, without, line.text);
}

/** Tells the partner once when typing begins and once when it ends. */
export function draft(state: State, call: Call, empty: boolean): Step {
  if (state.link.kind !== 'up') return stay(state);
  if (empty) return stopTyping(state, call);
  return {
    state: withCall(state, { ...call, typing: true }),
    effects: [
      ...(call.typing ? [] : [send({ type: 'typing', room: call.room, active: true })]),
      { kind: 'setTimer', id: 'typing', ms: TYPING_MS },
    ],
  };
}

export function stopTyping(state: State, call: Call): Step {
  if (!call.typing) return stay(state);
  return {
    state: withCall(state, { ...call, typing: false }),
    effects: [
      send({ type: 'typing', room: call.room, active: false }),
      { kind: 'clearTimer', id: 'typing' },
    ],
  };
}

function send(message: ClientMessage): Effect {
  return { kind: 'send', message };
}
