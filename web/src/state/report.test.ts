import { describe, expect, test } from 'vitest';
import type { Still } from '../peer/still';
import { MAX_TRANSCRIPT_LINES } from '../protocol';
import { ROOM_A, ROOM_B, Script, TEXT, VIDEO } from '../test/script';
import { TOLD_MS } from './filing';
import { MAX_FILINGS } from './model';

const still = {} as Still;
const spam = { kind: 'report', reason: 'spam', details: '', lines: [], picture: true } as const;
const reported = { type: 'reported', seq: 3, room: ROOM_A } as const;
const blocked = { type: 'blocked', seq: 3, room: ROOM_A } as const;
const peerLeft = { type: 'peerLeft', seq: 2, room: ROOM_A, reason: 'left' } as const;
const buy = { type: 'chat', seq: 2, room: ROOM_A, text: 'buy' } as const;
const error = (code: string, retryAfterMs?: number) =>
  ({ type: 'error', code, message: 'm', ...(retryAfterMs ? { retryAfterMs } : {}) }) as const;
const inSheet = (wish = VIDEO) => Script.inCall(wish).act({ kind: 'openReport', still });

describe('a report', () => {
  test('is sent, then the next person is asked for', () => {
    const page = inSheet().act(spam);
    expect(page.sent).toEqual([
      { type: 'report', room: ROOM_A, reason: 'spam' },
      { type: 'next', room: ROOM_A },
    ]);
    expect(page.screen).toBe('waiting');
    expect(page.state.told).toEqual({ kind: 'report', outcome: 'sending' });
  });

  test('is said to be taken when it was, for a while', () => {
    const page = inSheet().act(spam).server(reported);
    expect(page.state.told).toEqual({ kind: 'report', outcome: 'taken' });
    expect(page.effects).toContainEqual({ kind: 'setTimer', id: 'told', ms: TOLD_MS });
    expect(page.play({ kind: 'timer', id: 'told' }).state.told).toBeNull();
  });

  test('bears what was chosen', () => {
    const page = inSheet(TEXT)
      .server(buy)
      .server({ ...buy, seq: 3, text: 'sell' });
    page.act({ ...spam, details: ' ads ', lines: [1] });
    expect(page.sent[0]).toEqual({
      type: 'report',
      room: ROOM_A,
      reason: 'spam',
      details: 'ads',
      transcript: [{ from: 'peer', text: 'sell' }],
    });
  });

  test('attaches no line that was not chosen', () => {
    expect(inSheet().server(buy).act(spam).sent[0]).not.toHaveProperty('transcript');
  });

  test('fits into a message however long the lines are', () => {
    const page = inSheet(TEXT);
    for (let line = 0; line < 60; line += 1) {
      page.server({ ...buy, seq: line + 2, text: '😀'.repeat(2000) });
    }
    const lines = page.call.lines.map(({ id }) => id);
    page.act({ ...spam, details: '😀'.repeat(3000), lines });
    const frame = JSON.stringify(page.sent[0]);
    expect(new TextEncoder().encode(frame).length).toBeLessThanOrEqual(65_536);
    expect(page.sent[0]).toHaveProperty('transcript.length', 6);
  });

  test('has room for the last lines only', () => {
    const page = inSheet(TEXT);
    for (let line = 0; line < 60; line += 1) page.server({ ...buy, seq: line + 2 });
    page.act({ ...spam, lines: page.call.lines.map(({ id }) => id) });
    expect(page.sent[0]).toHaveProperty('transcript.length', MAX_TRANSCRIPT_LINES);
  });

  test('begun in a call can be ended when the partner is gone, and asks for nobody', () => {
    const page = inSheet().server(peerLeft);
    expect(page.state.screen).toMatchObject({ kind: 'left', past: { sheet: { still } } });
    page.act(spam);
    expect(page.sent).toEqual([{ type: 'report', room: ROOM_A, reason: 'spam' }]);
    expect(page.state.screen).toMatchObject({
      kind: 'left',
      past: { report: 'sent', sheet: null },
    });
    expect(page.server(reported).kinds).toContain('sendPicture');
    expect(page.state.screen).toMatchObject({ past: { report: 'taken' } });
    expect(page.act({ kind: 'openReport', still }).act(spam).sent).toEqual([]);
  });

  test('is given up by closing the sheet', () => {
    const page = inSheet().act({ kind: 'closeReport' });
    expect(page.call.sheet).toBeNull();
    expect(page.sent).toEqual([]);
  });

  test('of a session that is gone can’t be made', () => {
    const page = inSheet().server(peerLeft).welcome();
    expect(page.state.screen).toMatchObject({ kind: 'left', why: 'left', past: { sheet: null } });
    expect(page.act(spam).sent).toEqual([]);
    expect(inSheet().welcome().act(spam).sent).toEqual([]);
  });

  test.each([
    ['room', () => inSheet().act({ kind: 'next' }).matched(ROOM_B, VIDEO)],
    ['missed end', () => inSheet().matched(ROOM_B, VIDEO)],
  ])('does not outlive its %s', (_name, script) => {
    expect(script().call).toMatchObject({ room: ROOM_B, sheet: null, report: 'none' });
  });
});

describe('its picture', () => {
  test('goes once the report is taken', () => {
    const page = inSheet().act(spam);
    expect(page.kinds).not.toContain('sendPicture');
    page.server(reported);
    expect(page.effects).toContainEqual({ kind: 'sendPicture', room: ROOM_A, still });
    expect(page.server(reported).kinds).not.toContain('sendPicture');
  });

  test('stays where the reporter says so', () => {
    const page = inSheet()
      .act({ ...spam, picture: false })
      .server(reported);
    expect(page.kinds).not.toContain('sendPicture');
  });

  test('that is not taken is told, and the report stands', () => {
    const page = inSheet().act(spam).server(reported);
    page.play({ kind: 'picture', event: { room: ROOM_A, problem: 'refused' } });
    expect(page.state.told).toEqual({ kind: 'picture', outcome: 'lost', why: 'refused' });
    expect(page.act({ kind: 'dismissTold' }).state.told).toBeNull();
  });
});

describe('a block', () => {
  test('is sent, then the next person is asked for', () => {
    const page = Script.inCall().act({ kind: 'block' });
    expect(page.sent).toEqual([
      { type: 'block', room: ROOM_A },
      { type: 'next', room: ROOM_A },
    ]);
    expect(page.server(blocked).state.told).toEqual({ kind: 'block', outcome: 'taken' });
  });

  test('of the one who just left asks for nobody', () => {
    const page = Script.inCall().server(peerLeft).act({ kind: 'block' });
    expect(page.sent).toEqual([{ type: 'block', room: ROOM_A }]);
    expect(page.state.screen).toMatchObject({ kind: 'left', past: { blocked: true } });
    expect(page.act({ kind: 'block' }).effects).toEqual([]);
  });

  test('is not confirmed by the answer to a report', () => {
    const page = Script.inCall().act({ kind: 'block' }).server(reported);
    expect(page.state.filings).toHaveLength(1);
  });
});

describe('what is not confirmed yet', () => {
  const reports = (page: Script) => page.sent.filter(({ type }) => type === 'report');

  test('is said again after a connection that broke', () => {
    const page = inSheet().act(spam).drop().resumed({ waiting: true }).replayed();
    expect(reports(page)).toHaveLength(1);
    expect(page.server(reported).kinds).toContain('sendPicture');
    page.drop().resumed({ waiting: true }).replayed();
    expect(reports(page)).toEqual([]);
  });

  test('waits for the connection', () => {
    const page = inSheet().drop().act(spam);
    expect(page.sent).toEqual([]);
    expect(page.state.told).toEqual({ kind: 'report', outcome: 'waiting' });
    page.resumed({ room: ROOM_A }).replayed();
    expect(page.sent.map(({ type }) => type)).toEqual(['report', 'join']);
  });

  test('is lost with its session, and that is said', () => {
    const page = inSheet().act(spam).drop().welcome();
    expect(page.state.told).toEqual({ kind: 'report', outcome: 'lost' });
    expect(page.sent).toMatchObject([{ type: 'join' }]);
  });

  test('is said again after being too quick, once', () => {
    const page = inSheet().act(spam).server(error('rate_limited', 900));
    expect(page.effects).toContainEqual({ kind: 'setTimer', id: 'file', ms: 900 });
    expect(reports(page.play({ kind: 'timer', id: 'file' }))).toHaveLength(1);
    page.server(error('rate_limited', 900));
    expect(page.effects).not.toContainEqual({ kind: 'setTimer', id: 'file', ms: 900 });
    expect(page.state.told).toEqual({ kind: 'report', outcome: 'refused' });
  });

  test.each([
    ['a block', () => Script.inCall().act({ kind: 'block' }), 'block'],
    ['a report', () => inSheet().act(spam), 'report'],
  ] as const)('of %s is not said again when its room is too long over', (_name, script, kind) => {
    const page = script().server(error('rate_limited', 60_000));
    expect(page.effects).not.toContainEqual({ kind: 'setTimer', id: 'file', ms: 60_000 });
    expect(page.state).toMatchObject({ told: { kind, outcome: 'refused' }, filings: [] });
  });

  test('that is refused for good costs nobody their place in the queue', () => {
    const page = inSheet().act(spam).server(error('unavailable'));
    expect(page.screen).toBe('waiting');
    expect(page.sent).toMatchObject([{ type: 'join' }]);
    expect(page.state).toMatchObject({ told: { outcome: 'lost' }, filings: [], notice: null });
    expect(page.server(error('unavailable')).screen).toBe('landing');
  });

  test('that is refused while its room is still shown can be said again', () => {
    const page = Script.inCall().server(peerLeft).act(spam).server(error('not_in_room'));
    expect(page.state.screen).toMatchObject({ kind: 'left', past: { report: 'none' } });
  });

  test('is not what a proof is asked for', () => {
    const page = inSheet().act(spam).server(error('proof_required'));
    expect(page.state.filings).toHaveLength(1);
  });

  test('is a bounded number of things', () => {
    const page = Script.inCall();
    for (let room = 0; room < MAX_FILINGS + 3; room += 1) {
      page.act({ kind: 'block' }).matched(room % 2 === 0 ? ROOM_B : ROOM_A);
    }
    expect(page.state.filings).toHaveLength(MAX_FILINGS);
  });
});
