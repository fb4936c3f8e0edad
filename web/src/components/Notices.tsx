import type { Act } from '../hooks/use-page';
import type { Notice, State, Told } from '../state/model';
import { linkWords, noticeWords, toldWords } from './words';

/** How the connection to the server is, where it is not well. */
export function ConnectionNotice({ state }: { readonly state: State }) {
  const words = linkWords(state);
  return (
    <div role="status" className="notices">
      {words !== '' && (
        <p className="notice" data-testid="connection-notice">
          {words}
        </p>
      )}
    </div>
  );
}

/** What the server refused. */
export function ErrorNotice(props: { readonly notice: Notice | null; readonly act: Act }) {
  const { notice, act } = props;
  return (
    <div role="alert" className="notices">
      {notice !== null && (
        <p className="notice notice-error" data-testid="error-notice">
          <span>{noticeWords(notice)}</span>
          {notice.code === 'cannot_hide' && (
            <button
              type="button"
              className="quiet"
              data-testid="start-unhidden"
              onClick={() => act({ kind: 'startUnhidden' })}
            >
              Start without hiding
            </button>
          )}
          <button type="button" className="quiet" onClick={() => act({ kind: 'dismissNotice' })}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}

/** What becomes of a report or a block. */
export function ToldNotice(props: { readonly told: Told | null; readonly act: Act }) {
  const { told, act } = props;
  return (
    <div role="status" className="notices">
      {told !== null && (
        <p className="notice notice-told" data-testid="told" data-outcome={told.outcome}>
          <span>{toldWords(told)}</span>
          <button type="button" className="quiet" onClick={() => act({ kind: 'dismissTold' })}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
