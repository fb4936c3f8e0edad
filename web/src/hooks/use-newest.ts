import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** Distance in pixels from the end within which a reader counts as at the end. */
const NEAR_PX = 80;

/** Keeps a list scrolled to its end, unless the reader has scrolled back. */
export function useNewest<T extends HTMLElement>(
  newest: unknown,
): {
  ref: RefObject<T | null>;
  onScroll: () => void;
} {
  const ref = useRef<T>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new entry is what it waits for
  useLayoutEffect(() => {
    const list = ref.current;
    if (list !== null && atEnd.current) list.scrollTop = list.scrollHeight;
  }, [newest]);
  // A keyboard that opens, or a notice above, leaves less room for the list.
  useEffect(() => {
    const list = ref.current;
    if (list === null || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) list.scrollTop = list.scrollHeight;
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, []);
  const onScroll = () => {
    const list = ref.current;
    if (list === null) return;
    atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
  };
  return { ref, onScroll };
}
