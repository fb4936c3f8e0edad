/**
 * Reports and blocks on their way. The page goes on to the next person at once,
 * so what is not confirmed yet waits here: it is said again after a connection
 * that broke and, once, after a refusal with a delay. The server takes a second
 * one of the same room as a repeat.
 */
import type { ServerError } from '../protocol';
import { type Effect, type Step, stay } from './events';
import { type Filing, MAX_FILINGS, type State, type Told } from './model';
import { reportable, withPast } from './past';

/** A room is spoken of until 60 s after its end: said again later than this, it is too late. */
const AGAIN_WITHIN_MS = 55_000;

/** How long the words stay that something was taken. */
export const TOLD_MS = 8_000;

/** Sends it, or keeps it for when the server can be reached. */
export function file(state: State, message: Filing['message'], still: Filing['still']): Step {
  const sent = state.link.kind === 'up';
  const filing: Filing = { message, still, sent, retried: false };
  return {
    state: {
      ...state,
      filings: [...state.filings, filing].slice(-MAX_FILINGS),
      told: { kind: message.type, outcome: sent ? 'sending' : 'waiting' },
    },
    effects: [...(sent ? [send(filing)] : []), { kind: 'clearTimer', id: 'told' }],
  };
}

/** The server has it. Now its picture can follow. */
export function confirmed(state: State, type: Filing['message']['type'], room: string): Step {
  const found = state.filings.find(({ message }) => message.type === type && message.room === room);
  if (found === undefined) return stay(state);
  const filings = state.filings.filter((filing) => filing !== found);
  const told = tell({ ...state, filings }, { kind: type, outcome: 'taken' });
  if (found.still === null) return told;
  const picture: Effect = { kind: 'sendPicture', room, still: found.still };
  return { state: told.state, effects: [...told.effects, picture] };
}

/** An error names no message: what is not confirmed yet may be what was refused. */
export function filingsRefused(state: State, error: ServerError): Step {
  const open = state.filings.filter(({ sent }) => sent);
  // Only a `join` or a `next` is asked for a proof.
  if (open.length === 0 || error.code === 'proof_required') return stay(state);
  const { retryAfterMs } = error;
  if (retryAfterMs === undefined) return lose(state);
  const late = retryAfterMs > AGAIN_WITHIN_MS || open.every(({ retried }) => retried);
  if (late) return lose(state, 'refused');
  return { state, effects: [{ kind: 'setTimer', id: 'file', ms: retryAfterMs }] };
}

/** After a refusal with a delay: once more each. */
export function fileAgain(state: State): Step {
  if (state.link.kind !== 'up') return stay(state);
  const again = state.filings.filter(({ retried }) => !retried);
  const filings = state.filings.map((filing) => ({ ...filing, sent: true, retried: true }));
  return { state: { ...state, filings }, effects: again.map(send) };
}

/** The session goes on: whatever is unconfirmed may not have arrived. */
export function fileUnconfirmed(state: State): Step {
  if (state.filings.length === 0) return stay(state);
  const filings = state.filings.map((filing) => ({ ...filing, sent: true }));
  return { state: { ...state, filings }, effects: filings.map(send) };
}

/** What is not confirmed yet is given up, in words. */
export function lose(state: State, outcome: 'lost' | 'refused' = 'lost'): Step {
  const last = state.filings.at(-1);
  if (last === undefined) return stay(state);
  return tell({ ...undone(state), filings: [] }, { kind: last.message.type, outcome });
}

/** Where its room is still shown, it can be said again. */
function undone(state: State): State {
  const past = reportable(state);
  const shown = state.filings.some(({ message }) => message.room === past?.room);
  return past !== null && shown ? withPast(state, { report: 'none', blocked: false }) : state;
}

/** Good news goes by itself; bad news stays until it is dismissed. */
function tell(state: State, told: Told): Step {
  const timer: Effect =
    told.outcome === 'taken'
      ? { kind: 'setTimer', id: 'told', ms: TOLD_MS }
      : { kind: 'clearTimer', id: 'told' };
  return { state: { ...state, told }, effects: [timer] };
}

/** The picture of a report that stands could not follow it. */
export function pictureLost(state: State, why: Extract<Told, { kind: 'picture' }>['why']): Step {
  return tell(state, { kind: 'picture', outcome: 'lost', why });
}

function send({ message }: Filing): Effect {
  return { kind: 'send', message };
}
