import { useArrival } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import type { Media, Wish } from '../state/model';
import { SelfVideo } from './SelfVideo';

interface Props {
  readonly wish: Wish;
  readonly media: Media;
  readonly act: Act;
}

export function WaitingScreen({ wish, media, act }: Props) {
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <section className="card center" data-testid="waiting" aria-labelledby="waiting-heading">
      {wish.mode === 'video' && media.camera.present ? (
        <div className="preview">
          <SelfVideo media={media} />
        </div>
      ) : (
        <div className="pulse" aria-hidden="true" />
      )}
      <h1 id="waiting-heading" ref={heading} tabIndex={-1}>
        Looking for a stranger…
      </h1>
      <p className="lead" dir="auto">
        {wish.interests.length === 0
          ? 'Anybody will do. It usually takes a moment.'
          : `First among those who like ${wish.interests.join(', ')}; after a few seconds among all.`}
      </p>
      <button type="button" data-testid="stop" onClick={() => act({ kind: 'stop' })}>
        Stop
      </button>
    </section>
  );
}
