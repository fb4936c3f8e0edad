/**
 * Runs the page: feeds events to the reducer one at a time and executes the
 * effects. It owns the socket, the peer connections, the devices and the
 * timers, and ends them all on `dispose()`.
 */
import type { Connection, ConnectionEvent } from '../connection/connection';
import type { Pictures } from '../connection/pictures';
import type { Devices, MediaEvent } from '../peer/media';
import type { PeerEvent, Peers } from '../peer/peers';
import type { Action, Effect, Event, PictureEvent } from './events';
import { keptOf, readKept, writeKept } from './kept';
import { initial, type State } from './model';
import { step } from './reducer';
import type { TabStorage } from './tab-storage';
import { Timers } from './timers';

/** What the runner drives; each part reports back through its listener. */
export interface Parts {
  readonly connection: (
    token: string | null,
    listen: (event: ConnectionEvent) => void,
  ) => Connection;
  readonly devices: (listen: (event: MediaEvent) => void) => Devices;
  readonly peers: (
    devices: Devices,
    token: () => string | null,
    listen: (event: PeerEvent) => void,
  ) => Peers;
  readonly pictures: (
    token: () => string | null,
    listen: (event: PictureEvent) => void,
  ) => Pictures;
  readonly storage: TabStorage;
}

export class Runner {
  readonly #connection: Connection;
  readonly #devices: Devices;
  readonly #peers: Peers;
  readonly #pictures: Pictures;
  readonly #timers = new Timers((id) => this.dispatch({ kind: 'timer', id }));
  readonly #listeners = new Set<() => void>();
  readonly #pending: Event[] = [];
  readonly #storage: TabStorage;
  #state: State;
  #running = false;

  constructor(parts: Parts) {
    this.#storage = parts.storage;
    this.#state = initial(readKept(parts.storage.read() ?? ''));
    this.#connection = parts.connection(this.#state.token, (event) =>
      this.dispatch({ kind: 'connection', event }),
    );
    this.#devices = parts.devices((event) => this.dispatch({ kind: 'media', event }));
    const token = () => this.#state.token;
    this.#peers = parts.peers(this.#devices, token, (event) =>
      this.dispatch({ kind: 'peer', event }),
    );
    this.#pictures = parts.pictures(token, (event) => this.dispatch({ kind: 'picture', event }));
  }

  get currentPeer(): RTCPeerConnection | null {
    return this.#peers.current;
  }

  readonly state = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly act = (action: Action): void => this.dispatch({ kind: 'action', action });

  start(): void {
    // Closed from the start: another tab has the session, and keeps it.
    if (this.#state.screen.kind !== 'closed') this.#connection.open();
  }

  /**
   * The network is back: no need to wait for the next retry. A socket that still
   * seems to stand seldom does, and a browser may take minutes to notice.
   */
  hurry(): void {
    if (this.#state.link.kind === 'up') this.dispatch({ kind: 'timer', id: 'move' });
    else this.#connection.hurry();
  }

  /** The machine's network is another one than before. */
  networkChanged(): void {
    this.#peers.networkChanged();
  }

  /** The page is looked at again. */
  wake(): void {
    this.#peers.wake();
  }

  /**
   * The page goes away: by a reload, or for good. No browser tells a page which
   * of the two it is (`pagehide`, `beforeunload` and the Navigation API do not),
   * and closing with 1000 would make a reload end the chat. So where there is
   * something to come back to, the socket is dropped and the grace decides: the
   * partner is told at once that this side is away, and after the grace that it
   * is gone. Where there is nothing to keep, 1000 frees the session now.
   */
  dispose(): void {
    const nothingToKeep = keptOf(this.#state) === null;
    this.#timers.dispose();
    this.#peers.dispose();
    this.#pictures.dispose();
    this.#devices.dispose();
    this.#connection.dispose(nothingToKeep);
    this.#listeners.clear();
  }

  /** An event that an effect causes waits until that effect's step is done. */
  dispatch(event: Event): void {
    this.#pending.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#pending.shift(); next; next = this.#pending.shift()) this.#step(next);
    } finally {
      this.#running = false;
    }
  }

  #step(event: Event): void {
    const before = this.#state;
    const { state, effects } = step(before, event);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (state !== before) this.#keep(state);
    if (state === before) return;
    for (const listener of this.#listeners) listener();
  }

  #keep(state: State): void {
    const kept = keptOf(state);
    this.#storage.write(kept === null ? null : writeKept(kept));
  }

  #run(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#connection.send(effect.message);
        return;
      case 'connect':
        this.#connection.open(effect.keep);
        return;
      case 'askMedia':
        void this.#devices.ask(effect.camera);
        return;
      case 'releaseMedia':
        this.#devices.release();
        return;
      case 'setTrack':
        this.#devices.enable(effect.track, effect.on);
        return;
      case 'preparePeer':
        this.#peers.prepare();
        return;
      case 'startPeer':
        this.#peers.start(effect.terms, effect.begins);
        return;
      case 'signalPeer':
        this.#peers.receive(effect.signal);
        return;
      case 'holdPeer':
        this.#peers.hold();
        return;
      case 'resumePeer':
        this.#peers.resume(effect.ice);
        return;
      case 'repeatPeer':
        this.#peers.repeat();
        return;
      case 'stopPeer':
        this.#peers.stop();
        return;
      case 'sendPicture':
        void this.#pictures.send(effect.room, effect.still);
        return;
      case 'setTimer':
        this.#timers.set(effect.id, effect.ms);
        return;
      case 'clearTimer':
        this.#timers.clear(effect.id);
        return;
      default:
        effect satisfies never;
    }
  }
}
