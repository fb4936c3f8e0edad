import { useState } from 'react';
import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import type { LeftWhy, Media, Past } from '../state/model';
import { ChatLog } from './ChatLog';
import { ReportPanel } from './ReportPanel';
import { LEFT } from './words';

interface Props {
  readonly past: Past;
  readonly why: LeftWhy;
  readonly media: Media;
  readonly canSend: boolean;
  readonly act: Act;
}

export function LeftScreen({ past, why, media, canSend, act }: Props) {
  const heading = useArrival<HTMLHeadingElement>();
  const [reporting, setReporting] = useState(false);
  return (
    <section className="card" data-testid="peer-left" aria-labelledby="left-heading">
      <h1 id="left-heading" ref={heading} tabIndex={-1}>
        The chat is over
      </h1>
      <p className="lead">{LEFT[why]}</p>
      <div className="row">
        <button
          type="button"
          className="primary"
          data-testid="find-another"
          onClick={() => act({ kind: 'findAnother' })}
        >
          Find another
        </button>
        <button type="button" data-testid="stop" onClick={() => act({ kind: 'stop' })}>
          Stop
        </button>
        {/* A session that is gone can no longer report its rooms. */}
        {why !== 'server_lost' && (
          <button
            type="button"
            data-testid="report"
            aria-expanded={reporting}
            onClick={() => setReporting(!reporting)}
          >
            Report
          </button>
        )}
      </div>
      {reporting && (
        <ReportPanel
          report={past.report}
          canSend={canSend}
          act={act}
          close={() => setReporting(false)}
        />
      )}
      {media.camera.present && (
        <p className="small">Your camera stays on until you stop. Nobody sees it now.</p>
      )}
      {past.lines.length > 0 && <ChatLog lines={past.lines} />}
    </section>
  );
}
