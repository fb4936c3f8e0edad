import { type MouseEvent, useId, useState } from 'react';
import { useDialog } from '../hooks/use-dialog';
import type { Act } from '../hooks/use-page';
import { countCodePoints, MAX_DETAILS_CHARS, REPORT_REASONS, type ReportReason } from '../protocol';
import type { Past, Sheet } from '../state/model';
import { attachable } from '../state/report';
import { KeptLink } from './KeptLink';
import { ReportDetails } from './ReportDetails';
import { StillSwitch } from './StillSwitch';
import { REASONS } from './words';

interface Props {
  readonly past: Past;
  readonly sheet: Sheet;
  /** The chat goes on: after the report comes the next stranger. */
  readonly goesOn: boolean;
  readonly act: Act;
}

/**
 * The second press of a report: a reason, which sends it. What goes with it is
 * said above the reasons and can be switched off. A text chat has only its
 * lines to go by, so they are attached unless the reporter says otherwise; in a
 * video chat it is the picture that is.
 */
export function ReportSheet({ past, sheet, goesOn, act }: Props) {
  const close = () => act({ kind: 'closeReport' });
  const dialog = useDialog(close);
  const id = useId();
  const [more, setMore] = useState(false);
  const [details, setDetails] = useState('');
  const [picture, setPicture] = useState(sheet.still !== null);
  // A line that comes while the sheet is open is attached like those before it.
  const [left, setLeft] = useState<ReadonlySet<number> | 'all'>(
    past.mode === 'text' ? new Set<number>() : 'all',
  );
  const lines = attachable(past.lines);
  const chosen = left === 'all' ? [] : lines.map((line) => line.id).filter((one) => !left.has(one));
  const tooLong = countCodePoints(details) > MAX_DETAILS_CHARS;

  const send = (event: MouseEvent, reason: ReportReason) => {
    // The second click of a double click on the button that opened this sheet.
    if (event.detail > 1) return;
    act({ kind: 'report', reason, details, lines: chosen, picture });
  };

  return (
    <dialog {...dialog.props} className="sheet" data-testid="report-sheet" aria-labelledby={id}>
      <h2 id={id} ref={dialog.heading} tabIndex={-1}>
        What is wrong?
      </h2>
      <p className="small">{goesOn ? ONWARDS : AFTERWARDS}</p>
      {past.mode === 'video' && <StillSwitch still={sheet.still} on={picture} turn={setPicture} />}
      {lines.length > 0 && !more && (
        <label className="check">
          <input
            type="checkbox"
            data-testid="attach-lines"
            checked={chosen.length > 0}
            onChange={(event) => setLeft(event.target.checked ? new Set() : 'all')}
          />
          {lines.length === 1 ? 'The last message goes' : `The last ${lines.length} messages go`}{' '}
          with it
        </label>
      )}
      {more && (
        <ReportDetails
          details={details}
          setDetails={setDetails}
          lines={lines}
          left={left}
          setLeft={setLeft}
        />
      )}
      <div className="reasons">
        {REPORT_REASONS.map((reason) => (
          <button
            key={reason}
            type="button"
            data-testid={`reason-${reason}`}
            disabled={tooLong}
            onClick={(event) => send(event, reason)}
          >
            {REASONS[reason]}
          </button>
        ))}
      </div>
      <div className="row">
        {!more && (
          <button
            type="button"
            className="quiet"
            data-testid="report-details"
            onClick={() => setMore(true)}
          >
            Add details first
          </button>
        )}
        <button type="button" data-testid="report-cancel" onClick={close}>
          Cancel
        </button>
      </div>
      <p className="small">
        Only moderators see it. <KeptLink />
      </p>
    </dialog>
  );
}

const ONWARDS =
  'Press what fits. It is sent at once and you go on to somebody else. You won’t meet again.';
const AFTERWARDS = 'Press what fits. It is sent at once. You won’t meet again.';
