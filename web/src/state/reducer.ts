/**
 * The page's one reducer: state and event in, state and effects out. It touches
 * nothing; the runner executes the effects.
 */
import type { ConnectionEvent } from '../connection/connection';
import type { MediaEvent } from '../peer/media';
import type { PeerEvent } from '../peer/peers';
import { onAction } from './actions';
import { stopTyping, withCall } from './call';
import { type Event, type Step, stay, type TimerId } from './events';
import type { Device, State } from './model';
import { joinOf, reconnect, toClosed, toWaiting } from './moves';
import { onServerMessage, sayAgain } from './server';

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
    case 'timer':
      return onTimer(state, event.id);
    default:
      return event satisfies never;
  }
}

function onConnection(state: State, event: ConnectionEvent): Step {
  if (event.kind === 'message') return onServerMessage(state, event.message);
  const { verdict } = event;
  if (verdict.kind === 'final') return toClosed(state, verdict.why);
  if (state.screen.kind === 'closed') return stay(state);
  const down: State = { ...state, link: { kind: 'down' }, moveDue: false };
  return {
    state: withoutTyping(down),
    effects: [
      { kind: 'clearTimer', id: 'move' },
      { kind: 'clearTimer', id: 'typing' },
    ],
  };
}

/** A call goes on, since its pictures don't pass through the server; the chat waits. */
function withoutTyping(state: State): State {
  if (state.screen.kind !== 'call') return state;
  return withCall(state, { ...state.screen.call, typing: false, partnerTyping: false });
}

function onMedia(state: State, event: MediaEvent): Step {
  switch (event.kind) {
    case 'ready':
      return mediaReady(state, event.stream);
    case 'failed':
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
  const camera: Device = { present: (stream?.getVideoTracks().length ?? 0) > 0, on: true };
  const microphone: Device = { present: (stream?.getAudioTracks().length ?? 0) > 0, on: true };
  const ready: State = { ...state, media: { stream, camera, microphone } };
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
    case 'again':
      return sayAgain(state);
    case 'move':
      return move(state);
    default:
      return id satisfies never;
  }
}

/** The server asked to connect again: at once, or when the room is over. */
function move(state: State): Step {
  switch (state.screen.kind) {
    case 'call':
    case 'left': // A report may still follow; a new session could not make it.
      return stay({ ...state, moveDue: true });
    case 'landing':
    case 'permission':
    case 'waiting':
      return reconnect(state);
    case 'closed':
      return stay(state);
    default:
      return state.screen satisfies never;
  }
}
