import type { FinalClose } from '../connection/backoff';
import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import { CLOSED } from './words';

interface Props {
  readonly why: FinalClose;
  readonly act: Act;
}

export function ClosedScreen({ why, act }: Props) {
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
