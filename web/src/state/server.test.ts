import { describe, expect, test } from 'vitest';
import { ROOM_A, ROOM_B, Script, TEXT, VIDEO } from '../test/script';

describe('a lost connection to the server', () => {
  test('leaves the call as it is', () => {
    const page = Script.inCall(VIDEO).drop();
    expect(page.screen).toBe('call');
    expect(page.state.link).toEqual({ kind: 'down' });
    expect(page.kinds).not.toContain('stopPeer');
  });

  test('ends the room once a new session begins', () => {
    const page = Script.inCall(VIDEO).drop().welcome();
    expect(page.state.screen).toMatchObject({ kind: 'left', why: 'server_lost' });
    expect(page.kinds).toContain('stopPeer');
  });

  test('joins again where one waited', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT }).drop().welcome();
    expect(page.screen).toBe('waiting');
    expect(page.sent).toMatchObject([{ type: 'join', mode: 'text' }]);
  });

  test('is final with words after some closes', () => {
    const verdict = { kind: 'final', why: 'policy' } as const;
    const page = Script.inCall(VIDEO);
    page.play({ kind: 'connection', event: { kind: 'down', verdict } });
    expect(page.state.screen).toMatchObject({ kind: 'closed', why: 'policy', kept: null });
    expect(page.kinds).toEqual(expect.arrayContaining(['stopPeer', 'releaseMedia']));
    page.act({ kind: 'reopen' });
    expect(page.screen).toBe('landing');
    expect(page.effects).toContainEqual({ kind: 'connect', keep: 'nothing' });
  });
});

describe('a server that is being replaced', () => {
  const told = (page: Script) => page.server({ type: 'goingAway', retryAfterMs: 700 });

  test('is left after the delay when idle', () => {
    const page = told(new Script().welcome());
    expect(page.effects).toEqual([{ kind: 'setTimer', id: 'move', ms: 700 }]);
    page.play({ kind: 'timer', id: 'move' });
    expect(page.effects).toContainEqual({ kind: 'connect', keep: 'all' });
  });

  test('is left in a call too, which goes on', () => {
    const page = told(Script.inCall(VIDEO)).play({ kind: 'timer', id: 'move' });
    expect(page.screen).toBe('call');
    expect(page.kinds).toEqual(['holdPeer', 'clearTimer', 'clearTimer', 'connect']);
    page.resumed({ room: ROOM_A });
    expect(page.kinds).toEqual(['resumePeer']);
    expect(page.call.room).toBe(ROOM_A);
  });
});

describe('a path that broke', () => {
  const broken = (page: Script) =>
    page.play({ kind: 'peer', event: { room: ROOM_A, kind: 'broken' } });

  test('has the socket opened anew, as it may be dead too, and the call goes on', () => {
    const page = broken(Script.inCall(VIDEO));
    expect(page.kinds).toEqual(['holdPeer', 'clearTimer', 'clearTimer', 'connect']);
    expect(page.effects).toContainEqual({ kind: 'connect', keep: 'all' });
    page.resumed({ room: ROOM_A });
    expect(page.kinds).toEqual(['resumePeer']);
    expect(page.call.room).toBe(ROOM_A);
  });

  test('leaves a socket alone that is being opened already', () => {
    const page = broken(Script.inCall(VIDEO));
    expect(broken(page).effects).toEqual([]);
  });
});

describe('refusals', () => {
  const error = (code: string, retryAfterMs?: number) =>
    ({
      type: 'error',
      code,
      message: 'm',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }) as const;

  test('with a delay while waiting: joins again after it', () => {
    const page = Script.inCall().act({ kind: 'next' }).server(error('rate_limited', 900));
    expect(page.effects).toEqual([{ kind: 'setTimer', id: 'again', ms: 900 }]);
    page.play({ kind: 'timer', id: 'again' });
    expect(page.sent).toMatchObject([{ type: 'join', mode: 'text' }]);
  });

  test('without a delay while waiting: back to the start, with words', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT });
    page.server(error('unavailable'));
    expect(page.screen).toBe('landing');
    expect(page.state.notice).toMatchObject({ code: 'unavailable' });
  });

  test('of a leave: leaves again, and the next match is taken', () => {
    const page = Script.inCall().act({ kind: 'stop' }).server(error('rate_limited', 900));
    expect(page.effects).toEqual([{ kind: 'setTimer', id: 'again', ms: 900 }]);
    page.play({ kind: 'timer', id: 'again' });
    expect(page.sent).toEqual([{ type: 'leave' }]);
    page.server({ type: 'idle', seq: 4 }).act({ kind: 'start', wish: TEXT }).matched(ROOM_B);
    expect(page.call.room).toBe(ROOM_B);
  });

  test('in a call: words only', () => {
    const page = Script.inCall(VIDEO).server(error('rate_limited', 500));
    expect(page.screen).toBe('call');
    expect(page.state.notice).toMatchObject({ code: 'rate_limited', retryAfterMs: 500 });
    expect(page.effects).toEqual([]);
  });

  test('for a ban: closed', () => {
    const page = Script.inCall(VIDEO).server({ ...error('banned'), reason: 'spam', until: 5 });
    expect(page.state.screen).toEqual({ kind: 'closed', why: 'banned', kept: null });
    expect(page.state.notice).toMatchObject({ reason: 'spam', until: 5 });
  });
});

describe('reports', () => {
  const report = { kind: 'report', reason: 'spam', details: ' ads ', attach: true } as const;

  test('in a call are sent with what was chosen and confirmed', () => {
    const page = Script.inCall().server({ type: 'chat', seq: 2, room: ROOM_A, text: 'buy' });
    page.act(report);
    expect(page.sent).toEqual([
      {
        type: 'report',
        room: ROOM_A,
        reason: 'spam',
        details: 'ads',
        transcript: [{ from: 'peer', text: 'buy' }],
      },
    ]);
    expect(page.call.report).toBe('sent');
    expect(page.server({ type: 'reported', seq: 3, room: ROOM_A }).call.report).toBe('taken');
  });

  test('attach nothing unless that was chosen', () => {
    const page = Script.inCall().server({ type: 'chat', seq: 2, room: ROOM_A, text: 'buy' });
    page.act({ ...report, details: '', attach: false });
    expect(page.sent).toEqual([{ type: 'report', room: ROOM_A, reason: 'spam' }]);
  });

  test('reach the partner who just left', () => {
    const page = Script.inCall();
    page.server({ type: 'peerLeft', seq: 2, room: ROOM_A, reason: 'next' }).act(report);
    expect(page.sent).toMatchObject([{ type: 'report', room: ROOM_A }]);
    page.server({ type: 'reported', seq: 3, room: ROOM_A });
    expect(page.state.screen).toMatchObject({ past: { report: 'taken' } });
  });

  test('fit into a message however long the lines are', () => {
    const page = Script.inCall();
    for (let line = 0; line < 60; line += 1) {
      page.server({ type: 'chat', seq: line + 2, room: ROOM_A, text: '😀'.repeat(2000) });
    }
    page.act({ ...report, details: '😀'.repeat(3000) });
    const frame = JSON.stringify(page.sent[0]);
    expect(new TextEncoder().encode(frame).length).toBeLessThanOrEqual(65_536);
    expect(page.sent[0]).toHaveProperty('transcript.length', 6);
  });
});
