import { describe, expect, test } from 'vitest';
import { ROOM_A, Script, TEXT, VIDEO } from '../test/script';

describe('a lost connection to the server', () => {
  test('leaves the call as it is', () => {
    const page = Script.inCall(VIDEO).drop();
    expect(page.screen).toBe('call');
    expect(page.state.link).toEqual({ kind: 'down', lapsed: false });
    expect(page.kinds).not.toContain('stopPeer');
  });

  test('that lasts for longer than the grace is known to, whatever fails then', () => {
    const page = Script.inCall(VIDEO).drop();
    page.play({ kind: 'connection', event: { kind: 'lapsed' } }).drop();
    expect(page.state.link).toEqual({ kind: 'down', lapsed: true });
    expect(page.screen).toBe('call');
    expect(page.welcome({ resumed: true, room: ROOM_A }).state.link).toEqual({ kind: 'up' });
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
