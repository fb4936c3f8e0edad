/** What the page does when the server refuses something (`protocol.md`, `error`). */
import type { ServerError } from '../protocol';
import { lineRefused, withCall } from './call';
import { type Effect, type Step, stay } from './events';
import { filingsRefused } from './filing';
import type { Notice, State } from './model';
import { joinOf, toClosed, toLanding, toWaiting } from './moves';

/** The words that it was too quick stay at least this long. */
export const NOTICE_MS = 5_000;

export function refused(before: State, error: ServerError): Step {
  if (error.code === 'banned') {
    const { reason = null, until = null, appeal = null } = error;
    return toClosed({ ...before, notice: null, leaving: 0 }, 'banned', { reason, until, appeal });
  }
  // A `leave` that was refused gets no `idle`: nothing may go on waiting for it.
  const noticed: State = { ...before, notice: noticeOf(before, error), leaving: 0 };
  const filed = filingsRefused(noticed, error);
  // Words about a report that is lost say it all.
  const lost = filed.state.filings !== noticed.filings;
  const state: State = lost ? { ...filed.state, notice: before.notice } : filed.state;
  const step = onScreen(before, state, error);
  return { state: step.state, effects: [...goesAway(error), ...filed.effects, ...step.effects] };
}

function onScreen(before: State, state: State, error: ServerError): Step {
  if (error.code === 'not_in_room') return stay(state);
  const { retryAfterMs } = error;
  switch (state.screen.kind) {
    case 'waiting':
      if (retryAfterMs !== undefined) return outside(state, state.screen.retried, error);
      // It was the report or the block, or else this `join` is refused as well.
      if (before.filings.some(({ sent }) => sent)) return sayAgain(state);
      // The `join` or `next` was refused: the page stands outside the queue.
      return toLanding(state);
    case 'landing':
    case 'permission':
      return before.leaving > 0 && retryAfterMs !== undefined
        ? again(state, retryAfterMs)
        : stay(state);
    case 'call':
      return error.code === 'rate_limited'
        ? stay(withCall(state, lineRefused(state.screen.call)))
        : stay(state);
    case 'left':
    case 'restoring':
    case 'closed':
      return stay(state);
    default:
      return state.screen satisfies never;
  }
}

/** Outside the queue, with a time after which it works. Being too quick is forgiven once. */
function outside(state: State, retried: boolean, { code, retryAfterMs = 0 }: ServerError): Step {
  return code === 'rate_limited' && retried ? toLanding(state) : again(state, retryAfterMs);
}

function again(state: State, ms: number): Step {
  return { state, effects: [{ kind: 'setTimer', id: 'again', ms }] };
}

/** Being too quick needs no answer: the words go when their time is over. */
function goesAway({ code, retryAfterMs }: ServerError): readonly Effect[] {
  if (code !== 'rate_limited' || retryAfterMs === undefined) return [];
  return [{ kind: 'setTimer', id: 'notice', ms: Math.max(retryAfterMs, NOTICE_MS) }];
}

export function noticeOver(state: State): Step {
  return stay(state.notice?.code === 'rate_limited' ? { ...state, notice: null } : state);
}

/** After a refusal with a delay. A `join` also leaves a room that still stands. */
export function sayAgain(state: State): Step {
  switch (state.screen.kind) {
    case 'waiting': {
      const { state: waiting, effects } = toWaiting(state, joinOf(state.wish));
      return { state: { ...waiting, screen: { kind: 'waiting', retried: true } }, effects };
    }
    case 'landing':
    case 'permission':
      if (state.link.kind !== 'up') return stay(state);
      return {
        state: { ...state, leaving: state.leaving + 1 },
        effects: [{ kind: 'send', message: { type: 'leave' } }],
      };
    case 'call':
    case 'left':
    case 'restoring':
    case 'closed':
      return stay(state);
    default:
      return state.screen satisfies never;
  }
}

/** Of a join that asks for hiding, `unavailable` has a way on: without it. */
function cannotHide({ screen, wish }: State, { code, retryAfterMs }: ServerError): boolean {
  const asked = screen.kind === 'waiting' && wish.mode === 'video' && wish.hideAddress;
  return asked && code === 'unavailable' && retryAfterMs === undefined;
}

function noticeOf(state: State, error: ServerError): Notice {
  return {
    code: cannotHide(state, error) ? 'cannot_hide' : error.code,
    message: error.message,
    retryAfterMs: error.retryAfterMs ?? null,
  };
}
