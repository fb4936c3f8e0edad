import { describe, expect, test } from 'vitest';
import { ROOM_A, Script, TEXT, VIDEO } from '../test/script';
import { keptOf, MAX_KEPT_LINES, readKept, writeKept } from './kept';
import type { Kept } from './model';
import { TabStorage } from './tab-storage';

const device = { present: true, on: false };
const KEPT: Kept = {
  token: 'abc',
  wish: { mode: 'video', interests: ['music'], languages: ['de'], hideAddress: true },
  devices: { camera: device, microphone: device },
  chat: {
    room: ROOM_A,
    hidden: true,
    lines: [
      { id: 3, from: 'me', text: 'hi', unsent: 'pending' },
      { id: 4, from: 'peer', text: '😀' },
    ],
  },
  elsewhere: false,
};

describe('what is kept', () => {
  test.each([KEPT, { ...KEPT, chat: null, elsewhere: true }])('comes back as it was', (kept) => {
    expect(readKept(writeKept(kept))).toEqual(kept);
  });

  test('is of the call, its last lines only', () => {
    const page = Script.inCall();
    for (let line = 0; line < MAX_KEPT_LINES + 9; line += 1) {
      page.server({ type: 'chat', seq: line + 2, room: ROOM_A, text: `${line}` });
    }
    const kept = keptOf(page.state);
    expect(kept).toMatchObject({ token: 'token', wish: TEXT, chat: { room: ROOM_A } });
    expect(kept?.chat?.lines).toHaveLength(MAX_KEPT_LINES);
    expect(kept?.chat?.lines.at(-1)?.text).toBe(`${MAX_KEPT_LINES + 8}`);
    expect(kept === null ? null : readKept(writeKept(kept))).toEqual(kept);
  });

  test('is nothing at the start, nor before there is a session', () => {
    expect(keptOf(new Script().welcome().state)).toBeNull();
    expect(keptOf(new Script().act({ kind: 'start', wish: TEXT }).state)).toBeNull();
    expect(keptOf(new Script().welcome().act({ kind: 'start', wish: VIDEO }).state)).toBeNull();
    expect(keptOf(Script.inCall().act({ kind: 'stop' }).state)).toBeNull();
  });
});

/** What `writeKept` wrote, with something put wrong. */
function spoilt(change: (fields: Record<string, unknown>) => void): string {
  const fields = JSON.parse(writeKept(KEPT)) as Record<string, unknown>;
  change(fields);
  return JSON.stringify(fields);
}

test('a text of before addresses could be hidden is taken', () => {
  const text = spoilt((fields) => {
    delete (fields.wish as Record<string, unknown>).hideAddress;
    delete (fields.chat as Record<string, unknown>).hidden;
  });
  expect(readKept(text)).toMatchObject({ wish: { hideAddress: false }, chat: { hidden: false } });
});

test.each([
  ['empty', ''],
  ['not JSON', '{'],
  ['not an object', '[]'],
  ['of another version', spoilt((fields) => Object.assign(fields, { version: 2 }))],
  ['without a token', spoilt((fields) => Object.assign(fields, { token: '' }))],
  ['with a room that is none', spoilt((fields) => Object.assign(fields, { chat: { room: 'x' } }))],
  ['without devices', spoilt((fields) => Object.assign(fields, { devices: null }))],
  [
    'with too many lines',
    spoilt((fields) => {
      const lines = Array.from({ length: MAX_KEPT_LINES + 1 }, (_, id) => ({
        id,
        from: 'me',
        text: 'x',
      }));
      Object.assign(fields, { chat: { room: ROOM_A, lines } });
    }),
  ],
  [
    'with a line of nobody',
    spoilt((fields) => {
      Object.assign(fields, { chat: { room: ROOM_A, lines: [{ id: 1, from: 'x', text: 'x' }] } });
    }),
  ],
])('a text %s is not taken', (_name, text) => {
  expect(readKept(text)).toBeNull();
});

describe('the tab’s storage', () => {
  test('holds a text until it is taken away', () => {
    const storage = new TabStorage();
    storage.write('text');
    expect(new TabStorage().read()).toBe('text');
    storage.write(null);
    expect(new TabStorage().read()).toBeNull();
  });

  test('that is refused is as good as empty', () => {
    const storage = new TabStorage(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    storage.write('text');
    expect(storage.read()).toBeNull();
  });
});
