/**
 * What the page knows at one moment. `screen` is a discriminated union: what
 * belongs to one screen only cannot outlive it.
 */
import type { FinalClose } from '../connection/backoff';
import type { DeviceProblem } from '../peer/media';
import type { LeaveReason, Mode, Role } from '../protocol';

/** What the person asked for on the landing screen. */
export interface Wish {
  readonly mode: Mode;
  readonly interests: readonly string[];
  readonly languages: readonly string[];
}

/** The connection to the server. A final end has a screen of its own. */
export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up' }
  | { readonly kind: 'down' };

/** The person's own devices. `on` is what they chose, kept across calls. */
export interface Media {
  readonly stream: MediaStream | null;
  readonly camera: Device;
  readonly microphone: Device;
}

export interface Device {
  readonly present: boolean;
  readonly on: boolean;
}

/** What the server refused, for the person to read. */
export interface Notice {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
  readonly reason: string | null;
  readonly until: number | null;
}

export interface Line {
  readonly id: number;
  readonly from: 'me' | 'peer';
  readonly text: string;
}

export type ReportState = 'none' | 'sent' | 'taken';

/** What stays of a room when it is over. */
export interface Past {
  readonly room: string;
  readonly mode: Mode;
  readonly lines: readonly Line[];
  readonly report: ReportState;
}

export interface Call extends Past {
  readonly role: Role;
  /** The interests that both named. */
  readonly shared: readonly string[];
  readonly nextLine: number;
  readonly peer: RTCPeerConnectionState | 'none';
  /** No connection came within the time in which one usually does. */
  readonly overdue: boolean;
  readonly remote: MediaStream | null;
  readonly partnerAway: boolean;
  readonly partnerTyping: boolean;
  /** Whether the partner was told that the person is typing. */
  readonly typing: boolean;
  /** Esc was pressed once. */
  readonly confirmSkip: boolean;
}

/** Why a room is over. `server_lost`: its session ended with the connection. */
export type LeftWhy = LeaveReason | 'server_lost';

export type Screen =
  | { readonly kind: 'landing' }
  | { readonly kind: 'permission'; readonly problem: DeviceProblem | null }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'left'; readonly past: Past; readonly why: LeftWhy }
  | { readonly kind: 'closed'; readonly why: FinalClose };

export interface State {
  readonly link: Link;
  readonly online: number | null;
  readonly wish: Wish;
  readonly media: Media;
  readonly notice: Notice | null;
  /** Each `leave` on its way: until its `idle`, what comes is of before it. */
  readonly leaving: number;
  /** The server is being replaced, and it is time to go once no room stands. */
  readonly moveDue: boolean;
  readonly screen: Screen;
}

/** Lines of chat kept in the page. */
export const MAX_LINES = 500;

const NO_DEVICE: Device = { present: false, on: true };
export const NO_MEDIA: Media = { stream: null, camera: NO_DEVICE, microphone: NO_DEVICE };

export const INITIAL: State = {
  link: { kind: 'connecting' },
  online: null,
  wish: { mode: 'video', interests: [], languages: [] },
  media: NO_MEDIA,
  notice: null,
  leaving: 0,
  moveDue: false,
  screen: { kind: 'landing' },
};
