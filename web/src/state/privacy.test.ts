import { describe, expect, test } from 'vitest';
import type { Privacy } from '../protocol';
import { fakeStream } from '../test/fakes';
import { HIDDEN, matchedIn, ROOM_A, ROOM_B, Script, TEXT, VIDEO } from '../test/script';

const REFUSED = { type: 'error', code: 'unavailable', message: 'no relay' } as const;

/** Waits for somebody with the address hidden. */
function waiting(): Script {
  const stream = fakeStream('audio', 'video');
  return new Script()
    .welcome({ privacy: 'choice' })
    .act({ kind: 'start', wish: HIDDEN })
    .play({ kind: 'media', event: { kind: 'ready', stream } });
}

const relayed = (page: Script) =>
  page.effects.flatMap((effect) => (effect.kind === 'startPeer' ? [effect.terms.relayOnly] : []));

describe('what the service offers', () => {
  test('is unknown until it is asked, and then kept while it is away', () => {
    const page = new Script();
    expect(page.state.privacy).toBeNull();
    expect(page.welcome({ privacy: 'choice' }).state.privacy).toBe('choice');
    expect(page.drop().state.privacy).toBe('choice');
    expect(page.welcome().state.privacy).toBe('off');
  });

  test('may change with each welcome', () => {
    const offers: Privacy[] = ['always', 'off', 'choice'];
    const page = new Script();
    for (const privacy of offers) expect(page.welcome({ privacy }).state.privacy).toBe(privacy);
  });
});

describe('a join', () => {
  test('asks for hiding where the person did, in video only', () => {
    expect(waiting().sent).toEqual([{ type: 'join', mode: 'video', interests: [], private: true }]);
    const text = { ...TEXT, hideAddress: true };
    const page = new Script().welcome().act({ kind: 'start', wish: text });
    expect(page.sent[0]).not.toHaveProperty('private');
    expect(Script.inCall(VIDEO).drop().welcome().act({ kind: 'findAnother' }).sent[0]).toEqual({
      type: 'join',
      mode: 'video',
      interests: [],
    });
  });

  test('still does so where the service no longer offers it', () => {
    const page = waiting().drop().welcome({ privacy: 'off' });
    expect(page.sent).toMatchObject([{ type: 'join', private: true }]);
  });

  test('that is refused for it says so, and leaves the queue it may have stood in', () => {
    const page = waiting().server(REFUSED);
    expect(page.screen).toBe('landing');
    expect(page.state.notice?.code).toBe('cannot_hide');
    expect(page.sent).toEqual([{ type: 'leave' }]);
    expect(page.state.wish).toEqual(HIDDEN);
  });

  test('can then be made without, by the person’s own word', () => {
    const page = waiting().server(REFUSED).act({ kind: 'startUnhidden' });
    expect(page.effects).toEqual([{ kind: 'askMedia', camera: true }]);
    expect(page.state).toMatchObject({ notice: null, wish: { hideAddress: false } });
    page.play({ kind: 'media', event: { kind: 'ready', stream: null } });
    expect(page.sent).toEqual([{ type: 'join', mode: 'video', interests: [] }]);
  });

  test('that is refused for another reason offers nothing of the kind', () => {
    const later = waiting().server({ ...REFUSED, retryAfterMs: 900 });
    expect([later.screen, later.state.notice?.code]).toEqual(['waiting', 'unavailable']);
    const open = new Script().welcome().act({ kind: 'start', wish: TEXT }).server(REFUSED);
    expect(open.state.notice?.code).toBe('unavailable');
  });
});

describe('a hidden address', () => {
  test('is one where the room says so, whatever was wished', () => {
    const hidden = waiting().server({ ...matchedIn(ROOM_A, VIDEO), private: true });
    expect([hidden.call.hidden, relayed(hidden)]).toEqual([true, [true]]);
    const open = waiting().server({ ...matchedIn(ROOM_A, VIDEO), private: false });
    expect([open.call.hidden, relayed(open)]).toEqual([false, [false]]);
  });

  test('is nothing to speak of in a text chat', () => {
    const page = new Script().welcome().act({ kind: 'start', wish: TEXT });
    expect(page.server({ ...matchedIn(ROOM_A, TEXT), private: true }).call.hidden).toBe(false);
  });

  test.each([{ private: true }, {}])('stays hidden after a loss in its room (%j)', (said) => {
    const page = waiting().matched(ROOM_A, HIDDEN).drop();
    page.resumed({ room: ROOM_A, missed: true, ...said });
    expect([page.call.hidden, relayed(page)]).toEqual([true, [true]]);
  });

  test.each([{ private: true }, {}])('stays hidden after a reload (%j)', (said) => {
    const page = waiting()
      .matched(ROOM_A, HIDDEN)
      .reload()
      .resumed({ room: ROOM_A, ...said });
    expect(page.call.hidden).toBe(true);
    page.play({ kind: 'media', event: { kind: 'ready', stream: fakeStream('video') } });
    expect(relayed(page)).toEqual([true]);
  });

  test('is of one room: in another its own word counts', () => {
    const page = waiting().matched(ROOM_A, HIDDEN).drop();
    page.resumed({ room: ROOM_B, missed: true });
    expect([page.call.hidden, relayed(page)]).toEqual([false, [false]]);
    page.drop().resumed({ room: ROOM_A, missed: true, private: true });
    expect([page.call.hidden, relayed(page)]).toEqual([true, [true]]);
  });
});

test('a resume brings the link the credentials that came with it', () => {
  const ice = { iceServers: [{ urls: 'turn:t', username: 'u', credential: 'c' }], iceTtl: 60 };
  const page = waiting()
    .matched(ROOM_A, HIDDEN)
    .drop()
    .resumed({ room: ROOM_A, ...ice });
  expect(page.effects).toEqual([{ kind: 'resumePeer', ice }]);
});

test('so does a link that waits for the camera', () => {
  const ice = { iceServers: [{ urls: 'turn:t', username: 'u', credential: 'c' }], iceTtl: 60 };
  const page = waiting().matched(ROOM_A, HIDDEN).reload().resumed({ room: ROOM_A }).drop();
  page.resumed({ room: ROOM_A, ...ice });
  page.play({ kind: 'media', event: { kind: 'ready', stream: fakeStream('video') } });
  expect(page.effects).toContainEqual(
    expect.objectContaining({ kind: 'startPeer', terms: expect.objectContaining(ice) }),
  );
});

test('the terms of a room hold how long its credentials last', () => {
  const page = waiting().server({ ...matchedIn(ROOM_A, HIDDEN), iceTtl: 60 });
  expect(page.effects).toContainEqual(
    expect.objectContaining({ kind: 'startPeer', terms: expect.objectContaining({ iceTtl: 60 }) }),
  );
});
