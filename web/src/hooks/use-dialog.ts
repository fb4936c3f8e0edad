import {
  type KeyboardEvent,
  type RefObject,
  type SyntheticEvent,
  useLayoutEffect,
  useRef,
} from 'react';

interface Dialog {
  /** For the `dialog` element itself. */
  readonly props: {
    readonly ref: RefObject<HTMLDialogElement | null>;
    readonly onCancel: (event: SyntheticEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
  /** For its heading, where the focus goes first: a reader starts there, and no
   * button is pressed by a key that was meant for the page below. */
  readonly heading: RefObject<HTMLHeadingElement | null>;
}

/**
 * A modal dialog for as long as it is rendered: the browser keeps the focus in
 * it and gives it back afterwards. `close` is what Esc asks for.
 */
export function useDialog(close: () => void): Dialog {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    heading.current?.focus({ preventScroll: true });
    return () => dialog?.close();
  }, []);
  const onCancel = (event: SyntheticEvent) => {
    // What is rendered decides whether it is open, not the browser.
    event.preventDefault();
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Here Esc closes the dialog; it must not begin to skip the stranger.
    if (event.key === 'Escape') event.stopPropagation();
  };
  return { props: { ref, onCancel, onKeyDown }, heading };
}
