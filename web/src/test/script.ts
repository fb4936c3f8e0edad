/** Plays events against the reducer, as a person and a server would cause them. */
import type { ClientMessage, Matched, ServerMessage, Welcome } from '../protocol';
import type { Action, Effect, Event } from '../state/events';
import { keptOf, readKept, writeKept } from '../state/kept';
import { type Call, INITIAL, initial, type Screen, type State, type Wish } from '../state/model';
import { step } from '../state/reducer';

export const ROOM_A = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
export const ROOM_B = '16fd2706-8baf-433b-82eb-8c7fada847da';

export const TEXT: Wish = { mode: 'text', interests: ['music'], languages: [], hideAddress: false };
export const VIDEO: Wish = { mode: 'video', interests: [], languages: [], hideAddress: false };
/** As `VIDEO`, with the address hidden. */
export const HIDDEN: Wish = { ...VIDEO, hideAddress: true };

const WELCOME: Welcome = {
  type: 'welcome',
  session: ROOM_B,
  resume: 'token',
  resumed: false,
  online: 3,
  iceServers: [],
  graceMs: 15_000,
};

export class Script {
  state: State = INITIAL;
  /** What the last event led to. */
  effects: readonly Effect[] = [];

  play(event: Event): this {
    const result = step(this.state, event);
    this.state = result.state;
    this.effects = result.effects;
    return this;
  }

  act(action: Action): this {
    return this.play({ kind: 'action', action });
  }

  server(message: ServerMessage): this {
    return this.play({ kind: 'connection', event: { kind: 'message', message } });
  }

  welcome(more: Partial<Welcome> = {}): this {
    return this.server({ ...WELCOME, ...more });
  }

  /** The session goes on; a replay may follow, and `replayed()`. */
  resumed(more: Partial<Welcome> = {}): this {
    const seat = more.room === undefined ? {} : ({ role: 'offerer', mode: 'video' } as const);
    return this.server({ ...WELCOME, resumed: true, lastSeq: 9, ...seat, ...more });
  }

  replayed(): this {
    return this.play({ kind: 'connection', event: { kind: 'replayed' } });
  }

  /** The page of before, loaded again. */
  reload(): Script {
    const text = keptOf(this.state);
    const again = new Script();
    again.state = initial(text === null ? null : readKept(writeKept(text)));
    return again;
  }

  matched(room: string, wish: Wish = TEXT): this {
    return this.server(matchedIn(room, wish));
  }

  drop(): this {
    const verdict = { kind: 'retry', delayMs: 500 } as const;
    return this.play({ kind: 'connection', event: { kind: 'down', verdict } });
  }

  /** In a call in room A. */
  static inCall(wish: Wish = TEXT): Script {
    const script = new Script().welcome().act({ kind: 'start', wish });
    if (wish.mode === 'video')
      script.play({ kind: 'media', event: { kind: 'ready', stream: null } });
    return script.matched(ROOM_A, wish);
  }

  get screen(): Screen['kind'] {
    return this.state.screen.kind;
  }

  get call(): Call {
    if (this.state.screen.kind !== 'call') throw new Error(`on screen ${this.screen}`);
    return this.state.screen.call;
  }

  get sent(): ClientMessage[] {
    return this.effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []));
  }

  get kinds(): Effect['kind'][] {
    return this.effects.map(({ kind }) => kind);
  }
}

export function matchedIn(room: string, wish: Wish): Matched {
  return {
    type: 'matched',
    seq: 1,
    room,
    role: 'offerer',
    mode: wish.mode,
    interests: wish.interests,
    iceServers: [],
    private: wish.hideAddress,
  };
}
