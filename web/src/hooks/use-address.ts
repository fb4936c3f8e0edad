import { useCallback, useEffect, useRef, useState } from 'react';

interface Shown {
  readonly open: boolean;
  readonly leave: () => void;
}

/**
 * Whether the page's address ends in `hash`. A link to it opens what belongs
 * there without loading the page again, so a call goes on; Back closes it.
 */
export function useAddress(hash: `#${string}`): Shown {
  const [open, setOpen] = useState(() => window.location.hash === hash);
  /** It was opened from this page, so there is something to go back to. */
  const entered = useRef(false);
  useEffect(() => {
    const look = () => {
      const now = window.location.hash === hash;
      entered.current = now;
      setOpen(now);
    };
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, [hash]);
  const leave = useCallback(() => {
    if (entered.current) {
      window.history.back();
      return;
    }
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, '', pathname + search);
    setOpen(false);
  }, []);
  return { open, leave };
}
