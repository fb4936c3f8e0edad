import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import { countCodePoints, MAX_DETAILS_CHARS, REPORT_REASONS, type ReportReason } from '../protocol';
import type { ReportState } from '../state/model';
import { REASONS } from './words';

interface Props {
  readonly report: ReportState;
  readonly canSend: boolean;
  readonly act: Act;
  readonly close: () => void;
}

/** Reports the stranger: a reason, and what the reporter chooses to add. */
export function ReportPanel({ report, canSend, act, close }: Props) {
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    // Here Esc closes the panel; it must not begin to skip the stranger.
    event.stopPropagation();
    close();
  };
  return (
    <section className="report" aria-label="Report the stranger" onKeyDown={closeOnEscape}>
      {report === 'taken' ? (
        <Taken close={close} />
      ) : (
        <ReportForm sent={report === 'sent'} canSend={canSend} act={act} close={close} />
      )}
    </section>
  );
}

function Taken({ close }: { readonly close: () => void }) {
  return (
    <>
      <p role="status" data-testid="report-taken">
        Your report was taken. Thank you.
      </p>
      <button type="button" onClick={close}>
        Close
      </button>
    </>
  );
}

interface FormProps {
  readonly sent: boolean;
  readonly canSend: boolean;
  readonly act: Act;
  readonly close: () => void;
}

function ReportForm({ sent, canSend, act, close }: FormProps) {
  const id = useId();
  const first = useArrival<HTMLSelectElement>();
  const [reason, setReason] = useState<ReportReason>('nudity');
  const [details, setDetails] = useState('');
  const [attach, setAttach] = useState(false);
  const over = countCodePoints(details) - MAX_DETAILS_CHARS;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (over <= 0) act({ kind: 'report', reason, details, attach });
  };

  return (
    <form onSubmit={submit}>
      <label htmlFor={`${id}-reason`}>What is wrong?</label>
      <select
        id={`${id}-reason`}
        ref={first}
        data-testid="report-reason"
        value={reason}
        onChange={(event) => setReason(reasonOf(event.target.value))}
      >
        {REPORT_REASONS.map((known) => (
          <option key={known} value={known}>
            {REASONS[known]}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-details`}>Details (optional)</label>
      <textarea
        id={`${id}-details`}
        rows={2}
        value={details}
        aria-invalid={over > 0}
        onChange={(event) => setDetails(event.target.value)}
      />
      {over > 0 && <p className="small problem">Too long by {over}</p>}
      <label className="check">
        <input
          type="checkbox"
          checked={attach}
          onChange={(event) => setAttach(event.target.checked)}
        />
        Attach the last messages of this chat
      </label>
      <div className="row">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button
          type="submit"
          className="danger"
          data-testid="report-send"
          disabled={sent || !canSend || over > 0}
        >
          {sent ? 'Sending…' : 'Send report'}
        </button>
      </div>
    </form>
  );
}

function reasonOf(value: string): ReportReason {
  return REPORT_REASONS.find((known) => known === value) ?? 'other';
}
