import { describe, expect, test } from 'vitest';
import { type ClientMessage, decode, decodeIce, encode } from '../protocol';
import { golden } from '../test/golden';

const server = [...golden('server.json'), ...golden('moderation-server.json')];
const client = [...golden('client.json'), ...golden('moderation-client.json')];
const room = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

describe('what the server sends', () => {
  test.each(server.filter((entry) => entry.valid))('$name is taken', ({ json }) => {
    const decoded = decode(json);
    expect(decoded).toMatchObject({ kind: 'message' });
    if (decoded.kind !== 'message') return;
    // What was copied is what was sent, field by field.
    expect(JSON.parse(json)).toMatchObject(decoded.message);
  });

  test.each(server.filter((entry) => !entry.valid))('$name is refused', ({ json }) => {
    expect(decode(json)).toMatchObject({ kind: 'invalid', reason: expect.stringMatching(/./) });
  });

  test('covers every type', () => {
    const types = new Set(server.filter((entry) => entry.valid).map(({ json }) => typeOf(json)));
    expect([...types].sort()).toEqual(
      'addIceCandidate blocked chat createAnswer createOffer error goingAway idle matched online peerAway peerBack peerLeft reported typing waiting welcome'.split(
        ' ',
      ),
    );
  });

  test('unknown fields are not copied', () => {
    expect(decode('{"type":"online","count":3,"mood":"fine"}')).toEqual({
      kind: 'message',
      message: { type: 'online', count: 3 },
    });
  });

  test.each([
    ['addresses are hidden on demand', { iceTtl: 600, privacy: 'choice' }],
    ['privacy of a later version', { iceTtl: 600 }],
    ['privacy and time of wrong type', {}],
    ['null privacy and time', {}],
    ['resumed in a room with a hidden address', { iceTtl: 600, private: true }],
  ])('welcome/%s: what was added is read, and what is odd left out', (name, added) => {
    const decoded = decode(named(`welcome/${name}`));
    expect(decoded).toMatchObject({ kind: 'message', message: added });
    const odd = ['iceTtl', 'privacy', 'private'].filter((field) => !(field in added));
    for (const field of name.startsWith('resumed') ? [] : odd) {
      expect(decoded).not.toHaveProperty(['message', field]);
    }
  });

  test('an unknown type is told apart from a malformed message', () => {
    expect(decode('{"type":"weather","seq":4}')).toEqual({ kind: 'unknown', type: 'weather' });
  });

  test('names that every object inherits are no types', () => {
    expect(decode('{"type":"constructor"}').kind).toBe('unknown');
    expect(decode('{"type":"__proto__"}').kind).toBe('unknown');
  });
});

describe('the answer of /api/v1/ice', () => {
  const iceServers = [{ urls: ['turn:turn.example.org:3478'], username: 'u', credential: 'c' }];

  test('is read, without what is unknown', () => {
    const read = decodeIce({ iceServers, ttl: 600, more: 1 });
    expect(read).toEqual({ iceServers, iceTtl: 600 });
  });

  test.each([null, 'x', {}, { iceServers }, { iceServers, ttl: -1 }, { ttl: 600 }])(
    'is none: %j',
    (value) => {
      expect(decodeIce(value)).toBeNull();
    },
  );
});

/** What the page sends, by the name of the golden message that it must equal. */
const produced: Readonly<Record<string, ClientMessage>> = {
  'join/minimal': { type: 'join' },
  'join/text': { type: 'join', mode: 'text' },
  'join/from the page': { type: 'join', mode: 'video', interests: ['music', 'rust'] },
  'join/private from the page': {
    type: 'join',
    mode: 'video',
    interests: ['music', 'rust'],
    private: true,
  },
  'join/full': {
    type: 'join',
    mode: 'text',
    interests: ['Music', 'board games', '日本語'],
    languages: ['en-GB', 'de'],
    private: false,
    claim: 'eyJhbGciOiJFZERTQSJ9.e30.c2ln',
    proof: 'eyJhbGdvcml0aG0iOiJTSEEtMjU2In0=',
  },
  'next/minimal': { type: 'next' },
  'next/room': { type: 'next', room },
  'leave/minimal': { type: 'leave' },
  'createOffer/empty sdp': { type: 'createOffer', room, sdp: '' },
  'createOffer/fresh': {
    type: 'createOffer',
    room,
    sdp: 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n',
    fresh: true,
  },
  'createAnswer/odd characters': {
    type: 'createAnswer',
    room,
    sdp: 's=ü\u2028/"\\ud83d 😀\r\n',
  },
  'addIceCandidate/end of candidates': { type: 'addIceCandidate', room, candidate: null },
  'addIceCandidate/empty candidate': {
    type: 'addIceCandidate',
    room,
    candidate: { candidate: '', sdpMid: '0', sdpMLineIndex: 0 },
  },
  'chat/minimal': { type: 'chat', room, text: 'hello' },
  'chat/2000 astral characters': { type: 'chat', room, text: '😀'.repeat(2000) },
  'chat/2000 escaped characters': { type: 'chat', room, text: '😀'.repeat(2000) },
  'chat/markup': { type: 'chat', room, text: '<script>alert(1)</script> & "quotes"' },
  'typing/active': { type: 'typing', room, active: true },
  'typing/inactive': { type: 'typing', room, active: false },
  'block/minimal': { type: 'block', room },
  'report/spam': { type: 'report', room, reason: 'spam' },
  'report/full': {
    type: 'report',
    room,
    reason: 'harassment',
    details: 'Threats from the first line on.',
    transcript: [
      { from: 'peer', text: '…' },
      { from: 'me', text: 'stop' },
    ],
  },
};

describe('what the page sends', () => {
  test.each(Object.entries(produced))('%s is the golden message', (name, message) => {
    const entry = client.find((candidate) => candidate.name === name && candidate.valid);
    expect(entry).toBeDefined();
    expect(JSON.parse(encode(message))).toEqual(JSON.parse(entry?.json ?? ''));
  });

  test('every type of the protocol is among them', () => {
    const known = client.filter((entry) => entry.valid).map(({ json }) => typeOf(json));
    expect(new Set(Object.values(produced).map(({ type }) => type))).toEqual(new Set(known));
  });

  test('a lone surrogate is replaced, a pair is kept', () => {
    const text = 'a\ud83d b\ude00 😀';
    expect(JSON.parse(encode({ type: 'chat', room, text }))).toMatchObject({
      text: 'a\ufffd b\ufffd 😀',
    });
  });
});

describe('the golden files', () => {
  test.each([
    ['client', client],
    ['server', server],
  ])('of the %s name each message once and say why one is invalid', (_file, entries) => {
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    for (const entry of entries.filter(({ valid }) => !valid)) expect(entry.why).toMatch(/./);
  });
});

/** A golden message of the server. */
function named(name: string): string {
  return server.find((entry) => entry.name === name)?.json ?? '';
}

function typeOf(json: string): string {
  return (JSON.parse(json) as { type: string }).type;
}
