/**
 * What the page knows at one moment. `screen` is a discriminated union: what
 * belongs to one screen only cannot outlive it.
 */
import type { FinalClose } from '../connection/backoff';
import type { DeviceProblem } from '../peer/media';
import type { RoomTerms } from '../peer/peers';
import type { LeaveReason, Mode, Privacy, Role, Signal } from '../protocol';

/** What the person asked for on the landing screen. */
export interface Wish {
  readonly mode: Mode;
  readonly interests: readonly string[];
  readonly languages: readonly string[];
  /** In video, the stranger is to see no address of this person, or there is no call. */
  readonly hideAddress: boolean;
}

/** The connection to the server. A final end has a screen of its own. */
export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up' }
  | { readonly kind: 'down' };

export interface Device {
  readonly present: boolean;
  readonly on: boolean;
}

/** The person's own devices. `on` is what they chose, kept across calls. */
export interface Devices {
  readonly camera: Device;
  readonly microphone: Device;
}

export interface Media extends Devices {
  readonly stream: MediaStream | null;
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
  /** `pending`: waits for the server; `failed`: the room ended before it came. */
  readonly unsent?: 'pending' | 'failed';
}

export type ReportState = 'none' | 'sent' | 'taken';

/** What stays of a room when it is over. */
export interface Past {
  readonly room: string;
  readonly mode: Mode;
  readonly lines: readonly Line[];
  readonly report: ReportState;
}

/** A link that waits for the camera, with the signals that came meanwhile. */
export interface HeldLink {
  readonly terms: RoomTerms;
  /** `role`: as the room says, for one that the partner has just entered too. */
  readonly begins: 'role' | 'fresh';
  readonly early: readonly Signal[];
}

export interface Call extends Past {
  readonly role: Role;
  /** The own address is hidden from the partner. */
  readonly hidden: boolean;
  /** The interests that both named. */
  readonly shared: readonly string[];
  readonly nextLine: number;
  readonly peer: RTCPeerConnectionState | 'none';
  readonly held: HeldLink | null;
  /**
   * Signals numbered up to this belong to a link that was lost with an earlier
   * load of the page, but for a fresh offer. 0: none.
   */
  readonly staleUntil: number;
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

/** What outlasts a load of the page: enough to go on where it was. */
export interface Kept {
  readonly token: string;
  readonly wish: Wish;
  readonly devices: Devices;
  readonly chat: KeptChat | null;
  /** Another tab has taken the session over; this one stays closed. */
  readonly elsewhere: boolean;
}

export interface KeptChat {
  readonly room: string;
  /** As `Call.hidden`. */
  readonly hidden: boolean;
  readonly lines: readonly Line[];
}

export type Screen =
  | { readonly kind: 'landing' }
  | { readonly kind: 'permission'; readonly problem: DeviceProblem | null }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'left'; readonly past: Past; readonly why: LeftWhy }
  /** The page was loaded again and asks the server what is left. */
  | { readonly kind: 'restoring'; readonly kept: Kept }
  | { readonly kind: 'closed'; readonly why: FinalClose; readonly kept: Kept | null };

/** Where the server says that the session stands once its replay is over. */
export type Place =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'room'; readonly room: string };

export interface State {
  readonly link: Link;
  readonly token: string | null;
  readonly online: number | null;
  /** What the service offers; null until it was asked. */
  readonly privacy: Privacy | null;
  readonly wish: Wish;
  readonly media: Media;
  /** Devices that are being asked for again after a load of the page. */
  readonly asking: Devices | null;
  readonly notice: Notice | null;
  /** Each `leave` on its way: until its `idle`, what comes is of before it. */
  readonly leaving: number;
  /** A wait began while nobody could be told. */
  readonly unsaid: boolean;
  /** The last room that was entered. */
  readonly lastRoom: string | null;
  /** Between the `welcome` of a resume and the end of its replay. */
  readonly place: Place | null;
  readonly screen: Screen;
}

/** Lines of chat kept in the page. */
export const MAX_LINES = 500;
/** Lines that wait for the server; the field takes no more then. */
export const MAX_PENDING = 10;

const NO_DEVICE: Device = { present: false, on: true };
export const NO_DEVICES: Devices = { camera: NO_DEVICE, microphone: NO_DEVICE };
export const NO_MEDIA: Media = { stream: null, ...NO_DEVICES };

export const INITIAL: State = {
  link: { kind: 'connecting' },
  token: null,
  online: null,
  privacy: null,
  wish: { mode: 'video', interests: [], languages: [], hideAddress: false },
  media: NO_MEDIA,
  asking: null,
  notice: null,
  leaving: 0,
  unsaid: false,
  lastRoom: null,
  place: null,
  screen: { kind: 'landing' },
};

/** The state that a load of the page begins with. */
export function initial(kept: Kept | null): State {
  if (kept === null) return INITIAL;
  const { token, wish, elsewhere } = kept;
  const screen: Screen = elsewhere
    ? { kind: 'closed', why: 'elsewhere', kept: { ...kept, elsewhere: false } }
    : { kind: 'restoring', kept };
  return { ...INITIAL, token, wish, screen };
}

export function pendingCount(call: Call): number {
  return call.lines.filter(({ unsent }) => unsent === 'pending').length;
}
