import { type KeyboardEvent, useId } from 'react';
import { addInterests } from '../interests';

interface Props {
  readonly interests: readonly string[];
  /** What stands in the field and is no chip yet. */
  readonly typed: string;
  readonly problem: string;
  readonly onInterests: (interests: readonly string[]) => void;
  readonly onTyped: (typed: string) => void;
}

/** A field that turns words into chips at each comma or Enter. */
export function InterestsField({ interests, typed, problem, onInterests, onTyped }: Props) {
  const id = useId();
  const hintId = `${id}-hint`;

  const commit = (text: string): boolean => {
    const checked = addInterests(interests, text);
    if (!checked.ok) return false;
    onInterests(checked.interests);
    onTyped('');
    return true;
  };
  const change = (text: string) => {
    if (!/[,，、،]$/.test(text) || !commit(text)) onTyped(text);
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && typed.trim() !== '') {
      // The first Enter makes the chip; the next one starts.
      event.preventDefault();
      commit(typed);
    } else if (event.key === 'Backspace' && typed === '') {
      onInterests(interests.slice(0, -1));
    }
  };

  return (
    <div className="field">
      <label htmlFor={id}>Interests (optional)</label>
      <div className="chips-field">
        <Chips
          interests={interests}
          remove={(gone) => onInterests(interests.filter((interest) => interest !== gone))}
        />
        <input
          id={id}
          data-testid="interests"
          type="text"
          autoComplete="off"
          enterKeyHint="done"
          placeholder={interests.length === 0 ? 'music, chess, cooking' : ''}
          value={typed}
          aria-describedby={hintId}
          aria-invalid={problem !== ''}
          onChange={(event) => change(event.target.value)}
          onKeyDown={keyDown}
        />
      </div>
      <p id={hintId} className={problem === '' ? 'small' : 'small problem'} aria-live="polite">
        {problem === '' ? 'Up to 10, with commas between them.' : problem}
      </p>
    </div>
  );
}

function Chips(props: {
  readonly interests: readonly string[];
  readonly remove: (interest: string) => void;
}) {
  if (props.interests.length === 0) return null;
  return (
    <ul className="chips" aria-label="Chosen interests">
      {props.interests.map((interest) => (
        <li key={interest} className="chip">
          <span dir="auto">{interest}</span>
          <button
            type="button"
            aria-label={`Remove ${interest}`}
            onClick={() => props.remove(interest)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
