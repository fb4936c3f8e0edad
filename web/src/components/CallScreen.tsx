import { useCallback, useState } from 'react';
import { useEscape } from '../hooks/use-escape';
import type { Act } from '../hooks/use-page';
import { type Call, MAX_PENDING, type Media, pendingCount } from '../state/model';
import { ChatInput } from './ChatInput';
import { ChatLog } from './ChatLog';
import { ReportPanel } from './ReportPanel';
import { Stage } from './Stage';
import { Toolbar } from './Toolbar';
import { PARTNER_AWAY } from './words';

interface Props {
  readonly call: Call;
  readonly media: Media;
  /** Whether the server can be reached. */
  readonly canSend: boolean;
  readonly act: Act;
}

export function CallScreen({ call, media, canSend, act }: Props) {
  const [reporting, setReporting] = useState(false);
  useEscape(useCallback(() => act({ kind: 'escape' }), [act]));
  return (
    <section
      className={call.mode === 'video' ? 'call' : 'call call-text'}
      aria-label="Chat with a stranger"
      data-testid="call"
      data-room={call.room}
      data-role={call.role}
      data-peer-state={call.peer}
    >
      {call.mode === 'video' && <Stage call={call} media={media} />}
      <div className="talk">
        <Opening call={call} />
        <ChatLog lines={call.lines} />
        <p className="typing small" aria-live="polite">
          {call.partnerTyping && <span data-testid="typing">The stranger is typing…</span>}
        </p>
        <ChatInput
          linked={canSend}
          canWrite={canSend || pendingCount(call) < MAX_PENDING}
          act={act}
        />
      </div>
      {reporting && (
        <ReportPanel
          report={call.report}
          canSend={canSend}
          act={act}
          close={() => setReporting(false)}
        />
      )}
      <div className="controls">
        <p className="confirm" role="status">
          {call.confirmSkip && <span data-testid="confirm-next">Press Esc again to skip</span>}
        </p>
        <Toolbar
          mode={call.mode}
          media={media}
          reporting={reporting}
          toggleReport={() => setReporting(!reporting)}
          act={act}
        />
      </div>
    </section>
  );
}

function Opening({ call }: { readonly call: Call }) {
  return (
    <div className="opening">
      <h1>{call.mode === 'video' ? 'Chat' : 'You are talking with a stranger'}</h1>
      <div role="status">
        {call.partnerAway && (
          <p className="away" data-testid="peer-away">
            {PARTNER_AWAY}
          </p>
        )}
      </div>
      {call.shared.length > 0 && (
        <p className="small" dir="auto">
          You both like {call.shared.join(', ')}.
        </p>
      )}
    </div>
  );
}
