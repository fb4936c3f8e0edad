import { beforeEach, describe, expect, test } from 'vitest';
import type { ServerMessage, Welcome } from '../protocol';
import { Session } from './session';

const uuid = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const WELCOME: Welcome = {
  type: 'welcome',
  session: uuid,
  resume: 'abc123',
  resumed: false,
  online: 1,
  iceServers: [],
  graceMs: 15_000,
};
const chat = (seq: number): ServerMessage => ({ type: 'chat', seq, room: uuid, text: `${seq}` });
const resumed = (lastSeq: number, more: Partial<Welcome> = {}): Welcome => ({
  ...WELCOME,
  resumed: true,
  lastSeq,
  ...more,
});

let session: Session;
beforeEach(() => {
  session = new Session(null);
});

describe('what is offered', () => {
  test('is the protocol alone before there is a session', () => {
    expect(session.protocols()).toEqual(['passerby.v1']);
  });

  test('names the last number that was taken', () => {
    session.take(WELCOME);
    expect(session.protocols()).toEqual(['passerby.v1', 'resume.abc123.0']);
    session.take(chat(1));
    session.take(chat(4));
    expect(session.protocols()).toEqual(['passerby.v1', 'resume.abc123.4']);
  });

  test('names no number after a load, until one came', () => {
    const loaded = new Session('abc123');
    expect(loaded.protocols()).toEqual(['passerby.v1', 'resume.abc123']);
    loaded.take(resumed(9));
    expect(loaded.protocols()).toEqual(['passerby.v1', 'resume.abc123']);
    loaded.take(chat(10));
    expect(loaded.protocols()).toEqual(['passerby.v1', 'resume.abc123.10']);
  });

  test('leaves out a token that no subprotocol can carry', () => {
    expect(new Session('a b').protocols()).toEqual(['passerby.v1']);
    expect(new Session('a,b').protocols()).toEqual(['passerby.v1']);
    expect(new Session('').protocols()).toEqual(['passerby.v1']);
  });

  test('forgets as much as is asked for', () => {
    session.take(WELCOME);
    session.take(chat(3));
    session.forgetNumber();
    expect(session.protocols()).toEqual(['passerby.v1', 'resume.abc123']);
    session.forget();
    expect(session.protocols()).toEqual(['passerby.v1']);
  });
});

describe('a message', () => {
  test('is taken once', () => {
    session.take(WELCOME);
    expect(session.take(chat(1))).not.toBeNull();
    expect(session.take(chat(2))).not.toBeNull();
    session.take(resumed(3));
    expect(session.take(chat(1))).toBeNull();
    expect(session.take(chat(2))).toBeNull();
    expect(session.take(chat(3))).toEqual(chat(3));
    expect(session.take(chat(3))).toBeNull();
  });

  test('without a number is always taken', () => {
    const online: ServerMessage = { type: 'online', count: 2 };
    expect([session.take(online), session.take(online)]).toEqual([online, online]);
  });

  test('of a new session counts from the start', () => {
    session.take(WELCOME);
    session.take(chat(7));
    session.take({ ...WELCOME, resume: 'fresh' });
    expect(session.take(chat(1))).not.toBeNull();
    expect(session.protocols()[1]).toBe('resume.fresh.1');
  });
});

describe('a replay', () => {
  beforeEach(() => {
    session.take(WELCOME);
    session.take(chat(2));
  });

  test('is complete with its last number, once', () => {
    session.take(resumed(4));
    expect(session.replayed()).toBe(false);
    session.take(chat(3));
    expect(session.replayed()).toBe(false);
    session.take(chat(4));
    expect([session.replayed(), session.replayed()]).toEqual([true, false]);
  });

  test('of nothing is complete at once', () => {
    session.take(resumed(2));
    expect(session.replayed()).toBe(true);
  });

  test('whose end was left out is complete when it is given up', () => {
    session.take(resumed(9));
    session.endReplay();
    expect([session.replayed(), session.replayed()]).toEqual([true, false]);
    session.endReplay();
    expect(session.replayed()).toBe(false);
  });

  test('is none in a new session', () => {
    session.take(WELCOME);
    expect(session.replayed()).toBe(false);
  });
});

describe('something is missed', () => {
  test('where the server says so: the next resume names no number it does not keep', () => {
    session.take(WELCOME);
    session.take(chat(2));
    expect(session.take(resumed(300, { missed: true }))).toMatchObject({ missed: true });
    expect(session.replayed()).toBe(true);
    expect(session.protocols()[1]).toBe('resume.abc123');
    expect(session.take(chat(301))).not.toBeNull();
    expect(session.protocols()[1]).toBe('resume.abc123.301');
  });

  test('where no number was named', () => {
    const loaded = new Session('abc123');
    expect(loaded.take(resumed(9))).toMatchObject({ missed: true });
  });

  test('where the server knows less than it once said', () => {
    session.take(WELCOME);
    session.take(chat(20));
    expect(session.take(resumed(5))).toMatchObject({ missed: true });
    expect(session.take(chat(6))).not.toBeNull();
  });

  test('but not by an ordinary resume', () => {
    session.take(WELCOME);
    expect(session.take(resumed(0))).not.toHaveProperty('missed');
  });
});
