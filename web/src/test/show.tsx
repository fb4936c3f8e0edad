import { render } from '@testing-library/react';
import { App } from '../components/App';
import type { Page } from '../hooks/use-page';
import type { Action } from '../state/events';
import type { State } from '../state/model';
import type { Script } from './script';

/** Renders a state; what the person does is recorded and changes nothing. */
export function show(state: State): Action[] {
  const actions: Action[] = [];
  const page: Page = {
    state: () => state,
    subscribe: () => () => undefined,
    act: (action) => actions.push(action),
  };
  render(<App page={page} />);
  return actions;
}

/** Renders a page that lives: what the person does is played. */
export function live(script: Script): Script {
  const listeners = new Set<() => void>();
  const page: Page = {
    state: () => script.state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    act: (action) => {
      script.act(action);
      for (const listener of listeners) listener();
    },
  };
  render(<App page={page} />);
  return script;
}
