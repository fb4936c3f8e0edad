import { useRef } from 'react';
import { usePlayback } from '../hooks/use-playback';
import type { Media } from '../state/model';

/** The own picture: mirrored, as people know themselves, and without sound. */
export function SelfVideo({ media }: { readonly media: Media }) {
  const ref = useRef<HTMLVideoElement>(null);
  usePlayback(ref, media.stream);
  return (
    <div className="self">
      <video
        ref={ref}
        className="mirrored"
        data-testid="self-video"
        aria-label="Your own picture"
        autoPlay
        playsInline
        muted
      />
      {!media.camera.on && <p className="self-off">Camera off</p>}
    </div>
  );
}
