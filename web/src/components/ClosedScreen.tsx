import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import type { Ban } from '../state/model';
import { BanScreen } from './BanScreen';
import { CLOSED } from './words';

interface Props {
  readonly why: keyof typeof CLOSED | 'banned';
  readonly ban: Ban | null;
  readonly act: Act;
}

export function ClosedScreen({ why, ban, act }: Props) {
  return why === 'banned' ? <BanScreen ban={ban} act={act} /> : <Closed why={why} act={act} />;
}

function Closed({ why, act }: { readonly why: keyof typeof CLOSED; readonly act: Act }) {
  const heading = useArrival<HTMLHeadingElement>();
  const { title, words, button } = CLOSED[why];
  return (
    <section className="card" data-testid="closed" aria-labelledby="closed-heading">
      <h1 id="closed-heading" ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p className="lead">{words}</p>
      <button
        type="button"
        className="primary"
        data-testid={why === 'elsewhere' ? 'use-here' : 'reopen'}
        onClick={() => act({ kind: 'reopen' })}
      >
        {button}
      </button>
    </section>
  );
}
