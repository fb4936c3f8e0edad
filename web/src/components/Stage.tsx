import { usePlayback } from '../hooks/use-playback';
import type { Call, Media } from '../state/model';
import { SelfVideo } from './SelfVideo';
import { pictureWords } from './words';

interface Props {
  readonly call: Call;
  readonly media: Media;
}

/** The stranger's picture with the own one in its corner. */
export function Stage({ call, media }: Props) {
  const { ref, blocked, play } = usePlayback(call.remote);
  const words = pictureWords(call);
  return (
    <div className="stage">
      {/* biome-ignore lint/a11y/useMediaCaption: a live conversation has no captions */}
      <video
        ref={ref}
        className="remote"
        data-testid="remote-video"
        aria-label="The stranger’s picture"
        autoPlay
        playsInline
      />
      <p className="stage-words" role="status">
        {words}
      </p>
      {call.hidden && (
        <p className="stage-sign" data-testid="address-hidden">
          Your address is hidden
        </p>
      )}
      {blocked && (
        <button type="button" className="primary stage-play" data-testid="play" onClick={play}>
          Play
        </button>
      )}
      {media.camera.present && <SelfVideo media={media} />}
    </div>
  );
}
