import {
  countBytes,
  MAX_DETAILS_CHARS,
  MAX_MESSAGE_BYTES,
  MAX_TRANSCRIPT_LINES,
  type Report,
  type ReportReason,
  type TranscriptLine,
} from '../protocol';
import type { Line, Past } from './model';

/** What a report may add beside its transcript, with room to spare. */
const OTHER_BYTES = 16_384;

interface Choice {
  readonly reason: ReportReason;
  readonly details: string;
  /** Whether the reporter chose to attach what was said. */
  readonly attach: boolean;
}

export function reportOf(past: Past, { reason, details, attach }: Choice): Report {
  const trimmed = [...details.trim()].slice(0, MAX_DETAILS_CHARS).join('');
  const transcript = attach ? lastLines(past.lines) : [];
  return {
    type: 'report',
    room: past.room,
    reason,
    ...(trimmed === '' ? {} : { details: trimmed }),
    ...(transcript.length === 0 ? {} : { transcript }),
  };
}

/** The last lines that a message has room for. */
function lastLines(lines: readonly Line[]): TranscriptLine[] {
  const taken: TranscriptLine[] = [];
  let bytes = OTHER_BYTES;
  const said = lines.filter(({ unsent }) => unsent === undefined);
  for (const { from, text } of said.slice(-MAX_TRANSCRIPT_LINES).reverse()) {
    // As JSON: an escaped character may take six bytes.
    bytes += countBytes(JSON.stringify({ from, text })) + 1;
    if (bytes > MAX_MESSAGE_BYTES) break;
    taken.unshift({ from, text });
  }
  return taken;
}
