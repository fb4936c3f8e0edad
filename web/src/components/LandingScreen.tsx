import { type FormEvent, useState } from 'react';
import type { Act } from '../hooks/use-page';
import { addInterests, type Checked } from '../interests';
import { wellFormedLanguages } from '../languages';
import type { Mode, Privacy } from '../protocol';
import type { Wish } from '../state/model';
import { InterestsField } from './InterestsField';
import { KeptLink } from './KeptLink';
import { PrivacyField, wantsHiding } from './PrivacyField';

interface Props {
  readonly wish: Wish;
  readonly privacy: Privacy | null;
  readonly act: Act;
}

export function LandingScreen({ wish, privacy, act }: Props) {
  const [mode, setMode] = useState<Mode>(wish.mode);
  const [interests, setInterests] = useState(wish.interests);
  const [typed, setTyped] = useState('');
  const [sameLanguage, setSameLanguage] = useState(wish.languages.length > 0);
  const [hide, setHide] = useState(wish.hideAddress);
  const checked = addInterests(interests, typed);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!checked.ok) return;
    const languages = sameLanguage ? wellFormedLanguages(navigator.languages) : [];
    const hideAddress = wantsHiding(privacy, hide);
    act({ kind: 'start', wish: { mode, interests: checked.interests, languages, hideAddress } });
  };

  return (
    <form className="card" onSubmit={submit}>
      <h1>Talk with a stranger</h1>
      <p className="lead">
        You are paired at random with somebody else who is here. No account, no history.
      </p>
      <ModeChoice mode={mode} choose={setMode} />
      <InterestsField
        interests={interests}
        typed={typed}
        problem={problemWords(checked)}
        onInterests={setInterests}
        onTyped={setTyped}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={sameLanguage}
          onChange={(event) => setSameLanguage(event.target.checked)}
        />
        Prefer people who speak my languages
      </label>
      <PrivacyField mode={mode} privacy={privacy} hide={hide} choose={setHide} />
      <button type="submit" className="primary" data-testid="start" disabled={!checked.ok}>
        Start
      </button>
      <p className="small">
        Be kind, and tell strangers nothing that finds you.
        <br />
        <KeptLink />
      </p>
    </form>
  );
}

function ModeChoice(props: { readonly mode: Mode; readonly choose: (mode: Mode) => void }) {
  const { mode, choose } = props;
  return (
    <fieldset className="modes">
      <legend>How do you want to talk?</legend>
      <label className="mode">
        <input
          type="radio"
          name="mode"
          data-testid="mode-video"
          checked={mode === 'video'}
          onChange={() => choose('video')}
        />
        <span>
          <strong>Video</strong> with camera, sound and text
        </span>
      </label>
      <label className="mode">
        <input
          type="radio"
          name="mode"
          data-testid="mode-text"
          checked={mode === 'text'}
          onChange={() => choose('text')}
        />
        <span>
          <strong>Text</strong> with words only
        </span>
      </label>
    </fieldset>
  );
}

function problemWords(checked: Checked): string {
  if (checked.ok) return '';
  switch (checked.problem) {
    case 'too_many':
      return 'At most 10 interests.';
    case 'too_long':
      return 'An interest has at most 32 characters.';
    default:
      return checked.problem satisfies never;
  }
}
