import { type RefObject, useCallback, useEffect, useState } from 'react';

export interface Playback {
  /** The browser wants a click before it plays sound. */
  readonly blocked: boolean;
  readonly play: () => void;
}

/** Shows `stream` in a video element. */
export function usePlayback(
  ref: RefObject<HTMLVideoElement | null>,
  stream: MediaStream | null,
): Playback {
  const [blocked, setBlocked] = useState(false);

  const play = useCallback(() => {
    void ref.current?.play().then(
      () => setBlocked(false),
      // Any other failure is an element that was replaced or taken away.
      (error: unknown) =>
        setBlocked(error instanceof DOMException && error.name === 'NotAllowedError'),
    );
  }, [ref]);

  useEffect(() => {
    const video = ref.current;
    if (video === null) return undefined;
    video.srcObject = stream;
    if (stream !== null) play();
    return () => {
      video.srcObject = null;
    };
  }, [ref, stream, play]);

  return { blocked, play };
}
