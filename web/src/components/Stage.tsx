import type { RefObject } from 'react';
import { useBlack } from '../hooks/use-black';
import { usePlayback } from '../hooks/use-playback';
import type { Call, Media } from '../state/model';
import { SelfVideo } from './SelfVideo';
import { CAMERA_BLACK, pictureWords } from './words';

interface Props {
  readonly call: Call;
  readonly media: Media;
  /** The element that shows the stranger. */
  readonly video: RefObject<HTMLVideoElement | null>;
}

/** The stranger's picture with the own one in its corner. */
export function Stage({ call, media, video }: Props) {
  const { blocked, play } = usePlayback(video, call.remote);
  const black = useBlack(video, call.remote);
  const words = pictureWords(call) || (black ? CAMERA_BLACK : '');
  return (
    <div className="stage">
      {/* biome-ignore lint/a11y/useMediaCaption: a live conversation has no captions */}
      <video
        ref={video}
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
