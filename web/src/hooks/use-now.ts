import { useEffect, useState } from 'react';

const TICK_MS = 1_000;

/** The time in milliseconds since 1970, anew each second until `end`. */
export function useNow(end: number): number {
  const [now, setNow] = useState(() => Date.now());
  const over = now >= end;
  useEffect(() => {
    if (over) return undefined;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [over]);
  return now;
}
