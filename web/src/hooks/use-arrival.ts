import { type RefObject, useEffect, useRef } from 'react';

/**
 * Moves the focus to a new screen's heading, so that the keyboard and a screen
 * reader start there and not on a button that is gone.
 */
export function useArrival<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => {
    ref.current?.focus({ preventScroll: true });
  }, []);
  return ref;
}

/** False on phones, where focus in a text field would open the keyboard. */
export function hasFinePointer(): boolean {
  return typeof window.matchMedia !== 'function' || window.matchMedia('(pointer: fine)').matches;
}
