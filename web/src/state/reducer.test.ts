import { describe, expect, test } from 'vitest';
import { MAX_CHAT_CHARS } from '../protocol';
import { fakeStream } from '../test/fakes';
import { ROOM_A, ROOM_B, Script, TEXT, VIDEO } from '../test/script';
import { SKIP_MS } from './call';
import { MAX_LINES } from './model';

describe('starting', () => {
  test('text waits at once and asks for no camera', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT });
    expect(page.screen).toBe('waiting');
    expect(page.sent).toEqual([{ type: 'join', mode: 'text', interests: ['music'] }]);
    expect(page.kinds).not.toContain('askMedia');
    expect(page.kinds).not.toContain('preparePeer');
  });

  test('video asks for the camera, then waits with a connection ready', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: VIDEO });
    expect(page.screen).toBe('permission');
    expect(page.effects).toEqual([{ kind: 'askMedia', camera: true }]);
    page.play({ kind: 'media', event: { kind: 'ready', stream: fakeStream('audio', 'video') } });
    expect(page.screen).toBe('waiting');
    expect(page.kinds).toContain('preparePeer');
    expect(page.state.media.camera).toEqual({ present: true, on: true });
  });

  test('languages are sent only where they were chosen', () => {
    const wish = { ...TEXT, languages: ['de'] };
    expect(new Script().welcome().act({ kind: 'start', wish }).sent[0]).toMatchObject({
      languages: ['de'],
    });
    expect(Script.inCall().act({ kind: 'next' }).sent[0]).not.toHaveProperty('languages');
  });

  test('without a server the join waits for its welcome', () => {
    const page = new Script().act({ kind: 'start', wish: TEXT });
    expect(page.screen).toBe('waiting');
    expect(page.sent).toEqual([]);
    expect(page.welcome().sent).toMatchObject([{ type: 'join' }]);
  });
});

describe('a refused camera', () => {
  const refused = () =>
    new Script()
      .welcome()
      .act({ kind: 'start', wish: VIDEO })
      .play({ kind: 'media', event: { kind: 'failed', problem: 'refused' } });

  test('is shown with its reason', () => {
    expect(refused().state.screen).toEqual({ kind: 'permission', problem: 'refused' });
  });

  test('can be asked for again', () => {
    expect(refused().act({ kind: 'retryCamera' }).effects).toEqual([
      { kind: 'askMedia', camera: true },
    ]);
  });

  test('can be done without', () => {
    const page = refused().act({ kind: 'goWithoutCamera' });
    expect(page.effects).toEqual([{ kind: 'askMedia', camera: false }]);
    page.play({ kind: 'media', event: { kind: 'ready', stream: null } });
    expect(page.sent).toMatchObject([{ type: 'join', mode: 'video' }]);
  });

  test('can give way to text', () => {
    const page = refused().act({ kind: 'goText' });
    expect(page.sent).toMatchObject([{ type: 'join', mode: 'text' }]);
    expect(page.kinds).toContain('releaseMedia');
  });

  test('that is given too late is given back', () => {
    const page = refused().act({ kind: 'stop' });
    page.play({ kind: 'media', event: { kind: 'ready', stream: fakeStream('video') } });
    expect(page.screen).toBe('landing');
    expect(page.kinds).toEqual(['releaseMedia']);
  });
});

describe('waiting, matched, left', () => {
  test('a match in video starts the link with the terms of the room', () => {
    const page = Script.inCall(VIDEO);
    expect(page.screen).toBe('call');
    expect(page.effects).toContainEqual({
      kind: 'startPeer',
      terms: { room: ROOM_A, role: 'offerer', iceServers: [], relayOnly: false },
      begins: 'offer',
    });
  });

  test('a match in text opens no link', () => {
    expect(Script.inCall(TEXT).kinds).not.toContain('startPeer');
  });

  test('the partner who leaves ends the link and keeps the lines', () => {
    const page = Script.inCall(VIDEO);
    page.server({ type: 'chat', seq: 2, room: ROOM_A, text: 'hi' });
    page.server({ type: 'peerLeft', seq: 3, room: ROOM_A, reason: 'next' });
    expect(page.state.screen).toMatchObject({ kind: 'left', why: 'next', past: { room: ROOM_A } });
    expect(page.state.screen).toMatchObject({ past: { lines: [{ from: 'peer', text: 'hi' }] } });
    expect(page.kinds).toContain('stopPeer');
    expect(page.sent).toEqual([]);
  });

  test('finding another is a new join', () => {
    const page = Script.inCall(VIDEO);
    page.server({ type: 'peerLeft', seq: 2, room: ROOM_A, reason: 'left' });
    page.act({ kind: 'findAnother' });
    expect(page.screen).toBe('waiting');
    expect(page.sent).toMatchObject([{ type: 'join', mode: 'video' }]);
    expect(page.kinds.indexOf('stopPeer')).toBeLessThan(page.kinds.indexOf('preparePeer'));
  });

  test('next names the room that it leaves', () => {
    const page = Script.inCall(VIDEO).act({ kind: 'next' });
    expect(page.screen).toBe('waiting');
    expect(page.sent).toEqual([{ type: 'next', room: ROOM_A }]);
    expect(page.act({ kind: 'next' }).effects).toEqual([]);
  });

  test('stop leaves and gives the camera back', () => {
    const page = Script.inCall(VIDEO).act({ kind: 'stop' });
    expect(page.screen).toBe('landing');
    expect(page.sent).toEqual([{ type: 'leave' }]);
    expect(page.kinds).toEqual(expect.arrayContaining(['stopPeer', 'releaseMedia']));
    expect(page.state.media.stream).toBeNull();
  });
});

describe('nothing of an old room', () => {
  test.each([
    { type: 'createOffer', seq: 9, room: ROOM_B, sdp: 'x' },
    { type: 'createAnswer', seq: 9, room: ROOM_B, sdp: 'x' },
    { type: 'addIceCandidate', seq: 9, room: ROOM_B, candidate: null },
    { type: 'chat', seq: 9, room: ROOM_B, text: 'x' },
    { type: 'typing', seq: 9, room: ROOM_B, active: true },
    { type: 'peerAway', seq: 9, room: ROOM_B },
    { type: 'peerBack', seq: 9, room: ROOM_B },
    { type: 'peerLeft', seq: 9, room: ROOM_B, reason: 'left' },
    { type: 'reported', seq: 9, room: ROOM_B },
  ] as const)('touches the new one: $type', (message) => {
    const page = Script.inCall(VIDEO);
    const before = page.state;
    page.server(message);
    expect(page.state).toBe(before);
    expect(page.effects).toEqual([]);
  });

  test('comes from an old link', () => {
    const page = Script.inCall(VIDEO);
    const before = page.state;
    page.play({ kind: 'peer', event: { room: ROOM_B, kind: 'state', state: 'failed' } });
    page.play({
      kind: 'peer',
      event: {
        room: ROOM_B,
        kind: 'signal',
        signal: { type: 'createAnswer', room: ROOM_B, sdp: 'x' },
      },
    });
    expect(page.state).toBe(before);
    expect(page.effects).toEqual([]);
  });

  test('ends the wait: a peerLeft that crossed next', () => {
    const page = Script.inCall().act({ kind: 'next' });
    page.server({ type: 'peerLeft', seq: 4, room: ROOM_A, reason: 'left' });
    expect(page.screen).toBe('waiting');
  });

  test('stays on the screen: what the first call held is gone in the second', () => {
    const page = Script.inCall();
    page.server({ type: 'chat', seq: 2, room: ROOM_A, text: 'old' }).act({ kind: 'escape' });
    page.act({ kind: 'next' }).matched(ROOM_B);
    expect(page.call).toMatchObject({ room: ROOM_B, lines: [], confirmSkip: false });
  });

  test('is entered: a match made before the server knew of a leave', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT });
    page.act({ kind: 'stop' }).act({ kind: 'start', wish: TEXT });
    page.matched(ROOM_A);
    expect(page.screen).toBe('waiting');
    page.server({ type: 'idle', seq: 3 }).matched(ROOM_B);
    expect(page.call.room).toBe(ROOM_B);
  });
});

describe('Esc', () => {
  test('once asks, twice skips', () => {
    const page = Script.inCall().act({ kind: 'escape' });
    expect(page.call.confirmSkip).toBe(true);
    expect(page.effects).toEqual([{ kind: 'setTimer', id: 'skip', ms: SKIP_MS }]);
    page.act({ kind: 'escape' });
    expect(page.screen).toBe('waiting');
    expect(page.sent).toEqual([{ type: 'next', room: ROOM_A }]);
  });

  test('counts anew after a pause', () => {
    const page = Script.inCall().act({ kind: 'escape' }).play({ kind: 'timer', id: 'skip' });
    expect(page.call.confirmSkip).toBe(false);
    expect(page.act({ kind: 'escape' }).screen).toBe('call');
  });

  test('does nothing outside a call', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT });
    expect(page.act({ kind: 'escape' }).effects).toEqual([]);
  });
});

describe('chat', () => {
  test('adds the line and sends it', () => {
    const page = Script.inCall().act({ kind: 'chat', text: 'hello' });
    expect(page.call.lines).toMatchObject([{ from: 'me', text: 'hello' }]);
    expect(page.sent).toEqual([{ type: 'chat', room: ROOM_A, text: 'hello' }]);
  });

  test.each(['', ' \n', '😀'.repeat(MAX_CHAT_CHARS + 1)])('refuses %#', (text) => {
    const page = Script.inCall().act({ kind: 'chat', text });
    expect(page.call.lines).toEqual([]);
    expect(page.effects).toEqual([]);
  });

  test('takes 2000 code points', () => {
    const page = Script.inCall().act({ kind: 'chat', text: '😀'.repeat(MAX_CHAT_CHARS) });
    expect(page.sent).toHaveLength(1);
  });

  test('keeps a bounded number of lines, each with an id of its own', () => {
    const page = Script.inCall();
    for (let line = 0; line < MAX_LINES + 5; line += 1) {
      page.server({ type: 'chat', seq: line + 2, room: ROOM_A, text: `${line}` });
    }
    expect(page.call.lines).toHaveLength(MAX_LINES);
    expect(page.call.lines[0]).toEqual({ id: 5, from: 'peer', text: '5' });
  });

  test('says once that one types, and once that one stopped', () => {
    const page = Script.inCall().act({ kind: 'draft', empty: false });
    expect(page.sent).toEqual([{ type: 'typing', room: ROOM_A, active: true }]);
    expect(page.act({ kind: 'draft', empty: false }).sent).toEqual([]);
    page.play({ kind: 'timer', id: 'typing' });
    expect(page.sent).toEqual([{ type: 'typing', room: ROOM_A, active: false }]);
    expect(page.play({ kind: 'timer', id: 'typing' }).sent).toEqual([]);
  });

  test('a line ends the typing of whoever said it', () => {
    const page = Script.inCall().server({ type: 'typing', seq: 2, room: ROOM_A, active: true });
    expect(page.call.partnerTyping).toBe(true);
    page.server({ type: 'chat', seq: 3, room: ROOM_A, text: 'hi' });
    expect(page.call.partnerTyping).toBe(false);
    page.act({ kind: 'draft', empty: false }).act({ kind: 'chat', text: 'hello' });
    expect(page.sent.at(-1)).toEqual({ type: 'typing', room: ROOM_A, active: false });
  });
});

test('muting is kept across calls of the same stream', () => {
  const page = Script.inCall(VIDEO).act({ kind: 'toggle', track: 'audio' });
  expect(page.effects).toEqual([{ kind: 'setTrack', track: 'audio', on: false }]);
  page.act({ kind: 'next' }).matched(ROOM_B, VIDEO);
  expect(page.state.media.microphone.on).toBe(false);
});
