import { useEffect } from 'react';

/** The tab's title: someone who waits in another tab sees it change. */
export function useTitle(status: string): void {
  useEffect(() => {
    document.title = status === '' ? 'Passerby' : `${status} · Passerby`;
  }, [status]);
}
