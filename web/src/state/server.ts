/**
 * What the server's messages do. Everything that names a room is compared with
 * the current one first: nothing of an old room touches a new one.
 */
import type { Matched, ServerMessage, Signal, Welcome } from '../protocol';
import { addLine, withCall } from './call';
import { type Step, stay } from './events';
import { confirmed, lose } from './filing';
import type { Call, State } from './model';
import { joinOf, toCall, toLeft } from './moves';
import { refused } from './refusals';
import { reportTaken } from './report';
import { notRestored, resumed } from './resume';

export function onServerMessage(state: State, message: ServerMessage): Step {
  switch (message.type) {
    case 'welcome':
      return welcome(state, message);
    case 'online':
      return stay({ ...state, online: message.count });
    case 'waiting':
      return stay(state);
    case 'idle':
      return stay({ ...state, leaving: Math.max(0, state.leaving - 1) });
    case 'matched':
      return matched(state, message);
    case 'goingAway':
      return { state, effects: [{ kind: 'setTimer', id: 'move', ms: message.retryAfterMs }] };
    case 'error':
      return refused(state, message);
    case 'reported':
      return confirmed(reportTaken(state, message.room), 'report', message.room);
    case 'blocked':
      return confirmed(state, 'block', message.room);
    default:
      return inCurrentRoom(state, message);
  }
}

type OfRoom = Exclude<
  ServerMessage,
  {
    type:
      | 'welcome'
      | 'online'
      | 'waiting'
      | 'idle'
      | 'matched'
      | 'goingAway'
      | 'error'
      | 'reported'
      | 'blocked';
  }
>;

function inCurrentRoom(state: State, message: OfRoom): Step {
  if (state.screen.kind !== 'call' || state.screen.call.room !== message.room) return stay(state);
  const { call } = state.screen;
  switch (message.type) {
    case 'createOffer':
    case 'createAnswer':
    case 'addIceCandidate':
      return call.mode === 'text' ? stay(state) : signalled(state, call, message);
    case 'chat':
      return stay(
        withCall(state, { ...addLine(call, 'peer', message.text), partnerTyping: false }),
      );
    case 'typing':
      return stay(withCall(state, { ...call, partnerTyping: message.active }));
    case 'peerAway':
      return stay(withCall(state, { ...call, partnerAway: true, partnerTyping: false }));
    case 'peerBack':
      return {
        state: withCall(state, { ...call, partnerAway: false }),
        effects: [{ kind: 'repeatPeer' }],
      };
    case 'peerLeft':
      return toLeft(state, call, message.reason);
    default:
      return message satisfies never;
  }
}

type Signalled = Extract<OfRoom, Signal>;

/** More than a connection finds; a partner that sends more only spoils its own call. */
const MAX_EARLY_SIGNALS = 64;

function signalled(state: State, call: Call, signal: Signalled): Step {
  const fresh = signal.type === 'createOffer' && signal.fresh === true;
  if (signal.seq <= call.staleUntil && !fresh) return stay(state);
  // After a fresh offer nothing that comes is stale, whatever its number.
  const current: Call = fresh ? { ...call, staleUntil: 0 } : call;
  const { held } = current;
  if (held === null) {
    return { state: withCall(state, current), effects: [{ kind: 'signalPeer', signal }] };
  }
  if (held.begins === 'fresh' && !fresh && held.early.length === 0) return stay(state);
  const early = fresh ? [signal] : [...held.early, signal].slice(0, MAX_EARLY_SIGNALS);
  return stay(withCall(state, { ...current, held: { ...held, early } }));
}

function welcome(before: State, message: Welcome): Step {
  const { resume: token, online } = message;
  const privacy = message.privacy ?? 'off';
  const state: State = { ...before, link: { kind: 'up' }, token, online, privacy };
  if (message.resumed) return resumed(state, message);
  // The session that could have spoken of its rooms is gone.
  const lost = lose({ ...state, leaving: 0, unsaid: false, lastRoom: null, place: null });
  const begun = newSession(lost.state);
  return { state: begun.state, effects: [...lost.effects, ...begun.effects] };
}

/** Whatever room or place in the queue there was is gone. */
function newSession(state: State): Step {
  switch (state.screen.kind) {
    case 'waiting':
      return { state, effects: [{ kind: 'send', message: joinOf(state.wish) }] };
    case 'call':
      return toLeft(state, state.screen.call, 'server_lost');
    case 'left': {
      const past = { ...state.screen.past, sheet: null, gone: true };
      return stay({ ...state, screen: { ...state.screen, past } });
    }
    case 'restoring':
      return notRestored(state, state.screen.kept.chat);
    case 'landing':
    case 'permission':
    case 'closed':
      return stay(state);
    default:
      return state.screen satisfies never;
  }
}

function matched(state: State, message: Matched): Step {
  // Made before the server knew of a `leave`, which ends that room as well.
  if (state.leaving > 0) return stay(state);
  switch (state.screen.kind) {
    case 'waiting':
      return toCall(state, message);
    case 'call':
      return afterCall(state, state.screen.call, message);
    case 'landing':
    case 'permission':
    case 'left':
    case 'restoring':
    case 'closed':
      return stay(state);
    default:
      return state.screen satisfies never;
  }
}

/** A room in place of one whose end was missed: the server's word counts. */
function afterCall(state: State, call: Call, message: Matched): Step {
  if (call.room === message.room) return stay(state);
  const left = toLeft(state, call, 'disconnected');
  const entered = toCall(left.state, message);
  return { state: entered.state, effects: [...left.effects, ...entered.effects] };
}
