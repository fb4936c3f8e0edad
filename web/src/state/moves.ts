/**
 * The ways from one screen to another, each with what it must clean up. A room
 * ends only here, so its link and its timers always end with it.
 */
import type { FinalClose } from '../connection/backoff';
import type { ClientMessage, Join, Matched } from '../protocol';
import type { Effect, Step } from './events';
import { type Call, type LeftWhy, NO_MEDIA, type Past, type State, type Wish } from './model';

const END_ROOM: readonly Effect[] = [
  { kind: 'stopPeer' },
  { kind: 'clearTimer', id: 'skip' },
  { kind: 'clearTimer', id: 'typing' },
  { kind: 'clearTimer', id: 'again' },
];

export function joinOf(wish: Wish): Join {
  return {
    type: 'join',
    mode: wish.mode,
    interests: wish.interests,
    ...(wish.languages.length > 0 ? { languages: wish.languages } : {}),
  };
}

/** Waits for a partner, having told the server so by `message`. */
export function toWaiting(state: State, message: ClientMessage): Step {
  const prepare: readonly Effect[] = state.wish.mode === 'video' ? [{ kind: 'preparePeer' }] : [];
  const waiting: State = { ...state, notice: null, screen: { kind: 'waiting' } };
  return speak(waiting, message, [...END_ROOM, ...prepare]);
}

/** Back to the start; the camera goes off. */
export function toLanding(state: State): Step {
  const landing: State = { ...state, media: NO_MEDIA, screen: { kind: 'landing' } };
  const effects: readonly Effect[] = [...END_ROOM, { kind: 'releaseMedia' }];
  const inQueueOrRoom = state.screen.kind === 'waiting' || state.screen.kind === 'call';
  if (!inQueueOrRoom || state.link.kind !== 'up') return { state: landing, effects };
  return speak({ ...landing, leaving: state.leaving + 1 }, { type: 'leave' }, effects);
}

export function toLeft(state: State, call: Call, why: LeftWhy): Step {
  const { room, mode, lines, report } = call;
  const past: Past = { room, mode, lines, report };
  return { state: { ...state, screen: { kind: 'left', past, why } }, effects: END_ROOM };
}

export function toClosed(state: State, why: FinalClose): Step {
  return {
    state: { ...state, media: NO_MEDIA, screen: { kind: 'closed', why } },
    effects: [...END_ROOM, { kind: 'clearTimer', id: 'move' }, { kind: 'releaseMedia' }],
  };
}

export function toCall(state: State, matched: Matched): Step {
  const { room, role, mode, interests, iceServers } = matched;
  const call: Call = {
    room,
    role,
    mode,
    shared: interests,
    lines: [],
    nextLine: 0,
    peer: mode === 'video' ? 'new' : 'none',
    overdue: false,
    remote: null,
    partnerAway: false,
    partnerTyping: false,
    typing: false,
    confirmSkip: false,
    report: 'none',
  };
  const start: readonly Effect[] =
    mode === 'video'
      ? [{ kind: 'startPeer', terms: { room, role, iceServers, relayOnly: matched.private } }]
      : [];
  return {
    state: { ...state, notice: null, screen: { kind: 'call', call } },
    effects: [...start, { kind: 'clearTimer', id: 'again' }],
  };
}

/**
 * Says what ends a room or begins a wait. Where the server is being replaced,
 * this is the moment to change over instead: the old connection's end says the
 * same, and `welcome` leads to a new `join`. Without a connection, likewise.
 */
function speak(state: State, message: ClientMessage, before: readonly Effect[]): Step {
  if (state.moveDue) return reconnect(state, before);
  const send: readonly Effect[] = state.link.kind === 'up' ? [{ kind: 'send', message }] : [];
  return { state, effects: [...before, ...send] };
}

export function reconnect(state: State, before: readonly Effect[] = []): Step {
  return {
    state: { ...state, link: { kind: 'connecting' }, leaving: 0, moveDue: false },
    effects: [...before, { kind: 'clearTimer', id: 'move' }, { kind: 'connect' }],
  };
}
