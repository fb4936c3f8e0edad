/** The room that the page shows: the one that stands, or the one that just ended. */
import { withCall } from './call';
import type { Past, State } from './model';

/** The room that can be reported or blocked now. */
export function reportable({ screen }: State): Past | null {
  if (screen.kind === 'call') return screen.call;
  return screen.kind === 'left' && !screen.past.gone ? screen.past : null;
}

export function withPast(state: State, more: Partial<Past>): State {
  const { screen } = state;
  if (screen.kind === 'call') return withCall(state, { ...screen.call, ...more });
  if (screen.kind !== 'left') return state;
  return { ...state, screen: { ...screen, past: { ...screen.past, ...more } } };
}
