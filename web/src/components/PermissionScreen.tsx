import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import type { DeviceProblem } from '../peer/media';
import { DEVICE_PROBLEMS } from './words';

interface Props {
  readonly problem: DeviceProblem | null;
  readonly act: Act;
}

export function PermissionScreen({ problem, act }: Props) {
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <section className="card" aria-labelledby="permission-heading">
      <h1 id="permission-heading" ref={heading} tabIndex={-1}>
        {problem === null ? 'Camera and microphone' : 'No camera yet'}
      </h1>
      <p className="lead" aria-live="polite">
        {problem === null
          ? 'Your browser asks whether this page may use your camera and microphone. The stranger sees and hears you only while you are paired.'
          : DEVICE_PROBLEMS[problem]}
      </p>
      <div className="stack">
        {problem !== null && (
          <button
            type="button"
            className="primary"
            data-testid="retry-camera"
            onClick={() => act({ kind: 'retryCamera' })}
          >
            Try again
          </button>
        )}
        <button
          type="button"
          data-testid="go-without-camera"
          onClick={() => act({ kind: 'goWithoutCamera' })}
        >
          Go on without a camera
        </button>
        <button type="button" data-testid="go-text" onClick={() => act({ kind: 'goText' })}>
          Go on with text only
        </button>
        <button
          type="button"
          className="quiet"
          data-testid="stop"
          onClick={() => act({ kind: 'stop' })}
        >
          Back
        </button>
      </div>
    </section>
  );
}
