import { useSyncExternalStore } from 'react';
import type { Action } from '../state/events';
import type { State } from '../state/model';

/** What the screens need of the runner. */
export interface Page {
  state(): State;
  subscribe(listener: () => void): () => void;
  act(action: Action): void;
}

export type Act = (action: Action) => void;

export function usePage(page: Page): State {
  return useSyncExternalStore(page.subscribe, page.state);
}
