import { useNewest } from '../hooks/use-newest';
import type { Line } from '../state/model';

interface Props {
  readonly lines: readonly Line[];
  /** Says a refused line again; absent where there is nobody to hear it. */
  readonly resend?: (line: number) => void;
}

/** What was said. A stranger's words are only ever text. */
export function ChatLog({ lines, resend }: Props) {
  const { ref, onScroll } = useNewest<HTMLDivElement>(lines);
  return (
    <div
      ref={ref}
      onScroll={onScroll}
      className="log"
      role="log"
      aria-label="Messages"
      data-testid="chat-log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must reach what scrolls
      tabIndex={0}
    >
      {lines.map((line) => (
        <p key={line.id} className={lineClass(line)}>
          <span className="who">{line.from === 'me' ? 'You' : 'Stranger'}</span>
          <span className="visually-hidden">: </span>
          <span className="said" dir="auto">
            {line.text}
          </span>
          {line.unsent !== undefined && <Unsent unsent={line.unsent} />}
          {line.unsent === 'refused' && resend !== undefined && (
            <button type="button" className="resend" onClick={() => resend(line.id)}>
              Send again
            </button>
          )}
        </p>
      ))}
    </div>
  );
}

function lineClass({ from, unsent }: Line): string {
  return unsent === undefined ? `line line-${from}` : `line line-${from} line-unsent`;
}

function Unsent({ unsent }: { readonly unsent: NonNullable<Line['unsent']> }) {
  return unsent === 'pending' ? (
    <span className="unsent" data-testid="pending">
      Waiting to be sent…
    </span>
  ) : (
    <span className="unsent" data-testid="not-sent">
      {unsent === 'refused' ? 'Not sent: it was too quick' : 'Not sent'}
    </span>
  );
}
