import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { hasFinePointer } from '../hooks/use-arrival';
import type { Act } from '../hooks/use-page';
import { countCodePoints, MAX_CHAT_CHARS } from '../protocol';

/** From this many characters before the limit on, the rest is shown. */
const WARN_CHARS = 100;

interface Props {
  /** Whether the server can be reached: a line is said at once. */
  readonly linked: boolean;
  /** Whether there is room for another line, said or waiting. */
  readonly canWrite: boolean;
  readonly act: Act;
}

export function ChatInput({ linked, canWrite, act }: Props) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const rest = MAX_CHAT_CHARS - countCodePoints(text);

  useEffect(() => {
    if (hasFinePointer()) field.current?.focus();
  }, []);

  const change = (next: string) => {
    setText(next);
    act({ kind: 'draft', empty: next === '' });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!canWrite || rest < 0 || text.trim() === '') return;
    act({ kind: 'chat', text });
    setText('');
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };

  return (
    <form className="compose" onSubmit={submit}>
      <textarea
        ref={field}
        data-testid="chat-input"
        aria-label="Your message"
        aria-invalid={rest < 0}
        rows={1}
        dir="auto"
        placeholder={placeholder(linked, canWrite)}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={keyDown}
      />
      <button
        type="submit"
        data-testid="chat-send"
        disabled={!canWrite || rest < 0 || text.trim() === ''}
      >
        Send
      </button>
      {rest <= WARN_CHARS && (
        <p className={rest < 0 ? 'small problem' : 'small'} aria-live="polite">
          {rest < 0 ? `Too long by ${-rest}` : `${rest} left`}
        </p>
      )}
    </form>
  );
}

function placeholder(linked: boolean, canWrite: boolean): string {
  if (linked) return 'Write a message';
  return canWrite ? 'Sent when reconnected' : 'No connection to the server';
}
