import { useId } from 'react';
import { countCodePoints, MAX_DETAILS_CHARS } from '../protocol';
import type { Line } from '../state/model';

/** The lines that stay out of the report. */
export type LeftOut = ReadonlySet<number> | 'all';

interface Props {
  readonly details: string;
  readonly setDetails: (details: string) => void;
  readonly lines: readonly Line[];
  readonly left: LeftOut;
  readonly setLeft: (left: LeftOut) => void;
}

/** What the reporter adds in their own words, and which lines of the chat. */
export function ReportDetails({ details, setDetails, lines, left, setLeft }: Props) {
  const id = useId();
  const over = countCodePoints(details) - MAX_DETAILS_CHARS;
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Details</label>
        <textarea
          id={id}
          rows={3}
          dir="auto"
          data-testid="details"
          // biome-ignore lint/a11y/noAutofocus: it appears because it was asked for
          autoFocus
          placeholder="What happened?"
          value={details}
          aria-invalid={over > 0}
          onChange={(event) => setDetails(event.target.value)}
        />
        {over > 0 && (
          <p className="small problem" aria-live="polite">
            Too long by {over}
          </p>
        )}
      </div>
      {lines.length > 0 && <Lines lines={lines} left={left} setLeft={setLeft} />}
    </>
  );
}

function Lines({ lines, left, setLeft }: Pick<Props, 'lines' | 'left' | 'setLeft'>) {
  const none = left === 'all' || lines.every(({ id }) => left.has(id));
  const turn = (line: number, on: boolean) => {
    const out = new Set(left === 'all' ? lines.map(({ id }) => id) : left);
    if (on) out.delete(line);
    else out.add(line);
    setLeft(out);
  };
  return (
    <fieldset className="attach">
      <legend>Messages that go with it</legend>
      <button
        type="button"
        data-testid="attach-turn"
        onClick={() => setLeft(none ? new Set() : 'all')}
      >
        {none ? 'Choose all' : 'Choose none'}
      </button>
      <ul data-testid="attach-list">
        {lines.map((line) => (
          <li key={line.id}>
            <label className="check">
              <input
                type="checkbox"
                checked={left !== 'all' && !left.has(line.id)}
                onChange={(event) => turn(line.id, event.target.checked)}
              />
              <span>
                <span className="who">{line.from === 'me' ? 'You' : 'Stranger'}</span>
                <span className="visually-hidden">: </span>
                <span className="said" dir="auto">
                  {line.text}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
