import { useEffect, useState } from 'react';
import { fetchKept, type KeptTerms } from '../connection/kept-api';
import { useDialog } from '../hooks/use-dialog';
import { EraseKept } from './EraseKept';
import { KeptWords } from './KeptWords';

/** Says what is kept and for how long, above whatever else goes on. */
export function KeptDialog({ leave }: { readonly leave: () => void }) {
  const dialog = useDialog(leave);
  const terms = useTerms();
  return (
    <dialog {...dialog.props} className="page" data-testid="kept" aria-labelledby="kept-heading">
      <button type="button" data-testid="kept-back" onClick={leave}>
        Back
      </button>
      <h1 id="kept-heading" ref={dialog.heading} tabIndex={-1}>
        What is kept, and for how long
      </h1>
      <KeptWords terms={terms} />
      <EraseKept />
      <button type="button" onClick={leave}>
        Back
      </button>
    </dialog>
  );
}

/** Undefined until the service was asked; null where it gave no answer. */
function useTerms(): KeptTerms | null | undefined {
  const [terms, setTerms] = useState<KeptTerms | null>();
  useEffect(() => {
    const asking = new AbortController();
    void fetchKept(asking.signal).then((answer) => {
      if (!asking.signal.aborted) setTerms(answer);
    });
    return () => asking.abort();
  }, []);
  return terms;
}
