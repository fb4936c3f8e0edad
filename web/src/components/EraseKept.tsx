import { useEffect, useRef, useState } from 'react';
import { type Erasure, eraseKept } from '../connection/kept-api';
import { inWords } from './times';

type Step = 'offered' | 'asked' | 'under_way' | Erasure;

/** Erases what is kept under this device, after a second press. */
export function EraseKept() {
  const [step, setStep] = useState<Step>('offered');
  const erase = async () => {
    setStep('under_way');
    setStep(await eraseKept());
  };
  return (
    <section aria-labelledby="erase-heading">
      <h2 id="erase-heading">Erase it</h2>
      <p>
        You can have erased what is stored under your device: reports that you made, reports about
        you, and your blocks. What is held as evidence stays, and so does a ban that is in force.
        Who reported or blocked you still never meets you.
      </p>
      {step === 'asked' ? (
        <Confirm erase={() => void erase()} keep={() => setStep('offered')} />
      ) : (
        <button
          type="button"
          data-testid="erase"
          disabled={step === 'under_way'}
          onClick={() => setStep('asked')}
        >
          Erase what is kept about me
        </button>
      )}
      <p role="status" data-testid="erase-outcome">
        {outcome(step)}
      </p>
    </section>
  );
}

function Confirm({ erase, keep }: { readonly erase: () => void; readonly keep: () => void }) {
  const question = useRef<HTMLParagraphElement>(null);
  useEffect(() => question.current?.focus(), []);
  return (
    <div className="confirm-erase">
      <p ref={question} tabIndex={-1}>
        <strong>This can’t be undone.</strong> Whom you reported or blocked, you may meet again, and
        no moderator can look at your reports any more.
      </p>
      <div className="row">
        <button type="button" className="danger" data-testid="erase-confirm" onClick={erase}>
          Erase
        </button>
        <button type="button" data-testid="erase-keep" onClick={keep}>
          Don’t erase
        </button>
      </div>
    </div>
  );
}

function outcome(step: Step): string {
  if (typeof step === 'string') return step === 'under_way' ? 'Erasing…' : '';
  switch (step.kind) {
    case 'taken':
      return 'Done. What is stored under this device is erased, save what is held as evidence.';
    case 'unknown':
      return 'The service does not know this device, so nothing is stored under it.';
    case 'failed':
      return `It was not erased: the service could not do it now. Try again ${
        step.retrySeconds === null ? 'later' : inWords(step.retrySeconds * 1000)
      }.`;
    default:
      return step satisfies never;
  }
}
