export function Header({ online }: { readonly online: number | null }) {
  return (
    <header className="header">
      <p className="brand">Passerby</p>
      <p className="online" data-testid="online-count">
        {online === null ? '' : `${online.toLocaleString('en')} online`}
      </p>
    </header>
  );
}
