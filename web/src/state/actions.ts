/** What the person's actions do on each screen; where one has no place, nothing. */
import type { TrackKind } from '../peer/media';
import { chat, draft, escapePressed, next, resend } from './call';
import { type Action, type Step, stay } from './events';
import type { Call, Device, Kept, State } from './model';
import { joinOf, reconnect, toLanding, toWaiting } from './moves';
import { block, closeSheet, openSheet, report } from './report';

export function onAction(state: State, action: Action): Step {
  switch (action.kind) {
    case 'start':
      return start({ ...state, wish: action.wish, notice: null });
    case 'startUnhidden':
      return start({ ...state, wish: { ...state.wish, hideAddress: false }, notice: null });
    case 'retryCamera':
      return onPermission(state, () => askCamera(state));
    case 'goWithoutCamera':
      return onPermission(state, () => ({
        state: { ...state, screen: { kind: 'permission', problem: null } },
        effects: [{ kind: 'askMedia', camera: false }],
      }));
    case 'goText':
      return onPermission(state, () => goText(state));
    case 'stop':
      return toLanding({ ...state, notice: null });
    case 'findAnother':
      return state.screen.kind === 'left' ? toWaiting(state, joinOf(state.wish)) : stay(state);
    case 'toggle':
      return toggle(state, action.track);
    case 'report':
      return report(state, action);
    case 'openReport':
      return openSheet(state, action.still);
    case 'closeReport':
      return closeSheet(state);
    case 'block':
      return block(state);
    case 'dismissNotice':
      return stay({ ...state, notice: null });
    case 'dismissTold':
      return stay({ ...state, told: null });
    case 'reopen':
      return state.screen.kind === 'closed' ? reopen(state, state.screen.kept) : stay(state);
    case 'next':
      return inCall(state, (call) => next(state, call));
    case 'escape':
      return inCall(state, (call) => escapePressed(state, call));
    case 'chat':
      return inCall(state, (call) => chat(state, call, action.text));
    case 'resend':
      return inCall(state, (call) => resend(state, call, action.line));
    case 'draft':
      return inCall(state, (call) => draft(state, call, action.empty));
    default:
      return action satisfies never;
  }
}

function inCall(state: State, act: (call: Call) => Step): Step {
  return state.screen.kind === 'call' ? act(state.screen.call) : stay(state);
}

function onPermission(state: State, act: () => Step): Step {
  return state.screen.kind === 'permission' ? act() : stay(state);
}

function start(state: State): Step {
  if (state.screen.kind !== 'landing') return stay(state);
  return state.wish.mode === 'video' ? askCamera(state) : toWaiting(state, joinOf(state.wish));
}

function askCamera(state: State): Step {
  return {
    state: { ...state, screen: { kind: 'permission', problem: null } },
    effects: [{ kind: 'askMedia', camera: true }],
  };
}

function goText(state: State): Step {
  const text: State = { ...state, wish: { ...state.wish, mode: 'text' } };
  const step = toWaiting(text, joinOf(text.wish));
  // The prompt may still be open; its answer must not switch a camera on.
  return { ...step, effects: [{ kind: 'releaseMedia' }, ...step.effects] };
}

function toggle(state: State, track: TrackKind): Step {
  const key = track === 'video' ? 'camera' : 'microphone';
  const device: Device = { ...state.media[key], on: !state.media[key].on };
  return {
    state: { ...state, media: { ...state.media, [key]: device } },
    effects: [{ kind: 'setTrack', track, on: device.on }],
  };
}

function reopen(state: State, kept: Kept | null): Step {
  const clean: State = { ...state, notice: null, online: null };
  return kept === null
    ? reconnect({ ...clean, token: null, screen: { kind: 'landing' } }, 'nothing')
    : reconnect({ ...clean, screen: { kind: 'restoring', kept } }, 'session');
}
