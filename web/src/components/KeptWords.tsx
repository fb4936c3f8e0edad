import type { ReactNode } from 'react';
import type { KeptTerms } from '../connection/kept-api';

/** As long as a browser keeps any. */
const COOKIE_DAYS = 400;
/** How long the server keeps what two people are kept apart by, and a ban after its end. */
const BLOCK_DAYS = 400;
const ENDED_BAN_DAYS = 90;

interface Props {
  /** Undefined until the service was asked; null where it gave no answer. */
  readonly terms: KeptTerms | null | undefined;
}

export function KeptWords({ terms }: Props) {
  return (
    <>
      <p className="lead">
        You need no account and give no name. Of a chat nothing is stored, unless somebody reports
        somebody.
      </p>
      <Topic title="The cookie">
        Your browser holds one cookie: a random number with a signature. It says nothing about you.
        It is there so that bans and blocks hold without accounts, for up to {days(COOKIE_DAYS)}.
      </Topic>
      <Topic title="Your address">
        Your network address is needed to reach you, and is not stored. What is stored where a
        report or a ban needs it is a fingerprint of it, made with a secret key. The keys change, so
        that old fingerprints can’t be compared with new ones.
      </Topic>
      <Topic title="Picture and sound">
        Calls go directly between the two browsers, or through a relay that can’t see into them.
        Nothing of them is stored.
      </Topic>
      <Topic title="What you write">
        Messages are passed on and not stored. Of the last 50 messages of each side the server keeps
        fingerprints of 8 bytes, made with a secret key, until 60 seconds after the chat. They show
        whether a message in a report was really sent; nobody can read it from them. This tab of
        your browser remembers the chat until it is over, so that a reload doesn’t lose it.
      </Topic>
      <Topic title="Reports">
        A report holds the reason, what the reporter adds in words, the messages and the picture
        that the reporter leaves with it, which chat it was and when it began and ended, and
        fingerprints of both sides’ device and address. <Retention terms={terms} /> It is kept
        longer while it is needed as evidence: where a law asks for it, or while a ban rests on it.
      </Topic>
      <Topic title="Who sees reports">
        The moderators of this service. Whoever is reported is not told by whom.
      </Topic>
      <Topic title="Bans and blocks">
        A ban keeps out a device or an address, for a time or for good. Stored are their
        fingerprints, the reason and the end, until {days(ENDED_BAN_DAYS)} after the end. If you
        report or block somebody, two fingerprints are stored for {days(BLOCK_DAYS)}, so that you
        two are not paired again.
        {terms?.appeal && (
          <>
            {' '}
            Whoever is banned and objects: <span className="said">{terms.appeal}</span>
          </>
        )}
      </Topic>
      <Topic title="Logs">
        The service’s logs hold what its machines do, and numbers. They hold no addresses and
        nothing that anybody wrote.
      </Topic>
    </>
  );
}

function Topic({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      <p dir="auto">{children}</p>
    </section>
  );
}

function Retention({ terms }: Props) {
  if (terms === undefined) return <span data-testid="kept-days">It is deleted after …</span>;
  if (terms === null) {
    return (
      <span data-testid="kept-days">
        It is deleted after a time that the service sets; the service could not be asked just now.
      </span>
    );
  }
  return (
    <span data-testid="kept-days">
      It is deleted after <strong>{days(terms.reportsDays)}</strong>, or after{' '}
      <strong>{days(terms.minorDays)}</strong> where somebody seemed to be a minor.
    </span>
  );
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count.toLocaleString('en')} days`;
}
