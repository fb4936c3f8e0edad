/** What can happen to the page (events), and what it then does (effects). */
import type { ConnectionEvent, Keep } from '../connection/connection';
import type { PictureProblem } from '../connection/picture-policy';
import type { Begins } from '../peer/link';
import type { MediaEvent, TrackKind } from '../peer/media';
import type { PeerEvent, RoomTerms } from '../peer/peers';
import type { Still } from '../peer/still';
import type { ClientMessage, IceTerms, Signal } from '../protocol';
import type { State, Wish } from './model';
import type { Choice } from './report';

/**
 * `skip`: the time for the second Esc; `typing`: the pause after which one types
 * no more; `again`: what was refused is said again; `file`: likewise a report or
 * a block; `move`: a server that is being replaced is left; `said`: a line that
 * was not refused by now was taken; `notice` and `told`: words go that need no
 * answer.
 */
export type TimerId = 'skip' | 'typing' | 'again' | 'file' | 'move' | 'said' | 'notice' | 'told';

/** What the person does. */
export type Action =
  | { readonly kind: 'start'; readonly wish: Wish }
  /** As the last start, where the address could not be hidden. */
  | { readonly kind: 'startUnhidden' }
  | { readonly kind: 'retryCamera' }
  | { readonly kind: 'goWithoutCamera' }
  | { readonly kind: 'goText' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'next' }
  | { readonly kind: 'escape' }
  | { readonly kind: 'findAnother' }
  | { readonly kind: 'toggle'; readonly track: TrackKind }
  | { readonly kind: 'chat'; readonly text: string }
  | { readonly kind: 'draft'; readonly empty: boolean }
  /** A line that was refused is said again. */
  | { readonly kind: 'resend'; readonly line: number }
  | { readonly kind: 'openReport'; readonly still: Still | null }
  | { readonly kind: 'closeReport' }
  | ({ readonly kind: 'report' } & Choice)
  | { readonly kind: 'block' }
  | { readonly kind: 'dismissNotice' }
  | { readonly kind: 'dismissTold' }
  | { readonly kind: 'reopen' };

export type Event =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'connection'; readonly event: ConnectionEvent }
  | { readonly kind: 'media'; readonly event: MediaEvent }
  | { readonly kind: 'peer'; readonly event: PeerEvent }
  | { readonly kind: 'picture'; readonly event: PictureEvent }
  | { readonly kind: 'timer'; readonly id: TimerId };

/** A report's picture was not taken, and is not tried again. */
export interface PictureEvent {
  readonly room: string;
  readonly problem: PictureProblem;
}

export type Effect =
  | { readonly kind: 'send'; readonly message: ClientMessage }
  | { readonly kind: 'connect'; readonly keep: Keep }
  | { readonly kind: 'askMedia'; readonly camera: boolean }
  | { readonly kind: 'releaseMedia' }
  | { readonly kind: 'setTrack'; readonly track: TrackKind; readonly on: boolean }
  | { readonly kind: 'preparePeer' }
  | { readonly kind: 'startPeer'; readonly terms: RoomTerms; readonly begins: Begins }
  | { readonly kind: 'signalPeer'; readonly signal: Signal }
  | { readonly kind: 'holdPeer' }
  | { readonly kind: 'resumePeer'; readonly ice: IceTerms }
  | { readonly kind: 'repeatPeer' }
  | { readonly kind: 'stopPeer' }
  | { readonly kind: 'sendPicture'; readonly room: string; readonly still: Still }
  | { readonly kind: 'setTimer'; readonly id: TimerId; readonly ms: number }
  | { readonly kind: 'clearTimer'; readonly id: TimerId };

/** The outcome of one event. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const stay = (state: State): Step => ({ state, effects: [] });
