import type { Act } from '../hooks/use-page';
import type { Notice, State } from '../state/model';
import { linkWords, noticeWords } from './words';

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
