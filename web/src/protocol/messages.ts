/**
 * The messages of the wire protocol `passerby.v1` as types: what a client sends
 * and what the server sends. Nothing here knows how they travel.
 */

export type Mode = 'video' | 'text';
export type Role = 'offerer' | 'answerer';
/** Whether the service hides addresses: never, for whom it is asked to, or for all. */
export const PRIVACIES = ['off', 'choice', 'always'] as const;
export type Privacy = (typeof PRIVACIES)[number];
export type LeaveReason = 'next' | 'left' | 'disconnected' | 'removed';

export const REPORT_REASONS = [
  'nudity',
  'minor',
  'harassment',
  'spam',
  'violence',
  'other',
] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];

/** One line of a chat as a reporter attaches it. */
export interface TranscriptLine {
  readonly from: 'me' | 'peer';
  readonly text: string;
}

/** The part of a signal that both directions share. */
export type Signal =
  | {
      readonly type: 'createOffer';
      readonly room: string;
      readonly sdp: string;
      readonly fresh?: boolean;
    }
  | { readonly type: 'createAnswer'; readonly room: string; readonly sdp: string }
  | {
      readonly type: 'addIceCandidate';
      readonly room: string;
      /** `null` says that no more candidates come. */
      readonly candidate: RTCIceCandidateInit | null;
    };

export interface Join {
  readonly type: 'join';
  readonly mode?: Mode;
  readonly interests?: readonly string[];
  readonly languages?: readonly string[];
  readonly private?: boolean;
  readonly claim?: string;
  readonly proof?: string;
}

export interface Report {
  readonly type: 'report';
  readonly room: string;
  readonly reason: ReportReason;
  readonly details?: string;
  readonly transcript?: readonly TranscriptLine[];
}

/** The two never meet again. */
export interface Block {
  readonly type: 'block';
  readonly room: string;
}

export type ClientMessage =
  | Join
  | { readonly type: 'next'; readonly room?: string; readonly proof?: string }
  | { readonly type: 'leave' }
  | Signal
  | { readonly type: 'chat'; readonly room: string; readonly text: string }
  | { readonly type: 'typing'; readonly room: string; readonly active: boolean }
  | Report
  | Block;

/** A number of the session's own count, on every message that can be repeated. */
interface Numbered {
  readonly seq: number;
}

/** STUN and TURN servers, and for how long their credentials are good. */
export interface IceTerms {
  readonly iceServers: readonly RTCIceServer[];
  /** Seconds from when they were sent; a service that does not say means 600. */
  readonly iceTtl?: number;
}

export interface Welcome extends IceTerms {
  readonly type: 'welcome';
  readonly session: string;
  readonly resume: string;
  readonly resumed: boolean;
  readonly online: number;
  readonly graceMs: number;
  /** Absent, or one that the page does not know: as `off`. */
  readonly privacy?: Privacy;
  readonly room?: string;
  readonly role?: Role;
  readonly mode?: Mode;
  readonly interests?: readonly string[];
  /** Beside a room: whether the own address is hidden in it. */
  readonly private?: boolean;
  readonly waiting?: boolean;
  readonly lastSeq?: number;
  readonly missed?: boolean;
}

export interface Matched extends Numbered, IceTerms {
  readonly type: 'matched';
  readonly room: string;
  readonly role: Role;
  readonly mode: Mode;
  readonly interests: readonly string[];
  /** Whether the receiver's own address is hidden from the partner. */
  readonly private: boolean;
}

export interface ServerError {
  readonly type: 'error';
  /** One of the protocol's codes, or one that a later version adds. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly reason?: string;
  /** End of a ban, in milliseconds since 1970. */
  readonly until?: number;
  /** How somebody who is banned can object, in words. */
  readonly appeal?: string;
  readonly challenge?: unknown;
}

export type ServerMessage =
  | Welcome
  | Matched
  | ServerError
  | ({ readonly type: 'waiting' } & Numbered)
  | (Signal & Numbered)
  | ({ readonly type: 'chat'; readonly room: string; readonly text: string } & Numbered)
  | ({ readonly type: 'typing'; readonly room: string; readonly active: boolean } & Numbered)
  | ({ readonly type: 'peerLeft'; readonly room: string; readonly reason: LeaveReason } & Numbered)
  | ({ readonly type: 'peerAway'; readonly room: string } & Numbered)
  | ({ readonly type: 'peerBack'; readonly room: string } & Numbered)
  | ({ readonly type: 'idle' } & Numbered)
  | ({ readonly type: 'reported'; readonly room: string } & Numbered)
  | ({ readonly type: 'blocked'; readonly room: string } & Numbered)
  | { readonly type: 'online'; readonly count: number }
  | { readonly type: 'goingAway'; readonly retryAfterMs: number };
