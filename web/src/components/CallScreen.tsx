import { useCallback, useRef } from 'react';
import { useEscape } from '../hooks/use-escape';
import type { Act } from '../hooks/use-page';
import { takeStill } from '../peer/still';
import { type Call, MAX_PENDING, type Media, pendingCount } from '../state/model';
import { ChatInput } from './ChatInput';
import { ChatLog } from './ChatLog';
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
  const video = useRef<HTMLVideoElement>(null);
  useEscape(useCallback(() => act({ kind: 'escape' }), [act]));
  // Now: the partner may be gone by the time that the report is sent.
  const openReport = () =>
    act({ kind: 'openReport', still: video.current === null ? null : takeStill(video.current) });
  return (
    <section
      className={call.mode === 'video' ? 'call' : 'call call-text'}
      aria-label="Chat with a stranger"
      data-testid="call"
      data-room={call.room}
      data-role={call.role}
      data-peer-state={call.peer}
    >
      {call.mode === 'video' && <Stage call={call} media={media} video={video} />}
      <div className="talk">
        <Opening call={call} />
        <ChatLog lines={call.lines} resend={(line) => act({ kind: 'resend', line })} />
        <p className="typing small" aria-live="polite">
          {call.partnerTyping && <span data-testid="typing">The stranger is typing…</span>}
        </p>
        <ChatInput
          linked={canSend}
          canWrite={canSend || pendingCount(call) < MAX_PENDING}
          act={act}
        />
      </div>
      <div className="controls">
        <p className="confirm" role="status">
          {call.confirmSkip && <span data-testid="confirm-next">Press Esc again to skip</span>}
        </p>
        <Toolbar mode={call.mode} media={media} openReport={openReport} act={act} />
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
