// Two strangers see, hear and write to each other, and press Next.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, visit } from './browser.js';
import { startServer } from './server.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function pair(url) {
  const people = [await visit(browser, url), await visit(browser, url)];
  for (const person of people) await person.start();
  const rooms = [await people[0].room(), await people[1].room()];
  assert.equal(rooms[0], rooms[1]);
  return people;
}

async function seeAndHear(...people) {
  for (const person of people) {
    const frames = await person.grows('framesDecoded');
    await person.grows('framesDecoded', frames + 10);
    const bytes = await person.grows('audioBytesReceived');
    await person.grows('audioBytesReceived', bytes);
  }
}

test('two people see, hear and write to each other', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url);
  await seeAndHear(anna, ben);
  const text = 'Grüße 👋🏽 <b>not bold</b>';
  await anna.say(text);
  await ben.reads(text);
  await ben.say('and back');
  await anna.reads('and back');
  await anna.picture('call');
  assert.deepEqual([...anna.errors, ...ben.errors], []);
  await Promise.all([anna.leave(), ben.leave()]);
  await server.stop();
});

test('Next brings a third person, from a connection that links to no earlier one', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url);
  await seeAndHear(anna, ben);
  const [room, before] = [await anna.room(), await anna.stats()];
  await anna.next();
  await ben.screen('left');
  await ben.picture('partner-left');
  await anna.screen('waiting');
  await anna.picture('waiting');
  const cleo = await visit(browser, server.url);
  await cleo.start();
  const second = await anna.roomAfter(room);
  assert.equal(await cleo.room(), second);
  await seeAndHear(anna, cleo);
  const now = await anna.stats();
  assert.ok(before.certificates.length > 0);
  assert.notDeepEqual(now.certificates, before.certificates);
  await Promise.all([anna.leave(), ben.leave(), cleo.leave()]);
  await server.stop();
});

test('with the server killed the pictures keep moving', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url);
  await seeAndHear(anna, ben);
  await server.stop();
  await anna.control('connection-notice').waitFor();
  await seeAndHear(anna, ben);
  await anna.picture('server-away');
  await Promise.all([anna.leave(), ben.leave()]);
});

test('Escape, pressed twice, is Next', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url);
  await anna.page.keyboard.press('Escape');
  await anna.control('confirm-next').waitFor();
  await anna.screen('call');
  await anna.page.keyboard.press('Escape');
  await anna.screen('waiting');
  await ben.screen('left');
  await Promise.all([anna.leave(), ben.leave()]);
  await server.stop();
});
