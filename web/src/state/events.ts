/** What can happen to the page (events), and what it then does (effects). */
import type { ConnectionEvent, Keep } from '../connection/connection';
import type { Begins } from '../peer/link';
import type { MediaEvent, TrackKind } from '../peer/media';
import type { PeerEvent, RoomTerms } from '../peer/peers';
import type { ClientMessage, IceTerms, ReportReason, Signal } from '../protocol';
import type { State, Wish } from './model';

/**
 * `skip`: the time for the second Esc; `typing`: the pause after which one types
 * no more; `again`: what was refused is said again; `move`: a server that is
 * being replaced is left.
 */
export type TimerId = 'skip' | 'typing' | 'again' | 'move';

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
  | {
      readonly kind: 'report';
      readonly reason: ReportReason;
      readonly details: string;
      readonly attach: boolean;
    }
  | { readonly kind: 'dismissNotice' }
  | { readonly kind: 'reopen' };

export type Event =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'connection'; readonly event: ConnectionEvent }
  | { readonly kind: 'media'; readonly event: MediaEvent }
  | { readonly kind: 'peer'; readonly event: PeerEvent }
  | { readonly kind: 'timer'; readonly id: TimerId };

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
  | { readonly kind: 'setTimer'; readonly id: TimerId; readonly ms: number }
  | { readonly kind: 'clearTimer'; readonly id: TimerId };

/** The outcome of one event. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const stay = (state: State): Step => ({ state, effects: [] });
