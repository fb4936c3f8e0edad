import { useId } from 'react';
import type { Mode, Privacy } from '../protocol';

interface Props {
  readonly mode: Mode;
  readonly privacy: Privacy | null;
  readonly hide: boolean;
  readonly choose: (hide: boolean) => void;
}

/**
 * Who can see the own network address, and the choice where there is one. Until
 * the service has said what it offers, its room is kept free: nothing moves when
 * the words come.
 */
export function PrivacyField({ mode, privacy, hide, choose }: Props) {
  return (
    <div className="privacy" data-testid="privacy" data-privacy={privacy ?? 'unknown'}>
      {privacy === 'choice' && mode === 'video' ? (
        <HideChoice hide={hide} choose={choose} />
      ) : (
        <p className="small">{privacyWords(mode, privacy)}</p>
      )}
    </div>
  );
}

function HideChoice({ hide, choose }: Pick<Props, 'hide' | 'choose'>) {
  const help = useId();
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          data-testid="private"
          aria-describedby={help}
          checked={hide}
          onChange={(event) => choose(event.target.checked)}
        />
        Hide my address
      </label>
      <p className="small privacy-help" id={help}>
        Through this service’s relay, a little slower. The stranger can’t see your network address.
      </p>
    </>
  );
}

function privacyWords(mode: Mode, privacy: Privacy | null): string {
  if (privacy === null) return '';
  if (mode === 'text') return 'In a text chat strangers can’t see your network address.';
  switch (privacy) {
    case 'off':
    case 'choice':
      return 'In a video chat the browsers talk to each other directly, so the stranger can learn your network address.';
    case 'always':
      return 'Addresses are hidden here: calls go through this service’s relay, and strangers can’t see your network address.';
    default:
      return privacy satisfies never;
  }
}

/**
 * Whether the join asks for hiding. Where addresses are always hidden it says so
 * too: what the page has promised then holds, or the join is refused.
 */
export function wantsHiding(privacy: Privacy | null, hide: boolean): boolean {
  switch (privacy) {
    case 'off':
      return false;
    case 'always':
      return true;
    case 'choice':
    case null:
      return hide;
    default:
      return privacy satisfies never;
  }
}
