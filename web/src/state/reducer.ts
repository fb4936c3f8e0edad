/**
 * The page's one reducer: state and event in, state and effects out. It touches
 * nothing; the runner executes the effects.
 */
import type { Verdict } from '../connection/backoff';
import type { ConnectionEvent } from '../connection/connection';
import type { MediaEvent } from '../peer/media';
import type { PeerEvent } from '../peer/peers';
import { onAction } from './actions';
import { stopTyping, withCall } from './call';
import { type Event, type Step, stay, type TimerId } from './events';
import { fileAgain, pictureLost } from './filing';
import { type Device, NO_DEVICES, type State } from './model';
import { cutOff, joinOf, reconnect, toClosed, toWaiting } from './moves';
import { noticeOver, sayAgain } from './refusals';
import { afterReplay, mediaBack, mediaOf, withoutCamera } from './resume';
import { onServerMessage } from './server';

export function step(state: State, event: Event): Step {
  switch (event.kind) {
    case 'action':
      return onAction(state, event.action);
    case 'connection':
      return onConnection(state, event.event);
    case 'media':
      return onMedia(state, event.event);
    case 'peer':
      return onPeer(state, event.event);
    case 'picture':
      return pictureLost(state, event.event.problem);
    case 'timer':
      return onTimer(state, event.id);
    default:
      return event satisfies never;
  }
}

function onConnection(state: State, event: ConnectionEvent): Step {
  switch (event.kind) {
    case 'message':
      return onServerMessage(state, event.message);
    case 'replayed':
      return afterReplay(state);
    case 'down':
      return onDown(state, event.verdict);
    case 'lapsed':
      return state.link.kind === 'down'
        ? stay({ ...state, link: { kind: 'down', lapsed: true } })
        : stay(state);
    default:
      return event satisfies never;
  }
}

function onDown(state: State, verdict: Verdict): Step {
  if (verdict.kind === 'final') return toClosed(state, verdict.why);
  return state.screen.kind === 'closed' ? stay(state) : cutOff(state);
}

function onMedia(state: State, event: MediaEvent): Step {
  switch (event.kind) {
    case 'ready':
      return state.asking === null
        ? mediaReady(state, event.stream)
        : mediaBack(state, state.asking, event.stream);
    case 'failed':
      if (state.asking !== null) return withoutCamera(state, state.asking);
      if (state.screen.kind !== 'permission') return stay(state);
      return stay({ ...state, screen: { kind: 'permission', problem: event.problem } });
    case 'ended': {
      const key = event.track === 'video' ? 'camera' : 'microphone';
      const device: Device = { ...state.media[key], present: false };
      return stay({ ...state, media: { ...state.media, [key]: device } });
    }
    default:
      return event satisfies never;
  }
}

function mediaReady(state: State, stream: MediaStream | null): Step {
  if (state.screen.kind !== 'permission') {
    return { state, effects: [{ kind: 'releaseMedia' }] };
  }
  const ready: State = { ...state, media: mediaOf(stream, NO_DEVICES) };
  return toWaiting(ready, joinOf(ready.wish));
}

function onPeer(state: State, event: PeerEvent): Step {
  if (state.screen.kind !== 'call' || state.screen.call.room !== event.room) return stay(state);
  const { call } = state.screen;
  switch (event.kind) {
    case 'signal':
      return { state, effects: [{ kind: 'send', message: event.signal }] };
    case 'state': {
      const overdue = call.overdue && event.state !== 'connected';
      return stay(withCall(state, { ...call, peer: event.state, overdue }));
    }
    case 'broken':
      // The socket may be as dead as the path, and a browser takes minutes to notice.
      return state.link.kind === 'up' ? reconnect(state, 'all') : stay(state);
    case 'overdue':
      return stay(withCall(state, { ...call, overdue: true }));
    case 'remote':
      return stay(withCall(state, { ...call, remote: event.stream }));
    default:
      return event satisfies never;
  }
}

function onTimer(state: State, id: TimerId): Step {
  const call = state.screen.kind === 'call' ? state.screen.call : null;
  switch (id) {
    case 'skip':
      return stay(call === null ? state : withCall(state, { ...call, confirmSkip: false }));
    case 'typing':
      return call === null ? stay(state) : stopTyping(state, call);
    case 'said':
      return stay(call === null ? state : withCall(state, { ...call, said: [] }));
    case 'again':
      return sayAgain(state);
    case 'file':
      return fileAgain(state);
    case 'notice':
      return noticeOver(state);
    case 'told':
      return stay({ ...state, told: null });
    case 'move':
      return state.screen.kind === 'closed' ? stay(state) : reconnect(state, 'all');
    default:
      return id satisfies never;
  }
}
