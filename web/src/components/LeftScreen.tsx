import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import type { LeftWhy, Media, Past } from '../state/model';
import { ChatLog } from './ChatLog';
import { LEFT } from './words';

interface Props {
  readonly past: Past;
  readonly why: LeftWhy;
  readonly media: Media;
  readonly act: Act;
}

export function LeftScreen({ past, why, media, act }: Props) {
  const heading = useArrival<HTMLHeadingElement>();
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
        {!past.gone && <AboutThem past={past} act={act} />}
      </div>
      {media.camera.present && (
        <p className="small">Your camera stays on until you stop. Nobody sees it now.</p>
      )}
      {past.lines.length > 0 && <ChatLog lines={past.lines} />}
    </section>
  );
}

/** What can still be said of the one who is gone. */
function AboutThem({ past, act }: { readonly past: Past; readonly act: Act }) {
  const { report, blocked } = past;
  return (
    <>
      <button
        type="button"
        data-testid="report"
        aria-haspopup="dialog"
        disabled={report !== 'none'}
        onClick={() => act({ kind: 'openReport', still: null })}
      >
        {report === 'none' ? 'Report' : 'Reported'}
      </button>
      {/* Whoever is reported is never met again anyway. */}
      <button
        type="button"
        data-testid="block"
        disabled={blocked || report !== 'none'}
        title="Never meet this stranger again"
        onClick={() => act({ kind: 'block' })}
      >
        {blocked ? 'Blocked' : 'Block'}
      </button>
    </>
  );
}
