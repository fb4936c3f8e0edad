/**
 * Decodes what the server sends. A frame becomes a typed message, an unknown
 * type (to be ignored: a later server may add some), or a reason why it is
 * malformed. It never throws, and copies only fields that it knows.
 */
import { MAX_CHAT_CHARS, MAX_INTERESTS } from './limits';
import {
  type IceTerms,
  type LeaveReason,
  type Matched,
  type Mode,
  PRIVACIES,
  type Role,
  type ServerError,
  type ServerMessage,
  type Welcome,
} from './messages';
import * as read from './readers';
import { type Fields, Malformed } from './readers';

export type Decoded =
  | { readonly kind: 'message'; readonly message: ServerMessage }
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const MODES: readonly Mode[] = ['video', 'text'];
const ROLES: readonly Role[] = ['offerer', 'answerer'];
const LEAVE_REASONS: readonly LeaveReason[] = ['next', 'left', 'disconnected', 'removed'];
/** More than any service names; a longer list is a mistake or malice. */
const MAX_ICE_SERVERS = 32;

export function decode(frame: string): Decoded {
  try {
    const fields = read.object(parse(frame), 'message');
    const type = read.string(fields.type, 'type');
    const message = decodeFields(type, fields);
    return message === null ? { kind: 'unknown', type } : { kind: 'message', message };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'invalid', reason: error.message };
    throw error;
  }
}

/** The answer of `/api/v1/ice`; null where it is none. */
export function decodeIce(value: unknown): IceTerms | null {
  try {
    const fields = read.object(value, 'answer');
    const servers = iceServers(fields.iceServers, 'iceServers');
    return { iceServers: servers, iceTtl: read.count(fields.ttl, 'ttl') };
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function parse(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    throw new Malformed('not JSON');
  }
}

function decodeFields(type: string, fields: Fields): ServerMessage | null {
  switch (type) {
    case 'welcome':
      return welcome(fields);
    case 'matched':
      return matched(fields);
    case 'error':
      return serverError(fields);
    case 'waiting':
    case 'idle':
      return { type, ...numbered(fields) };
    case 'peerAway':
    case 'peerBack':
    case 'reported':
    case 'blocked':
      return { type, ...inRoom(fields) };
    case 'peerLeft':
      return { type, ...inRoom(fields), reason: leaveReason(fields.reason, 'reason') };
    case 'online':
      return { type, count: read.count(fields.count, 'count') };
    case 'goingAway':
      return { type, retryAfterMs: read.count(fields.retryAfterMs, 'retryAfterMs') };
    default:
      return fromPartner(type, fields);
  }
}

/** What the server passes on from the partner. */
function fromPartner(type: string, fields: Fields): ServerMessage | null {
  switch (type) {
    case 'createOffer':
      return {
        type,
        ...inRoom(fields),
        ...sdp(fields),
        ...read.optional(fields, 'fresh', read.boolean),
      };
    case 'createAnswer':
      return { type, ...inRoom(fields), ...sdp(fields) };
    case 'addIceCandidate':
      return { type, ...inRoom(fields), candidate: candidate(fields.candidate) };
    case 'chat':
      return { type, ...inRoom(fields), text: chatText(fields.text, 'text') };
    case 'typing':
      return { type, ...inRoom(fields), active: read.boolean(fields.active, 'active') };
    default:
      return null;
  }
}

const mode = read.oneOf(MODES);
const role = read.oneOf(ROLES);
const privacy = read.oneOf(PRIVACIES);
const leaveReason = read.oneOf(LEAVE_REASONS);
const interests = read.list(read.text(1, Number.POSITIVE_INFINITY), MAX_INTERESTS);
const iceServers = read.list(iceServer, MAX_ICE_SERVERS);
const chatText = read.text(1, MAX_CHAT_CHARS);

function numbered(fields: Fields) {
  return { seq: read.seq(fields.seq, 'seq') };
}

function inRoom(fields: Fields) {
  return { ...numbered(fields), room: read.uuid(fields.room, 'room') };
}

function sdp(fields: Fields) {
  return { sdp: read.string(fields.sdp, 'sdp') };
}

function iceTerms(fields: Fields): IceTerms {
  return {
    iceServers: iceServers(fields.iceServers, 'iceServers'),
    ...read.lenient(fields, 'iceTtl', read.count),
  };
}

function welcome(fields: Fields): Welcome {
  return {
    type: 'welcome',
    session: read.uuid(fields.session, 'session'),
    resume: read.string(fields.resume, 'resume'),
    resumed: read.boolean(fields.resumed, 'resumed'),
    online: read.count(fields.online, 'online'),
    ...iceTerms(fields),
    graceMs: read.count(fields.graceMs, 'graceMs'),
    ...read.lenient(fields, 'privacy', privacy),
    ...read.optional(fields, 'room', read.uuid),
    ...read.optional(fields, 'role', role),
    ...read.optional(fields, 'mode', mode),
    ...read.optional(fields, 'interests', interests),
    ...read.lenient(fields, 'private', read.boolean),
    ...read.optional(fields, 'waiting', read.boolean),
    ...read.optional(fields, 'lastSeq', read.count),
    ...read.optional(fields, 'missed', read.boolean),
  };
}

function matched(fields: Fields): Matched {
  return {
    type: 'matched',
    ...inRoom(fields),
    role: role(fields.role, 'role'),
    mode: mode(fields.mode, 'mode'),
    interests: interests(fields.interests, 'interests'),
    ...iceTerms(fields),
    private: read.boolean(fields.private, 'private'),
  };
}

function serverError(fields: Fields): ServerError {
  const { challenge } = fields;
  return {
    type: 'error',
    code: read.string(fields.code, 'code'),
    message: read.string(fields.message, 'message'),
    ...read.optional(fields, 'retryAfterMs', read.count),
    ...read.optional(fields, 'reason', read.string),
    ...read.optional(fields, 'until', read.count),
    ...read.optional(fields, 'appeal', read.string),
    ...(challenge === undefined || challenge === null ? {} : { challenge }),
  };
}

/** RTCIceServer of W3C WebRTC, section 4.2.2. */
function iceServer(value: unknown, name: string): RTCIceServer {
  const fields = read.object(value, name);
  const urls = fields.urls;
  return {
    urls:
      typeof urls === 'string'
        ? urls
        : [...read.list(read.string, MAX_ICE_SERVERS)(urls, `${name}.urls`)],
    ...read.optional(fields, 'username', read.string),
    ...read.optional(fields, 'credential', read.string),
  };
}

/** RTCIceCandidateInit of W3C WebRTC, section 4.8.1.1. */
function candidate(value: unknown): RTCIceCandidateInit | null {
  if (value === null) return null;
  const fields = read.object(value, 'candidate');
  return {
    ...read.optional(fields, 'candidate', read.string),
    ...read.nullable(fields, 'sdpMid', read.string),
    ...read.nullable(fields, 'sdpMLineIndex', read.count),
    ...read.nullable(fields, 'usernameFragment', read.string),
  };
}
