/**
 * How the page goes on with a session (`protocol.md`, rule 6): after a dropped
 * connection, where the server sends again what was missed, and after a load of
 * the page or a loss, where the link to the partner begins anew.
 */
import type { Welcome } from '../protocol';
import { sayPending, withCall } from './call';
import { type Effect, type Step, stay } from './events';
import { fileUnconfirmed } from './filing';
import type { Call, Devices, KeptChat, Media, Notice, Place, Screen, State } from './model';
import {
  enter,
  iceOf,
  joinOf,
  newCall,
  type Seat,
  startHeld,
  termsOf,
  toLanding,
  toLeft,
} from './moves';

/** The session stands. Where it stands counts once all is here that was missed. */
export function resumed(before: State, welcome: Welcome): Step {
  const state: State = { ...before, place: placeOf(welcome) };
  const { screen } = state;
  switch (screen.kind) {
    case 'restoring':
      return restore(state, screen, welcome);
    case 'call':
      return inCall(state, screen.call, welcome);
    case 'waiting': {
      // Not the room that the page has just left: one that it never saw.
      const unseen = welcome.missed === true && welcome.room !== state.lastRoom;
      return (unseen ? enterAnew(state, welcome, null) : null) ?? stay(state);
    }
    case 'landing':
    case 'permission':
    case 'left':
    case 'closed':
      return stay(state);
    default:
      return screen satisfies never;
  }
}

function placeOf({ room, waiting }: Welcome): Place {
  if (room !== undefined) return { kind: 'room', room };
  return { kind: waiting === true ? 'waiting' : 'idle' };
}

function inCall(state: State, call: Call, welcome: Welcome): Step {
  if (welcome.room === call.room) {
    if (welcome.missed !== true) return goOn(state, call, welcome);
    return beginAnew(state, call, welcome);
  }
  if (welcome.missed !== true || welcome.room === undefined) return stay(state);
  const left = toLeft(state, call, 'disconnected');
  const entered = enterAnew(left.state, welcome, null) ?? stay(left.state);
  return { state: entered.state, effects: [...left.effects, ...entered.effects] };
}

/** The link was never gone; only signals could not pass. */
function goOn(state: State, call: Call, welcome: Welcome): Step {
  const ice = iceOf(welcome);
  const { held } = call;
  // A link that still waits for the camera begins with the fresh ones, too.
  const fresh = held === null ? null : { ...held, terms: { ...held.terms, ...ice } };
  const said = sayPending(withCall(state, { ...call, held: fresh }), { ...call, held: fresh });
  const resume: Effect = { kind: 'resumePeer', ice };
  return { state: said.state, effects: [resume, ...said.effects] };
}

/** Something was lost, perhaps a signal: the link begins anew, the chat goes on. */
function beginAnew(state: State, call: Call, welcome: Welcome): Step {
  const said = sayPending({ ...state, notice: notice('missed') }, call);
  const { room, hidden, lines, report, sheet } = callOf(said.state) ?? call;
  const entered = enterAnew(said.state, welcome, { room, hidden, lines });
  const begun = entered === null ? null : callOf(entered.state);
  if (entered === null || begun === null) return said;
  return {
    state: withCall(entered.state, { ...begun, report, sheet }),
    effects: [...said.effects, ...entered.effects],
  };
}

/** Into the room that `welcome` names as after a load of the page; null without one. */
function enterAnew(state: State, welcome: Welcome, chat: KeptChat | null): Step | null {
  const { room, role, mode } = welcome;
  if (room === undefined || role === undefined || mode === undefined) return null;
  const seat: Seat = { room, role, mode };
  const known = chat?.room === room ? chat : null;
  const lines = known?.lines ?? [];
  // An address that was hidden in this room stays so, whatever is left unsaid.
  const hidden = welcome.private === true || known?.hidden === true;
  const call: Call = {
    ...newCall(seat, welcome.interests ?? [], hidden),
    lines,
    nextLine: 1 + Math.max(-1, ...lines.map(({ id }) => id)),
    staleUntil: welcome.lastSeq ?? 0,
  };
  return enter(state, call, termsOf(seat, welcome, hidden), 'fresh');
}

type Restoring = Extract<Screen, { kind: 'restoring' }>;

function restore(state: State, { kept }: Restoring, welcome: Welcome): Step {
  const { devices, chat } = kept;
  const video = (welcome.mode ?? kept.wish.mode) === 'video';
  const asks = video && (devices.camera.present || devices.microphone.present);
  const asking: State = { ...state, asking: asks ? devices : null };
  const ask: readonly Effect[] = asks ? [{ kind: 'askMedia', camera: devices.camera.present }] : [];
  const entered = enterAnew(asking, welcome, chat);
  const call = entered === null ? null : callOf(entered.state);
  if (entered !== null && call !== null) {
    const said = sayPending(entered.state, call);
    return { state: said.state, effects: [...entered.effects, ...said.effects, ...ask] };
  }
  if (welcome.waiting === true) {
    const prepare: readonly Effect[] = video && !asks ? [{ kind: 'preparePeer' }] : [];
    const waiting: State = { ...asking, screen: { kind: 'waiting', retried: false } };
    return { state: waiting, effects: [...prepare, ...ask] };
  }
  return notRestored(state, chat);
}

/** Nothing is left of what the page came back for. */
export function notRestored(state: State, chat: KeptChat | null): Step {
  return toLanding({ ...state, notice: chat === null ? null : notice('chat_over') });
}

/**
 * All that was missed is here. Where the session now stands elsewhere than the
 * page, what the page said last did not arrive: it is said again.
 */
export function afterReplay(before: State): Step {
  const { place } = before;
  if (place === null) return stay(before);
  const filed = fileUnconfirmed({ ...before, place: null, leaving: 0 });
  const stood = standing(filed.state, place);
  return { state: stood.state, effects: [...filed.effects, ...stood.effects] };
}

function standing(state: State, place: Place): Step {
  switch (state.screen.kind) {
    case 'waiting':
      if (place.kind === 'waiting' && !state.unsaid) return stay(state);
      return {
        state: { ...state, unsaid: false },
        effects: [{ kind: 'send', message: joinOf(state.wish) }],
      };
    case 'call': {
      const { call } = state.screen;
      if (place.kind === 'room' && place.room === call.room) return stay(state);
      const left = toLeft(state, call, 'disconnected');
      const leave = leaveUnlessIdle(left.state, place);
      return { state: leave.state, effects: [...left.effects, ...leave.effects] };
    }
    case 'landing':
    case 'permission':
    case 'left':
      return leaveUnlessIdle(state, place);
    case 'restoring':
    case 'closed':
      return stay(state);
    default:
      return state.screen satisfies never;
  }
}

function leaveUnlessIdle(state: State, place: Place): Step {
  if (place.kind === 'idle') return stay(state);
  return {
    state: { ...state, leaving: state.leaving + 1 },
    effects: [{ kind: 'send', message: { type: 'leave' } }],
  };
}

/** The devices of before the load are there again, muted where they were. */
export function mediaBack(before: State, asked: Devices, stream: MediaStream | null): Step {
  const state: State = { ...before, asking: null, media: mediaOf(stream, asked) };
  const muted: Effect[] = [];
  if (!asked.camera.on) muted.push({ kind: 'setTrack', track: 'video', on: false });
  if (!asked.microphone.on) muted.push({ kind: 'setTrack', track: 'audio', on: false });
  const { screen } = state;
  if (screen.kind === 'call' && screen.call.held !== null) {
    const started = startHeld(state, screen.call, screen.call.held);
    return { state: started.state, effects: [...muted, ...started.effects] };
  }
  const prepare: readonly Effect[] = screen.kind === 'waiting' ? [{ kind: 'preparePeer' }] : [];
  return { state, effects: [...muted, ...prepare] };
}

/** It was there before the load, and is not now: the call goes on without it. */
export function withoutCamera(state: State, asked: Devices): Step {
  const camera = { ...asked.camera, present: false };
  return {
    state: { ...state, asking: { ...asked, camera } },
    effects: [{ kind: 'askMedia', camera: false }],
  };
}

export function mediaOf(stream: MediaStream | null, chosen: Devices): Media {
  const cameras = stream?.getVideoTracks().length ?? 0;
  const microphones = stream?.getAudioTracks().length ?? 0;
  return {
    stream,
    camera: { present: cameras > 0, on: chosen.camera.on },
    microphone: { present: microphones > 0, on: chosen.microphone.on },
  };
}

function callOf({ screen }: State): Call | null {
  return screen.kind === 'call' ? screen.call : null;
}

/** Something that the page itself has to say. */
function notice(code: 'missed' | 'chat_over'): Notice {
  return { code, message: '', retryAfterMs: null };
}
