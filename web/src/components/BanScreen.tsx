import { useArrival } from '../hooks/use-arrival';
import { useNow } from '../hooks/use-now';
import type { Act } from '../hooks/use-page';
import type { Ban } from '../state/model';
import { KeptLink } from './KeptLink';
import { dateWords, inWords } from './times';

interface Props {
  /** Null where the server closed without a word. */
  readonly ban: Ban | null;
  readonly act: Act;
}

/** Why somebody is kept out, until when, and what can be done about it. */
export function BanScreen({ ban, act }: Props) {
  const heading = useArrival<HTMLHeadingElement>();
  const end = ban === null ? 0 : (ban.until ?? Number.POSITIVE_INFINITY);
  const now = useNow(end);
  const over = now >= end;
  return (
    <section className="card" data-testid="banned" aria-labelledby="banned-heading">
      <h1 id="banned-heading" ref={heading} tabIndex={-1}>
        {title(ban, over)}
      </h1>
      <dl className="facts">
        <Fact name="Why" testId="ban-reason" text={ban?.reason || 'No reason was given.'} />
        {ban !== null && (
          <Fact name="How long" testId="ban-until" text={endWords(ban, now, over)} />
        )}
        <Fact name="If you object" testId="ban-appeal" text={ban?.appeal || APPEAL} />
      </dl>
      <p className="small">
        This holds for a device or for a network. If somebody else uses the same one, they may be
        meant and not you.
      </p>
      {end === Number.POSITIVE_INFINITY ? (
        <p className="small">Should this be lifted, it is enough to open this page again.</p>
      ) : (
        <button
          type="button"
          className="primary"
          data-testid="reopen"
          disabled={!over}
          onClick={() => act({ kind: 'reopen' })}
        >
          {over ? 'Try again' : 'Try again when it is over'}
        </button>
      )}
      <p className="small">
        <KeptLink />
      </p>
    </section>
  );
}

const APPEAL = 'Write to whoever runs this service.';

/** Words of the service: as text only, in the lines that they were written in. */
function Fact(props: { readonly name: string; readonly testId: string; readonly text: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd dir="auto" data-testid={props.testId}>
        {props.text}
      </dd>
    </div>
  );
}

function title(ban: Ban | null, over: boolean): string {
  if (ban !== null && over) return 'You can use Passerby again';
  return ban?.until === null ? 'You can’t use Passerby any more' : 'You can’t use Passerby now';
}

function endWords({ until }: Ban, now: number, over: boolean): string {
  if (until === null) return 'For good.';
  const date = dateWords(until, now);
  return over ? `It was until ${date}, and is over.` : `Until ${date}, ${inWords(until - now)}.`;
}
