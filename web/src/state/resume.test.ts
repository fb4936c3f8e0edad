import { describe, expect, test } from 'vitest';
import type { ServerMessage } from '../protocol';
import { fakeStream } from '../test/fakes';
import { matchedIn, ROOM_A, ROOM_B, Script, TEXT, VIDEO } from '../test/script';
import { MAX_PENDING } from './model';

const TERMS = { role: 'offerer', iceServers: [], relayOnly: false } as const;
const left = (room: string, seq = 8): ServerMessage => ({
  type: 'peerLeft',
  seq,
  room,
  reason: 'next',
});

/** In a video call in room A, with camera and microphone. */
function filmed(): Script {
  const stream = fakeStream('audio', 'video');
  return new Script()
    .welcome()
    .act({ kind: 'start', wish: VIDEO })
    .play({ kind: 'media', event: { kind: 'ready', stream } })
    .matched(ROOM_A, VIDEO);
}

function cameraBack(page: Script): Script {
  const stream = fakeStream('audio', 'video');
  return page.play({ kind: 'media', event: { kind: 'ready', stream } });
}

describe('a resume in the room', () => {
  test('goes on: the link was held meanwhile and nothing begins anew', () => {
    const page = filmed().drop();
    expect(page.kinds).toContain('holdPeer');
    page.resumed({ room: ROOM_A });
    expect(page.kinds).toEqual(['resumePeer']);
    page.server({ type: 'chat', seq: 8, room: ROOM_A, text: 'missed you' }).replayed();
    expect(page.effects).toEqual([]);
    expect(page.call).toMatchObject({ room: ROOM_A, lines: [{ text: 'missed you' }] });
  });

  test('says what waited, once and in order', () => {
    const page = Script.inCall().drop();
    page.act({ kind: 'chat', text: 'one' }).act({ kind: 'chat', text: 'two' });
    expect(page.sent).toEqual([]);
    expect(page.call.lines.map(({ unsent }) => unsent)).toEqual(['pending', 'pending']);
    page.resumed({ room: ROOM_A, mode: 'text' });
    expect(page.sent).toEqual([
      { type: 'chat', room: ROOM_A, text: 'one' },
      { type: 'chat', room: ROOM_A, text: 'two' },
    ]);
    expect(page.call.lines.map(({ unsent }) => unsent)).toEqual([undefined, undefined]);
    expect(page.drop().resumed({ room: ROOM_A, mode: 'text' }).sent).toEqual([]);
  });

  test('takes a bounded number of lines for later', () => {
    const page = Script.inCall().drop();
    for (let line = 0; line < MAX_PENDING + 3; line += 1) page.act({ kind: 'chat', text: 'x' });
    expect(page.call.lines).toHaveLength(MAX_PENDING);
  });

  test('tells the link when the partner is back', () => {
    const page = filmed().server({ type: 'peerAway', seq: 2, room: ROOM_A });
    expect(page.call.partnerAway).toBe(true);
    page.server({ type: 'peerBack', seq: 3, room: ROOM_A });
    expect(page.call.partnerAway).toBe(false);
    expect(page.kinds).toEqual(['repeatPeer']);
  });
});

describe('a room that ended meanwhile', () => {
  test('is told of by what was missed', () => {
    const page = filmed().drop().act({ kind: 'chat', text: 'unheard' }).resumed();
    expect(page.screen).toBe('call');
    page.server({ type: 'chat', seq: 7, room: ROOM_A, text: 'bye' }).server(left(ROOM_A));
    page.replayed();
    expect(page.state.screen).toMatchObject({
      kind: 'left',
      why: 'next',
      past: { lines: [{ text: 'unheard', unsent: 'failed' }, { text: 'bye' }] },
    });
    expect(page.sent).toEqual([]);
  });

  test('is over as well where nothing tells of it', () => {
    const page = filmed().drop().resumed().replayed();
    expect(page.state.screen).toMatchObject({ kind: 'left', why: 'disconnected' });
    expect(page.kinds).toContain('stopPeer');
    expect(page.sent).toEqual([]);
  });

  test('with the session fails what waited', () => {
    const page = Script.inCall().drop().act({ kind: 'chat', text: 'lost' }).welcome();
    expect(page.state.screen).toMatchObject({
      kind: 'left',
      why: 'server_lost',
      past: { lines: [{ unsent: 'failed' }] },
    });
  });

  test('and was never seen is shown as over', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT }).drop().resumed();
    page.matched(ROOM_A).server(left(ROOM_A)).replayed();
    expect(page.state.screen).toMatchObject({ kind: 'left', past: { room: ROOM_A } });
    expect(page.sent).toEqual([]);
  });
});

describe('a room that the page never saw', () => {
  const waiting = () => new Script().welcome().act({ kind: 'start', wish: TEXT }).drop();

  test('is entered once, by its own message', () => {
    const page = waiting().resumed({ room: ROOM_A, mode: 'text' });
    expect(page.screen).toBe('waiting');
    page.server({ type: 'waiting', seq: 1 }).matched(ROOM_A).replayed();
    expect(page.call.room).toBe(ROOM_A);
    expect(page.sent).toEqual([]);
  });

  test('is entered by the welcome where its message may be lost, and only once', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: VIDEO });
    cameraBack(page).drop().resumed({ room: ROOM_A, missed: true });
    expect(page.effects).toEqual([
      { kind: 'startPeer', terms: { ...TERMS, room: ROOM_A }, begins: 'fresh' },
    ]);
    page.server(matchedIn(ROOM_A, VIDEO)).replayed();
    expect(page.effects).toEqual([]);
    expect(page.call.room).toBe(ROOM_A);
  });

  test('replaces the one that the page still showed', () => {
    const page = filmed().drop().resumed({ room: ROOM_B }).matched(ROOM_B, VIDEO).replayed();
    expect(page.call.room).toBe(ROOM_B);
  });
});

describe('what was said into a dead connection is said again', () => {
  test('a join', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT }).drop().resumed();
    expect(page.sent).toEqual([]);
    expect(page.replayed().sent).toMatchObject([{ type: 'join', mode: 'text' }]);
  });

  test('but not a join that arrived', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT }).drop();
    page.resumed({ waiting: true }).server({ type: 'waiting', seq: 9 }).replayed();
    expect(page.sent).toEqual([]);
    expect(page.screen).toBe('waiting');
  });

  test('a join of another wish while waiting', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT }).drop();
    page.act({ kind: 'stop' }).act({ kind: 'start', wish: { ...TEXT, interests: ['chess'] } });
    page.resumed({ waiting: true }).replayed();
    expect(page.sent).toMatchObject([{ type: 'join', interests: ['chess'] }]);
  });

  test.each([false, true])('a next (missed: %s)', (missed) => {
    const page = filmed().act({ kind: 'next' }).drop().resumed({ room: ROOM_A, missed });
    expect(page.screen).toBe('waiting');
    expect(page.replayed().sent).toMatchObject([{ type: 'join', mode: 'video' }]);
  });

  test.each([{ room: ROOM_A }, { waiting: true }])('a leave: $room $waiting', (place) => {
    const page = filmed().drop().act({ kind: 'stop' }).resumed(place).replayed();
    expect(page.screen).toBe('landing');
    expect(page.sent).toEqual([{ type: 'leave' }]);
    page.act({ kind: 'start', wish: TEXT }).matched(ROOM_A);
    expect(page.screen).toBe('waiting');
    page.server({ type: 'idle', seq: 12 }).matched(ROOM_B);
    expect(page.call.room).toBe(ROOM_B);
  });

  test('a leave that arrived is not: its idle was missed or is sent again', () => {
    const page = filmed().act({ kind: 'stop' }).drop().resumed();
    page.server({ type: 'idle', seq: 9 }).replayed();
    expect(page.sent).toEqual([]);
    page.act({ kind: 'start', wish: TEXT }).matched(ROOM_B);
    expect(page.call.room).toBe(ROOM_B);
  });

  test('and what the person does meanwhile counts', () => {
    const page = filmed().drop().resumed({ room: ROOM_A }).act({ kind: 'next' });
    expect(page.sent).toEqual([{ type: 'next', room: ROOM_A }]);
    expect(page.replayed().sent).toEqual([]);
  });
});

describe('a loss', () => {
  test('in the room begins the link anew and keeps the chat', () => {
    const page = filmed().server({ type: 'chat', seq: 2, room: ROOM_A, text: 'hi' }).drop();
    page.act({ kind: 'chat', text: 'later' }).resumed({ room: ROOM_A, missed: true });
    expect(page.effects).toContainEqual({
      kind: 'startPeer',
      terms: { ...TERMS, room: ROOM_A },
      begins: 'fresh',
    });
    expect(page.sent).toEqual([{ type: 'chat', room: ROOM_A, text: 'later' }]);
    expect(page.call.lines.map(({ text }) => text)).toEqual(['hi', 'later']);
    expect(page.state.notice?.code).toBe('missed');
    expect(page.kinds).not.toContain('askMedia');
  });

  test('of a whole room goes on in the new one', () => {
    const page = filmed().drop().resumed({ room: ROOM_B, missed: true }).replayed();
    expect(page.call).toMatchObject({ room: ROOM_B, lines: [] });
  });
});

describe('a reload', () => {
  test('asks the server first, and shows no landing meanwhile', () => {
    const page = filmed().reload();
    expect(page.screen).toBe('restoring');
    expect(page.state.token).toBe('token');
  });

  test('in a video call asks for the camera, then begins the link anew', () => {
    const before = filmed().act({ kind: 'chat', text: 'hello' });
    const page = before.reload().resumed({ room: ROOM_A, role: 'answerer', interests: ['x'] });
    expect(page.effects).toEqual([{ kind: 'askMedia', camera: true }]);
    expect(page.call).toMatchObject({ room: ROOM_A, role: 'answerer', shared: ['x'] });
    expect(page.call.lines).toMatchObject([{ from: 'me', text: 'hello' }]);
    cameraBack(page);
    expect(page.effects).toEqual([
      { kind: 'startPeer', terms: { ...TERMS, room: ROOM_A, role: 'answerer' }, begins: 'fresh' },
    ]);
    expect(page.state.media.camera).toEqual({ present: true, on: true });
  });

  test('keeps muted what was muted', () => {
    const before = filmed().act({ kind: 'toggle', track: 'video' });
    const page = cameraBack(before.reload().resumed({ room: ROOM_A }));
    expect(page.effects[0]).toEqual({ kind: 'setTrack', track: 'video', on: false });
    expect(page.state.media.camera).toEqual({ present: true, on: false });
  });

  test('goes on without a camera that is gone', () => {
    const page = filmed().reload().resumed({ room: ROOM_A });
    page.play({ kind: 'media', event: { kind: 'failed', problem: 'busy' } });
    expect(page.effects).toEqual([{ kind: 'askMedia', camera: false }]);
    page.play({ kind: 'media', event: { kind: 'ready', stream: null } });
    expect(page.kinds).toEqual(['startPeer']);
  });

  test('asks for no camera where none was in use', () => {
    const page = Script.inCall(VIDEO).reload().resumed({ room: ROOM_A });
    expect(page.kinds).toEqual(['startPeer']);
  });

  test('in a text chat goes on with the chat only', () => {
    const page = Script.inCall().drop().act({ kind: 'chat', text: 'later' }).reload();
    page.resumed({ room: ROOM_A, mode: 'text', interests: ['music'] });
    expect(page.kinds).toEqual(['send', 'setTimer']);
    expect(page.sent).toEqual([{ type: 'chat', room: ROOM_A, text: 'later' }]);
    expect(page.call.shared).toEqual(['music']);
  });

  test('while waiting waits on, with the camera', () => {
    const before = new Script().welcome().act({ kind: 'start', wish: VIDEO });
    const page = cameraBack(before).reload().resumed({ waiting: true }).replayed();
    expect(page.screen).toBe('waiting');
    expect(page.sent).toEqual([]);
    expect(cameraBack(page).kinds).toEqual(['preparePeer']);
  });

  test('is matched while the camera is not there yet: the link waits for it', () => {
    const before = new Script().welcome().act({ kind: 'start', wish: VIDEO });
    const page = cameraBack(before).reload();
    page.resumed({ waiting: true }).server({ type: 'waiting', seq: 9 });
    page.server(matchedIn(ROOM_B, VIDEO));
    expect(page.kinds).not.toContain('startPeer');
    const offer = { type: 'createOffer', seq: 11, room: ROOM_B, sdp: 'theirs' } as const;
    page.server(offer);
    expect(page.effects).toEqual([]);
    cameraBack(page);
    expect(page.effects).toEqual([
      { kind: 'startPeer', terms: { ...TERMS, room: ROOM_B }, begins: 'offer' },
      { kind: 'signalPeer', signal: offer },
    ]);
  });

  test('into nothing is back at the start, with words where there was a chat', () => {
    const gone = filmed().reload().resumed();
    expect([gone.screen, gone.state.notice?.code]).toEqual(['landing', 'chat_over']);
    const fresh = filmed().reload().welcome();
    expect([fresh.screen, fresh.state.notice?.code]).toEqual(['landing', 'chat_over']);
    const waited = new Script().welcome().act({ kind: 'start', wish: TEXT }).reload().welcome();
    expect([waited.screen, waited.state.notice]).toEqual(['landing', null]);
    expect(waited.state.wish).toEqual(TEXT);
  });

  test('that is stopped leaves the room once the server is there', () => {
    const page = filmed().reload().act({ kind: 'stop' });
    expect(page.screen).toBe('landing');
    expect(page.resumed({ room: ROOM_A }).replayed().sent).toEqual([{ type: 'leave' }]);
  });

  test('at the start comes back to the start', () => {
    expect(new Script().welcome().reload().screen).toBe('landing');
    expect(filmed().act({ kind: 'stop' }).reload().screen).toBe('landing');
  });
});

describe('signals after a reload', () => {
  const offer = (seq: number, fresh?: true) =>
    ({
      type: 'createOffer',
      seq,
      room: ROOM_A,
      sdp: 'theirs',
      ...(fresh ? { fresh } : {}),
    }) as const;
  const answer = (seq: number) =>
    ({ type: 'createAnswer', seq, room: ROOM_A, sdp: 'theirs' }) as const;

  test('to the link of before it are dropped, by their number', () => {
    const page = cameraBack(filmed().reload().resumed({ room: ROOM_A, lastSeq: 9 }));
    expect(page.server(answer(9)).effects).toEqual([]);
    expect(page.server(answer(10)).kinds).toEqual(['signalPeer']);
  });

  test('count again from a fresh offer on', () => {
    const page = cameraBack(filmed().reload().resumed({ room: ROOM_A, lastSeq: 9 }));
    expect(page.server(offer(7)).effects).toEqual([]);
    expect(page.server(offer(8, true)).kinds).toEqual(['signalPeer']);
    const candidate = { type: 'addIceCandidate', seq: 9, room: ROOM_A, candidate: null } as const;
    expect(page.server(candidate).kinds).toEqual(['signalPeer']);
  });

  test('answer a fresh offer that came before the camera, with no offer of one’s own', () => {
    const page = filmed().reload().resumed({ room: ROOM_A, lastSeq: 9 });
    page.server(answer(10)).server(offer(11, true));
    const candidate = { type: 'addIceCandidate', seq: 12, room: ROOM_A, candidate: null } as const;
    page.server(candidate);
    expect(page.effects).toEqual([]);
    cameraBack(page);
    expect(page.effects).toEqual([
      { kind: 'startPeer', terms: { ...TERMS, room: ROOM_A }, begins: 'wait' },
      { kind: 'signalPeer', signal: offer(11, true) },
      { kind: 'signalPeer', signal: candidate },
    ]);
  });
});

describe('another tab', () => {
  const verdict = { kind: 'final', why: 'elsewhere' } as const;
  const taken = () =>
    filmed()
      .act({ kind: 'chat', text: 'hello' })
      .play({ kind: 'connection', event: { kind: 'down', verdict } });

  test('that takes over closes this one, camera and all', () => {
    const page = taken();
    expect(page.state.screen).toMatchObject({ kind: 'closed', why: 'elsewhere' });
    expect(page.kinds).toEqual(expect.arrayContaining(['stopPeer', 'releaseMedia']));
    expect(page.kinds).not.toContain('connect');
  });

  test('gives it back on demand, as after a reload', () => {
    const page = taken().act({ kind: 'reopen' });
    expect(page.effects).toContainEqual({ kind: 'connect', keep: 'session' });
    expect(page.screen).toBe('restoring');
    page.resumed({ room: ROOM_A, missed: true });
    expect(page.kinds).toEqual(['askMedia']);
    expect(page.call.lines).toMatchObject([{ text: 'hello' }]);
  });

  test('keeps it when this one is loaded again', () => {
    const page = taken().reload();
    expect(page.state.screen).toMatchObject({ kind: 'closed', why: 'elsewhere' });
    expect(page.act({ kind: 'reopen' }).screen).toBe('restoring');
  });

  test('has nothing to give back where this one had only just come', () => {
    const page = new Script().welcome();
    page.play({ kind: 'connection', event: { kind: 'down', verdict } }).act({ kind: 'reopen' });
    expect(page.screen).toBe('landing');
    expect(page.effects).toContainEqual({ kind: 'connect', keep: 'nothing' });
  });
});
