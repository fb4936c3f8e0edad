/**
 * What the page keeps across a reload, as text: what of the state goes into it,
 * and a check of what comes back, which the tab's storage may have from an
 * older page. The number of the last message is not kept: a page that is loaded
 * again has lost its link, so it begins anew and wants no old signals.
 */
import {
  MAX_CHAT_CHARS,
  MAX_INTEREST_CHARS,
  MAX_INTERESTS,
  MAX_LANGUAGES,
  type Mode,
} from '../protocol';
import * as read from '../protocol/readers';
import type { Device, Devices, Kept, KeptChat, Line, State, Wish } from './model';

/** Raised when an older page's text could be misread. */
const VERSION = 1;
/** Lines of the chat that a reload brings back. */
export const MAX_KEPT_LINES = 50;

/** Null where there is nothing to come back to. */
export function keptOf(state: State): Kept | null {
  const { token, wish, screen } = state;
  if (token === null) return null;
  switch (screen.kind) {
    case 'landing':
    case 'permission':
      return null;
    case 'restoring':
      return screen.kept;
    case 'closed':
      return screen.kept === null ? null : { ...screen.kept, elsewhere: true };
    case 'waiting':
    case 'left':
      return { token, wish, devices: devicesOf(state), chat: null, elsewhere: false };
    case 'call': {
      const { room, hidden, lines } = screen.call;
      const chat: KeptChat = { room, hidden, lines: lines.slice(-MAX_KEPT_LINES) };
      return { token, wish, devices: devicesOf(state), chat, elsewhere: false };
    }
    default:
      return screen satisfies never;
  }
}

function devicesOf({ media, asking }: State): Devices {
  const { camera, microphone } = asking ?? media;
  return { camera, microphone };
}

export function writeKept(kept: Kept): string {
  return JSON.stringify({ version: VERSION, ...kept });
}

/** Null where the text is not what `writeKept` writes. */
export function readKept(text: string): Kept | null {
  try {
    return keptFrom(read.object(JSON.parse(text), 'kept'));
  } catch {
    return null;
  }
}

const MODES: readonly Mode[] = ['video', 'text'];
const mode = read.oneOf(MODES);
const from = read.oneOf(['me', 'peer'] as const);
const unsent = read.oneOf(['pending', 'failed', 'refused'] as const);
const interests = read.list(read.text(1, MAX_INTEREST_CHARS), MAX_INTERESTS);
const languages = read.list(read.text(1, 64), MAX_LANGUAGES);
const lines = read.list(line, MAX_KEPT_LINES);

function keptFrom(fields: read.Fields): Kept {
  if (fields.version !== VERSION) throw new read.Malformed('of another version');
  return {
    token: read.text(1, 512)(fields.token, 'token'),
    wish: wish(read.object(fields.wish, 'wish')),
    devices: devices(read.object(fields.devices, 'devices')),
    chat: fields.chat === null ? null : chat(read.object(fields.chat, 'chat')),
    elsewhere: read.boolean(fields.elsewhere, 'elsewhere'),
  };
}

function wish(fields: read.Fields): Wish {
  return {
    mode: mode(fields.mode, 'mode'),
    interests: interests(fields.interests, 'interests'),
    languages: languages(fields.languages, 'languages'),
    // An older page kept none of this: it could not hide an address.
    hideAddress: false,
    ...read.optional(fields, 'hideAddress', read.boolean),
  };
}

function devices(fields: read.Fields): Devices {
  return { camera: device(fields.camera, 'camera'), microphone: device(fields.microphone, 'mic') };
}

function device(value: unknown, name: string): Device {
  const fields = read.object(value, name);
  return {
    present: read.boolean(fields.present, 'present'),
    on: read.boolean(fields.on, 'on'),
  };
}

function chat(fields: read.Fields): KeptChat {
  return {
    room: read.uuid(fields.room, 'room'),
    hidden: false,
    ...read.optional(fields, 'hidden', read.boolean),
    lines: lines(fields.lines, 'lines'),
  };
}

function line(value: unknown, name: string): Line {
  const fields = read.object(value, name);
  return {
    id: read.count(fields.id, 'id'),
    from: from(fields.from, 'from'),
    text: read.text(1, MAX_CHAT_CHARS)(fields.text, 'text'),
    ...read.optional(fields, 'unsent', unsent),
  };
}
