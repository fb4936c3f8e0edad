/**
 * What the page knows at one moment. `screen` is a discriminated union: what
 * belongs to one screen only cannot outlive it.
 */
import type { FinalClose } from '../connection/backoff';
import type { PictureProblem } from '../connection/picture-policy';
import type { DeviceProblem } from '../peer/media';
import type { RoomTerms } from '../peer/peers';
import type { Still } from '../peer/still';
import type { Block, LeaveReason, Mode, Privacy, Report, Role, Signal } from '../protocol';

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
  /** `lapsed`: for so long that the server has most likely ended the session. */
  | { readonly kind: 'down'; readonly lapsed: boolean };

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
}

/** What the server says to somebody whom it keeps out. */
export interface Ban {
  readonly reason: string | null;
  /** In milliseconds since 1970; null: for good. */
  readonly until: number | null;
  /** How to object, in the service's words. */
  readonly appeal: string | null;
}

export interface Line {
  readonly id: number;
  readonly from: 'me' | 'peer';
  readonly text: string;
  /**
   * `pending`: waits for the server; `failed`: the room ended before it came;
   * `refused`: it was too quick, and can be sent again.
   */
  readonly unsent?: 'pending' | 'failed' | 'refused';
}

export type ReportState = 'none' | 'sent' | 'taken';

/** A report that is being made. */
export interface Sheet {
  /** The partner's picture when it was begun: they may be gone before it ends. */
  readonly still: Still | null;
}

/** A report or a block that the server has not confirmed. */
export interface Filing {
  readonly message: Report | Block;
  /** Goes after the report once it was taken. */
  readonly still: Still | null;
  readonly sent: boolean;
  /** It was said again after a refusal; it is not a second time. */
  readonly retried: boolean;
}

/** What becomes of a report or a block, for the person to read. */
export type Told =
  | {
      readonly kind: 'report' | 'block';
      /** `waiting`: for the connection. `refused`: too much was asked for, by whomever. */
      readonly outcome: 'sending' | 'waiting' | 'taken' | 'lost' | 'refused';
    }
  | { readonly kind: 'picture'; readonly outcome: 'lost'; readonly why: PictureProblem };

/** What stays of a room when it is over. */
export interface Past {
  readonly room: string;
  readonly mode: Mode;
  readonly lines: readonly Line[];
  readonly report: ReportState;
  readonly blocked: boolean;
  readonly sheet: Sheet | null;
  /** Its session is gone, and nobody else can speak of it. */
  readonly gone: boolean;
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
  /** Own lines said just now: a refusal that comes means the last of them. */
  readonly said: readonly number[];
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
  /** `retried`: it was said again after being too quick. */
  | { readonly kind: 'waiting'; readonly retried: boolean }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'left'; readonly past: Past; readonly why: LeftWhy }
  /** The page was loaded again and asks the server what is left. */
  | { readonly kind: 'restoring'; readonly kept: Kept }
  | {
      readonly kind: 'closed';
      readonly why: FinalClose;
      readonly kept: Kept | null;
      /** With `banned`, where the server has said more. */
      readonly ban: Ban | null;
    };

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
  /** At most `MAX_FILINGS`; one more, and the oldest is given up. */
  readonly filings: readonly Filing[];
  readonly told: Told | null;
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
export const MAX_FILINGS = 8;

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
  filings: [],
  told: null,
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
    ? { kind: 'closed', why: 'elsewhere', kept: { ...kept, elsewhere: false }, ban: null }
    : { kind: 'restoring', kept };
  return { ...INITIAL, token, wish, screen };
}

export function pendingCount(call: Call): number {
  return call.lines.filter(({ unsent }) => unsent === 'pending').length;
}
