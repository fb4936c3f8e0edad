/** Signs for what a phone has no room to say in words. The button has the name. */
const PATHS = {
  microphone:
    'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5 11v1a7 7 0 0 0 14 0v-1M12 19v3',
  camera:
    'M3 7h11a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1ZM15 11l7-4v10l-7-4',
} as const;

interface Props {
  readonly of: keyof typeof PATHS;
  readonly crossed: boolean;
}

export function Icon({ of, crossed }: Props) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[of]} />
      {crossed && <path d="M3 3l18 18" />}
    </svg>
  );
}
