/**
 * The ways from one screen to another, each with what it must clean up. A room
 * ends only here, so its link and its timers always end with it.
 */
import type { FinalClose } from '../connection/backoff';
import type { Keep } from '../connection/connection';
import type { Begins } from '../peer/link';
import type { RoomTerms } from '../peer/peers';
import type { ClientMessage, IceTerms, Join, Matched } from '../protocol';
import type { Effect, Step } from './events';
import { keptOf } from './kept';
import {
  type Ban,
  type Call,
  type HeldLink,
  type LeftWhy,
  type Line,
  type Link,
  NO_MEDIA,
  type Past,
  type State,
  type Wish,
} from './model';

const END_ROOM: readonly Effect[] = [
  { kind: 'stopPeer' },
  { kind: 'clearTimer', id: 'skip' },
  { kind: 'clearTimer', id: 'typing' },
  { kind: 'clearTimer', id: 'said' },
  { kind: 'clearTimer', id: 'again' },
];

/**
 * Says `private` whatever the service last offered: where it can no longer hide
 * an address it refuses, and nobody is paired who thinks to be hidden.
 */
export function joinOf(wish: Wish): Join {
  return {
    type: 'join',
    mode: wish.mode,
    interests: wish.interests,
    ...(wish.languages.length > 0 ? { languages: wish.languages } : {}),
    ...(wish.mode === 'video' && wish.hideAddress ? { private: true } : {}),
  };
}

/** Waits for a partner, having told the server so by `message`. */
export function toWaiting(before: State, message: ClientMessage): Step {
  const state = settled(before);
  const prepare: readonly Effect[] = state.wish.mode === 'video' ? [{ kind: 'preparePeer' }] : [];
  const waiting: State = { ...state, notice: null, screen: { kind: 'waiting', retried: false } };
  const effects = [...END_ROOM, ...prepare];
  // Without a connection, the next `welcome` shows what there is to say.
  if (state.link.kind !== 'up') return { state: { ...waiting, unsaid: true }, effects };
  return {
    state: { ...waiting, unsaid: false },
    effects: [...effects, { kind: 'send', message }],
  };
}

/** What the person does now overrides where an old replay says that they stand. */
function settled(state: State): State {
  return state.place === null ? state : { ...state, place: null, leaving: 0 };
}

/** Back to the start; the camera goes off. */
export function toLanding(before: State): Step {
  const state = settled(before);
  const landing: State = {
    ...state,
    media: NO_MEDIA,
    asking: null,
    unsaid: false,
    screen: { kind: 'landing' },
  };
  const effects: readonly Effect[] = [...END_ROOM, { kind: 'releaseMedia' }];
  const inQueueOrRoom = state.screen.kind === 'waiting' || state.screen.kind === 'call';
  if (!inQueueOrRoom || state.link.kind !== 'up') return { state: landing, effects };
  return {
    state: { ...landing, leaving: state.leaving + 1 },
    effects: [...effects, { kind: 'send', message: { type: 'leave' } }],
  };
}

export function toLeft(state: State, call: Call, why: LeftWhy): Step {
  const { room, mode, report, blocked } = call;
  const lines = call.lines.map(unsentFails);
  const gone = why === 'server_lost';
  const past: Past = { room, mode, lines, report, blocked, sheet: gone ? null : call.sheet, gone };
  return { state: { ...state, screen: { kind: 'left', past, why } }, effects: END_ROOM };
}

/** What still waits for the server when a room ends never reaches the partner. */
function unsentFails(line: Line): Line {
  return line.unsent === undefined ? line : { ...line, unsent: 'failed' };
}

const TIMERS_OF_SESSION: readonly Effect[] = [
  { kind: 'clearTimer', id: 'move' },
  { kind: 'clearTimer', id: 'file' },
  { kind: 'clearTimer', id: 'told' },
];

/** The close after a ban was told says no more than that: what was told stays. */
export function toClosed(state: State, why: FinalClose, told: Ban | null = null): Step {
  const { screen } = state;
  const ban = told ?? (why === 'banned' && screen.kind === 'closed' ? screen.ban : null);
  // Another tab has the session; it can be taken back.
  const kept = why === 'elsewhere' ? keptOf(state) : null;
  return {
    state: {
      ...state,
      online: null,
      media: NO_MEDIA,
      asking: null,
      filings: [],
      told: null,
      screen: { kind: 'closed', why, kept, ban },
    },
    effects: [...END_ROOM, ...TIMERS_OF_SESSION, { kind: 'releaseMedia' }],
  };
}

export function toCall(state: State, matched: Matched): Step {
  const terms = termsOf(matched, matched, matched.private);
  const call = newCall(matched, matched.interests, matched.private);
  const entered = enter({ ...state, notice: null }, call, terms, 'role');
  return { ...entered, effects: [...entered.effects, { kind: 'clearTimer', id: 'again' }] };
}

export type Seat = Pick<Call, 'room' | 'role' | 'mode'>;

export function termsOf({ room, role }: Seat, ice: IceTerms, relayOnly: boolean): RoomTerms {
  return { room, role, relayOnly, ...iceOf(ice) };
}

/** The part of a message that is about ICE. */
export function iceOf({ iceServers, iceTtl }: IceTerms): IceTerms {
  return { iceServers, ...(iceTtl === undefined ? {} : { iceTtl }) };
}

export function newCall(
  { room, role, mode }: Seat,
  shared: readonly string[],
  hidden: boolean,
): Call {
  return {
    room,
    role,
    mode,
    // Nothing in a text chat shows an address.
    hidden: hidden && mode === 'video',
    shared,
    lines: [],
    nextLine: 0,
    said: [],
    peer: mode === 'video' ? 'new' : 'none',
    held: null,
    staleUntil: 0,
    overdue: false,
    remote: null,
    partnerAway: false,
    partnerTyping: false,
    typing: false,
    confirmSkip: false,
    report: 'none',
    blocked: false,
    sheet: null,
    gone: false,
  };
}

/** Shows the room and begins its link, at once or when the camera is there. */
export function enter(
  state: State,
  call: Call,
  terms: RoomTerms,
  begins: HeldLink['begins'],
): Step {
  const waits = call.mode === 'video' && state.asking !== null;
  const held: HeldLink | null = waits ? { terms, begins, early: [] } : null;
  const starts = call.mode === 'video' && !waits;
  return {
    state: { ...state, lastRoom: call.room, screen: { kind: 'call', call: { ...call, held } } },
    effects: starts ? [{ kind: 'startPeer', terms, begins: beginning(terms, begins) }] : [],
  };
}

/** The camera is there: the link begins, with what came meanwhile. */
export function startHeld(state: State, call: Call, held: HeldLink): Step {
  const { terms, early } = held;
  // The partner has begun anew already: its offer is answered, none made.
  const answers = held.begins === 'fresh' && early.length > 0;
  const begins = answers ? 'wait' : beginning(terms, held.begins);
  return {
    state: { ...state, screen: { kind: 'call', call: { ...call, held: null } } },
    effects: [
      { kind: 'startPeer', terms, begins },
      ...early.map((signal): Effect => ({ kind: 'signalPeer', signal })),
    ],
  };
}

function beginning({ role }: RoomTerms, begins: HeldLink['begins']): Begins {
  if (begins === 'fresh') return 'fresh';
  return role === 'offerer' ? 'offer' : 'wait';
}

/** Goes over to a new socket. A call's pictures go on meanwhile. */
export function reconnect(state: State, keep: Keep): Step {
  return {
    state: { ...withoutTyping(state), link: down(state), place: null },
    effects: [...SERVER_AWAY, { kind: 'connect', keep }],
  };
}

/** The connection is lost, and is opened again by itself. */
export function cutOff(state: State): Step {
  return {
    state: { ...withoutTyping(state), link: down(state), place: null },
    effects: SERVER_AWAY,
  };
}

/** Another failure does not bring back a session that has lapsed. */
function down({ link }: State): Link {
  return { kind: 'down', lapsed: link.kind === 'down' && link.lapsed };
}

const SERVER_AWAY: readonly Effect[] = [
  { kind: 'holdPeer' },
  { kind: 'clearTimer', id: 'move' },
  { kind: 'clearTimer', id: 'typing' },
];

function withoutTyping(state: State): State {
  if (state.screen.kind !== 'call') return state;
  const call: Call = { ...state.screen.call, typing: false, partnerTyping: false };
  return { ...state, screen: { kind: 'call', call } };
}
