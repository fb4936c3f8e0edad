import { useEffect } from 'react';

/** Calls `pressed` for each press of Esc that nothing nearer has taken: none of an open dialog's. */
export function useEscape(pressed: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // A held key repeats, and an input method uses Esc for itself.
      if (event.key !== 'Escape' || event.repeat || event.isComposing) return;
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      pressed();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [pressed]);
}
