// Reports, blocks and erasing, by the page and the built binary together.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, picturesMove, visit } from './browser.js';
import { startServer } from './server.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function pair(url, mode = 'video') {
  const people = [await visit(browser, url), await visit(browser, url)];
  for (const person of people) await person.start(mode);
  const [room, other] = [await people[0].room(), await people[1].room()];
  assert.equal(room, other);
  return [...people, room];
}

/** What the service answers to the page's request for something under /api. */
function answer(person, method, end) {
  return person.page.waitForResponse(
    (response) => response.request().method() === method && response.url().endsWith(end),
  );
}

test('a report and its picture are taken, and both go on', async () => {
  const server = await startServer();
  const [anna, ben, room] = await pair(server.url);
  await picturesMove(anna, ben);
  const picture = answer(anna, 'POST', `/reports/${room}/picture`);
  await anna.control('report').click();
  await anna.control('reason-spam').click();
  await anna.page.getByText('Reported. You won’t meet again.').waitFor();
  assert.equal((await picture).status(), 204);
  await ben.screen('left');
  await anna.screen('waiting');
  assert.deepEqual([...anna.errors, ...ben.errors], []);
  await Promise.all([anna.leave(), ben.leave()]);
  await server.stop();
});

test('whoever left is reported and blocked from the screen after the chat', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url, 'text');
  await ben.say('buy coins');
  await anna.reads('buy coins');
  await ben.next();
  await anna.screen('left');
  await anna.control('block').click();
  await anna.page.getByText('Blocked. You won’t meet again.').waitFor();
  await anna.control('report').click();
  await anna.control('reason-spam').click();
  await anna.page.getByText('Reported. You won’t meet again.').waitFor();
  await Promise.all([anna.leave(), ben.leave()]);
  await server.stop();
});

test('two of whom one blocked the other wait, and each takes somebody else', async () => {
  const server = await startServer('--rematch-wait-ms', '0');
  const [anna, ben, room] = await pair(server.url, 'text');
  await anna.control('block').click();
  await anna.page.getByText('Blocked. You won’t meet again.').waitFor();
  await ben.screen('left');
  await ben.control('find-another').click();
  await ben.screen('waiting');
  await anna.screen('waiting');
  const others = [await visit(browser, server.url), await visit(browser, server.url)];
  for (const other of others) await other.start('text');
  const rooms = [await anna.roomAfter(room), await ben.roomAfter(room)];
  assert.notEqual(rooms[0], rooms[1]);
  await Promise.all([anna, ben, ...others].map((person) => person.leave()));
  await server.stop();
});

test('what is kept is told with the service’s times, and erased', async () => {
  const server = await startServer();
  const anna = await visit(browser, server.url);
  await anna.control('kept-link').click();
  await anna.control('kept').getByText('90 days').first().waitFor();
  const erased = answer(anna, 'DELETE', '/api/v1/kept');
  await anna.control('erase').click();
  await anna.control('erase-confirm').click();
  await anna.control('erase-outcome').getByText('Done.').waitFor();
  assert.equal((await erased).status(), 202);
  await anna.leave();
  await server.stop();
});
