import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';

/** After a reload, until the server has said what is left of before it. */
export function RestoringScreen({ act }: { readonly act: Act }) {
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <section className="card center" data-testid="restoring" aria-labelledby="restoring-heading">
      <div className="pulse" aria-hidden="true" />
      <h1 id="restoring-heading" ref={heading} tabIndex={-1}>
        Reconnecting…
      </h1>
      <p className="lead">Going back to where you were.</p>
      <button type="button" data-testid="stop" onClick={() => act({ kind: 'stop' })}>
        Stop
      </button>
    </section>
  );
}
