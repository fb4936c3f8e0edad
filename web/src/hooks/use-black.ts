import { type RefObject, useEffect, useState } from 'react';
import { isBlack } from '../peer/black';

const LOOK_MS = 1_000;
/** A picture that begins, or a hand before the camera, is black for less. */
const LOOKS = 2;

/** Whether a video that plays `stream` shows nothing but black, for some time now. */
export function useBlack(
  ref: RefObject<HTMLVideoElement | null>,
  stream: MediaStream | null,
): boolean {
  const [black, setBlack] = useState(false);
  useEffect(() => {
    if (stream === null) return undefined;
    let looks = 0;
    const timer = setInterval(() => {
      looks = ref.current !== null && isBlack(ref.current) ? looks + 1 : 0;
      setBlack(looks >= LOOKS);
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      setBlack(false);
    };
  }, [ref, stream]);
  return black;
}
