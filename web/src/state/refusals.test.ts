import { describe, expect, test } from 'vitest';
import { ROOM_A, ROOM_B, Script, TEXT, VIDEO } from '../test/script';
import { NOTICE_MS } from './refusals';

const error = (code: string, retryAfterMs?: number) =>
  ({
    type: 'error',
    code,
    message: 'm',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }) as const;

const again = { kind: 'setTimer', id: 'again', ms: 900 };

describe('a refusal', () => {
  test('with a delay while waiting: joins again after it', () => {
    const page = Script.inCall().act({ kind: 'next' }).server(error('rate_limited', 900));
    expect(page.effects).toContainEqual(again);
    page.play({ kind: 'timer', id: 'again' });
    expect(page.sent).toMatchObject([{ type: 'join', mode: 'text' }]);
    expect(page.state.notice).toBeNull();
  });

  test('of being too quick is forgiven once a wait', () => {
    const page = Script.inCall().act({ kind: 'next' }).server(error('rate_limited', 900));
    page.play({ kind: 'timer', id: 'again' }).server(error('rate_limited', 900));
    expect(page.screen).toBe('landing');
    expect(page.effects).not.toContainEqual(again);
    expect(page.state.notice).toMatchObject({ code: 'rate_limited' });
    page.server({ type: 'idle', seq: 3 }).act({ kind: 'start', wish: TEXT });
    expect(page.server(error('rate_limited', 900)).effects).toContainEqual(again);
  });

  test('of a service that can’t yet is waited out however often', () => {
    const page = Script.inCall().act({ kind: 'next' });
    for (let times = 0; times < 3; times += 1) {
      expect(page.server(error('unavailable', 900)).effects).toContainEqual(again);
      page.play({ kind: 'timer', id: 'again' });
      expect(page.sent).toMatchObject([{ type: 'join' }]);
    }
  });

  test('without a delay while waiting: back to the start, with words', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT });
    page.server(error('unavailable'));
    expect(page.screen).toBe('landing');
    expect(page.state.notice).toMatchObject({ code: 'unavailable' });
  });

  test('of a leave: leaves again, and the next match is taken', () => {
    const page = Script.inCall().act({ kind: 'stop' }).server(error('rate_limited', 900));
    expect(page.effects).toContainEqual(again);
    page.play({ kind: 'timer', id: 'again' });
    expect(page.sent).toEqual([{ type: 'leave' }]);
    page.server({ type: 'idle', seq: 4 }).act({ kind: 'start', wish: TEXT }).matched(ROOM_B);
    expect(page.call.room).toBe(ROOM_B);
  });

  test('in a call: words only, which go by themselves', () => {
    const page = Script.inCall(VIDEO).server(error('rate_limited', 500));
    expect(page.screen).toBe('call');
    expect(page.state.notice).toMatchObject({ code: 'rate_limited', retryAfterMs: 500 });
    expect(page.effects).toEqual([{ kind: 'setTimer', id: 'notice', ms: NOTICE_MS }]);
    expect(page.play({ kind: 'timer', id: 'notice' }).state.notice).toBeNull();
  });

  test('takes only its own words away', () => {
    const page = Script.inCall(VIDEO).server(error('rate_limited', 500)).server(error('too_large'));
    page.play({ kind: 'timer', id: 'notice' });
    expect(page.state.notice).toMatchObject({ code: 'too_large' });
  });
});

describe('a line that was too quick', () => {
  const lines = (page: Script) =>
    page.call.lines.map(({ text, unsent = 'said' }) => [text, unsent]);
  const twoLines = () =>
    Script.inCall().act({ kind: 'chat', text: 'one' }).act({ kind: 'chat', text: 'two' });

  test('is the last one said, then the one before', () => {
    const page = twoLines().server(error('rate_limited', 500));
    expect(lines(page)).toEqual([
      ['one', 'said'],
      ['two', 'refused'],
    ]);
    expect(lines(page.server(error('rate_limited', 500)))).toEqual([
      ['one', 'refused'],
      ['two', 'refused'],
    ]);
  });

  test('is none that was said a while ago', () => {
    const page = twoLines().play({ kind: 'timer', id: 'said' }).server(error('rate_limited', 500));
    expect(lines(page)).toEqual([
      ['one', 'said'],
      ['two', 'said'],
    ]);
  });

  test('can be sent again, and is then the newest', () => {
    const page = twoLines().server(error('rate_limited', 500)).act({ kind: 'chat', text: 'three' });
    const refused = page.call.lines.find(({ unsent }) => unsent === 'refused');
    page.act({ kind: 'resend', line: refused?.id ?? -1 });
    expect(page.sent).toEqual([{ type: 'chat', room: ROOM_A, text: 'two' }]);
    expect(lines(page)).toEqual([
      ['one', 'said'],
      ['three', 'said'],
      ['two', 'said'],
    ]);
    expect(page.act({ kind: 'resend', line: refused?.id ?? -1 }).effects).toEqual([]);
  });

  test('waits where the connection is gone meanwhile', () => {
    const page = twoLines().server(error('rate_limited', 500)).drop();
    page.act({ kind: 'resend', line: 1 });
    expect(lines(page).at(-1)).toEqual(['two', 'pending']);
  });

  test('stays refused over a connection that comes back', () => {
    const page = twoLines().server(error('rate_limited', 500)).drop().resumed({ room: ROOM_A });
    expect(page.sent).toEqual([]);
    expect(lines(page).at(-1)).toEqual(['two', 'refused']);
  });

  test('is in no report', () => {
    const page = twoLines().server(error('rate_limited', 500));
    page.act({ kind: 'report', reason: 'spam', details: '', lines: [0, 1], picture: false });
    expect(page.sent[0]).toMatchObject({ transcript: [{ from: 'me', text: 'one' }] });
  });
});

describe('a ban', () => {
  const ban = { ...error('banned'), reason: 'spam', until: 5, appeal: 'write' };
  const over = { kind: 'down', verdict: { kind: 'final', why: 'banned' } } as const;

  test('closes the page, gives the devices back and says why', () => {
    const page = Script.inCall(VIDEO).server(ban);
    expect(page.state.screen).toEqual({
      kind: 'closed',
      why: 'banned',
      kept: null,
      ban: { reason: 'spam', until: 5, appeal: 'write' },
    });
    expect(page.kinds).toEqual(expect.arrayContaining(['stopPeer', 'releaseMedia']));
    expect(page.state.notice).toBeNull();
  });

  test('is still said when the connection ends', () => {
    const page = new Script().welcome().server(ban);
    page.play({ kind: 'connection', event: over });
    expect(page.state.screen).toMatchObject({ ban: { reason: 'spam' } });
  });

  test('of which nothing was said is one all the same', () => {
    const page = Script.inCall().play({ kind: 'connection', event: over });
    expect(page.state.screen).toEqual({ kind: 'closed', why: 'banned', kept: null, ban: null });
  });

  test('ends every timer that would say something', () => {
    const page = Script.inCall().act({ kind: 'next' }).server(error('rate_limited', 900));
    page.server(ban);
    for (const id of ['again', 'file', 'move']) {
      expect(page.effects).toContainEqual({ kind: 'clearTimer', id });
    }
  });

  test('is left by hand, with a new session', () => {
    const page = Script.inCall().server(ban).act({ kind: 'reopen' });
    expect(page.effects).toContainEqual({ kind: 'connect', keep: 'nothing' });
    expect(page.screen).toBe('landing');
  });
});
