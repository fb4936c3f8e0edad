import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

export interface Playback {
  readonly ref: RefObject<HTMLVideoElement | null>;
  /** The browser wants a click before it plays sound. */
  readonly blocked: boolean;
  readonly play: () => void;
}

/** Shows `stream` in a video element. */
export function usePlayback(stream: MediaStream | null): Playback {
  const ref = useRef<HTMLVideoElement>(null);
  const [blocked, setBlocked] = useState(false);

  const play = useCallback(() => {
    void ref.current?.play().then(
      () => setBlocked(false),
      // Any other failure is an element that was replaced or taken away.
      (error: unknown) =>
        setBlocked(error instanceof DOMException && error.name === 'NotAllowedError'),
    );
  }, []);

  useEffect(() => {
    const video = ref.current;
    if (video === null) return undefined;
    video.srcObject = stream;
    if (stream !== null) play();
    return () => {
      video.srcObject = null;
    };
  }, [stream, play]);

  return { ref, blocked, play };
}
