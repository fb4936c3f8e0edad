// Calls through the relay: the one inside, one on its own, and coturn; and
// addresses that are hidden behind it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch, picturesMove, until, visit } from './browser.js';
import { pathsInUse, remembering, toldOfPartner } from './connections.js';
import { startCoturn } from './coturn.js';
import { SECRET, startRelay, startServer, startServerOn } from './server.js';

/** Where the relay listens in the tests of hidden addresses: people are elsewhere. */
const RELAY_HOST = '127.0.0.2';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function arrive(url) {
  return remembering(await visit(browser, 'about:blank'), url);
}

async function meet(...people) {
  for (const person of people) await person.start();
  const rooms = [];
  for (const person of people) rooms.push(await person.room());
  assert.equal(rooms[0], rooms[1]);
  return rooms[0];
}

async function leave(...people) {
  for (const person of people) assert.deepEqual(person.errors, []);
  await Promise.all(people.map((person) => person.leave()));
}

/** Asserts that a call's pictures go by way of the relay, from both ends. */
async function goThroughRelay(...people) {
  for (const person of people) {
    const [path] = await pathsInUse(person);
    assert.equal(path.local.candidateType, 'relay', JSON.stringify(path));
  }
}

test('two pages that hide their addresses meet through the relay inside', async () => {
  const server = await startServer('--private', 'always');
  const people = [await arrive(server.url), await arrive(server.url)];
  await meet(...people);
  await picturesMove(...people);
  await goThroughRelay(...people);
  await people[0].picture('hidden');
  await leave(...people);
  await server.stop();
});

test('two pages meet through coturn', async () => {
  const coturn = await startCoturn(SECRET);
  const server = await startServer('--private', 'always', '--turn-urls', coturn.url);
  const people = [await arrive(server.url), await arrive(server.url)];
  await meet(...people);
  await picturesMove(...people);
  await goThroughRelay(...people);
  for (const person of people) {
    const [path] = await pathsInUse(person);
    assert.match(path.local.url ?? coturn.url, new RegExp(`^${coturn.url}`));
  }
  await leave(...people);
  await Promise.all([server.stop(), coturn.stop()]);
});

test('where one hides an address the other sees the relay alone', async () => {
  const server = await startServer('--turn-listen', `${RELAY_HOST}:0`);
  const [anna, ben] = [await arrive(server.url), await arrive(server.url)];
  await anna.control('private').check({ force: true });
  await anna.picture('hide-my-address');
  await meet(anna, ben);
  await picturesMove(anna, ben);
  await goThroughRelay(anna);
  const told = await toldOfPartner(ben);
  const text = told.join('\n');
  assert.ok(text.includes(RELAY_HOST), text);
  const addresses = text.match(/\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*|[\w-]+\.local/gi);
  const others = addresses.filter((address) => ![RELAY_HOST, '0.0.0.0'].includes(address));
  assert.deepEqual(others.filter(isAddress), [], text);
  // The other way round nothing is hidden, or this test would show nothing.
  assert.match((await toldOfPartner(anna)).join('\n'), /typ (host|srflx)|"candidateType":"host"/);
  await leave(anna, ben);
  await server.stop();
});

/** Fingerprints of certificates have colons as well. */
function isAddress(text) {
  return !/^([0-9A-F]{2}:)+[0-9A-F]{0,2}$/.test(text);
}

test('a call comes back in its room when the relay is restarted under it', async () => {
  const relay = await startRelay();
  const url = `turn:${relay.host}:${relay.port}`;
  const server = await startServer('--private', 'always', '--turn-urls', url);
  const people = [await arrive(server.url), await arrive(server.url)];
  const room = await meet(...people);
  await picturesMove(...people);
  const before = await localFragments(people);
  await relay.stop();
  await until(async () => ((await stalled(people[0])) ? true : undefined), 'the pictures to stop');
  const restarted = await startRelay(relay.host, relay.port);
  await picturesMove(...people);
  assert.notDeepEqual(await localFragments(people), before, 'ICE was restarted');
  for (const person of people) assert.equal(await person.room(), room);
  await leave(...people);
  await Promise.all([server.stop(), restarted.stop()]);
});

test('a relayed call comes back when the service is replaced with the relay inside', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passerby-relay-'));
  const flags = ['--private', 'always', '--sessions-file', join(folder, 'left.sessions')];
  const server = await startServer(...flags, '--drain-ms', '2000');
  const people = [await arrive(server.url), await arrive(server.url)];
  const room = await meet(...people);
  await picturesMove(...people);
  assert.equal(await server.drain(), 0);
  const successor = await startServerOn(server.port, ...flags);
  await picturesMove(...people);
  await goThroughRelay(...people);
  for (const person of people) assert.equal(await person.room(), room);
  await leave(...people);
  await successor.stop();
  await rm(folder, { recursive: true });
});

/** The ICE username fragments, which a restart changes (RFC 8445). */
function localFragments(people) {
  return Promise.all(
    people.map(({ page }) =>
      page.evaluate(() =>
        window.connections.map(
          (connection) => connection.localDescription?.sdp.match(/^a=ice-ufrag:(.*)$/m)?.[1],
        ),
      ),
    ),
  );
}

/** Whether no picture came for a second. */
async function stalled(person) {
  const before = (await person.stats()).framesDecoded;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await person.stats()).framesDecoded === before;
}
