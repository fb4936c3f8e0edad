/** The address of the page that says what is kept. */
export const KEPT = '#kept';

/** Leads there from wherever the person is; a call goes on meanwhile. */
export function KeptLink() {
  return (
    <a href={KEPT} data-testid="kept-link">
      What is kept, and for how long
    </a>
  );
}
