/** Reporting and blocking: of the current room, or of the one that just ended. */
import {
  countBytes,
  MAX_DETAILS_CHARS,
  MAX_MESSAGE_BYTES,
  MAX_TRANSCRIPT_LINES,
  type Report,
  type ReportReason,
  type TranscriptLine,
} from '../protocol';
import { next } from './call';
import { type Step, stay } from './events';
import { file } from './filing';
import type { Line, Past, Sheet, State } from './model';
import { reportable, withPast } from './past';

/** What a report may add beside its transcript, with room to spare. */
const OTHER_BYTES = 16_384;

/** What the reporter chose. */
export interface Choice {
  readonly reason: ReportReason;
  readonly details: string;
  /** The ids of the lines to attach. */
  readonly lines: readonly number[];
  /** Whether the still picture goes with it. */
  readonly picture: boolean;
}

export function openSheet(state: State, still: Sheet['still']): Step {
  const past = reportable(state);
  if (past === null || past.report !== 'none') return stay(state);
  return stay(withPast(state, { sheet: { still } }));
}

export function closeSheet(state: State): Step {
  return stay(reportable(state) === null ? state : withPast(state, { sheet: null }));
}

/** In a call the reporter goes on to the next person at once. */
export function report(state: State, choice: Choice): Step {
  const past = reportable(state);
  if (past === null || past.report !== 'none') return stay(state);
  const still = choice.picture ? (past.sheet?.still ?? null) : null;
  const filed = file(state, reportOf(past, choice), still);
  return onwards({ ...filed, state: withPast(filed.state, { report: 'sent', sheet: null }) });
}

export function block(state: State): Step {
  const past = reportable(state);
  if (past === null || past.blocked) return stay(state);
  const filed = file(state, { type: 'block', room: past.room }, null);
  return onwards({ ...filed, state: withPast(filed.state, { blocked: true }) });
}

/** Whoever is alone already is not sent to somebody new unasked. */
function onwards({ state, effects }: Step): Step {
  if (state.screen.kind !== 'call') return { state, effects };
  const gone = next(state, state.screen.call);
  return { state: gone.state, effects: [...effects, ...gone.effects] };
}

/** The answer to a report that the page still shows. */
export function reportTaken(state: State, room: string): State {
  return reportable(state)?.room === room ? withPast(state, { report: 'taken' }) : state;
}

export function reportOf(past: Past, { reason, details, lines }: Choice): Report {
  const trimmed = [...details.trim()].slice(0, MAX_DETAILS_CHARS).join('');
  const chosen = new Set(lines);
  const transcript = lastThatFit(attachable(past.lines).filter(({ id }) => chosen.has(id)));
  return {
    type: 'report',
    room: past.room,
    reason,
    ...(trimmed === '' ? {} : { details: trimmed }),
    ...(transcript.length === 0 ? {} : { transcript }),
  };
}

/** The lines that a report may bear: the last ones that were said. */
export function attachable(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ unsent }) => unsent === undefined).slice(-MAX_TRANSCRIPT_LINES);
}

/** The last lines that a message has room for. */
function lastThatFit(lines: readonly Line[]): TranscriptLine[] {
  const taken: TranscriptLine[] = [];
  let bytes = OTHER_BYTES;
  for (const { from, text } of [...lines].reverse()) {
    // As JSON: an escaped character may take six bytes.
    bytes += countBytes(JSON.stringify({ from, text })) + 1;
    if (bytes > MAX_MESSAGE_BYTES) break;
    taken.unshift({ from, text });
  }
  return taken;
}
