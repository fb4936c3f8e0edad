/** One side of a link, with a fake connection and all that it says. */
import { type Mock, vi } from 'vitest';
import { type Begins, type LinkEvent, type LinkOptions, PeerLink } from '../peer/link';
import { prepare } from '../peer/standby';
import type { Role, Signal } from '../protocol';
import type { FakePeerConnection } from './fake-pc';
import { fakeStream } from './fakes';

export const room = 'room-a';

export interface Side {
  readonly link: PeerLink;
  readonly events: LinkEvent[];
  readonly signals: Signal[];
  readonly confused: Mock;
  pc(): FakePeerConnection;
}

export function side(
  role: Role,
  media: MediaStream | null = fakeStream('audio', 'video'),
  begins: Begins = role === 'offerer' ? 'offer' : 'wait',
  more: Partial<LinkOptions> = {},
): Side {
  const events: LinkEvent[] = [];
  const signals: Signal[] = [];
  const confused = vi.fn();
  const link = new PeerLink({
    room,
    role,
    begins,
    standby: prepare(media),
    iceServers: [{ urls: 'stun:turn.example.org' }],
    relayOnly: false,
    ready: () => null,
    listen: (event) => {
      events.push(event);
      if (event.kind === 'signal') signals.push(event.signal);
    },
    confused,
    ...more,
  });
  const pc = () => link.pc as unknown as FakePeerConnection;
  return { link, events, signals, confused, pc };
}

/** Lets everything that is only waiting for promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

export function candidate(name: string): Signal {
  return { type: 'addIceCandidate', room, candidate: { candidate: name, sdpMid: '0' } };
}

/** Carries signals across until both sides are silent. */
export async function exchange(a: Side, b: Side): Promise<void> {
  while (a.signals.length + b.signals.length > 0) {
    const [toB, toA] = [a.signals.splice(0), b.signals.splice(0)];
    for (const signal of toB) void b.link.receive(signal);
    for (const signal of toA) void a.link.receive(signal);
    await settle();
  }
}
