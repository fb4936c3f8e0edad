// A dropped connection, a reload, a second tab and a restart lose nothing.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch, Person, picturesMove, until, visit } from './browser.js';
import { startProxy } from './proxy.js';
import { startServer, startServerOn } from './server.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Two people in a room, the first by way of `url`, the second of `other`. */
async function pair(url, other = url, mode = 'video') {
  const people = [await visit(browser, url), await visit(browser, other)];
  for (const person of people) await person.start(mode);
  assert.equal(await people[0].room(), await people[1].room());
  return people;
}

/** How often a line stands in somebody's chat. */
function count(person, text) {
  return person.control('chat-log').getByText(text, { exact: true }).count();
}

/** Waits until nothing of the kind is shown any more. */
function goes(person, name) {
  return person.control(name).waitFor({ state: 'detached' });
}

async function leave(server, ...people) {
  for (const person of people) assert.deepEqual(person.errors, []);
  await Promise.all(people.map((person) => person.leave()));
  await server.stop();
}

/** Both write, and each reads the other once. */
async function chatOn(one, other, text) {
  await one.say(`${text} from one`);
  await other.reads(`${text} from one`);
  await other.say(`${text} from the other`);
  await one.reads(`${text} from the other`);
  assert.equal(await count(one, `${text} from the other`), 1);
  assert.equal(await count(other, `${text} from one`), 1);
}

test('a cut connection: the pictures go on, and every line arrives once', async () => {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  const [anna, ben] = await pair(proxy.url, server.url);
  await picturesMove(anna, ben);
  const [room, link] = [await anna.room(), await anna.stats()];
  await chatOn(anna, ben, 'before');
  proxy.cut();
  await anna.control('connection-notice').waitFor();
  await ben.control('peer-away').waitFor();
  await ben.say('said to one who is away');
  await anna.say('said without a connection');
  await anna.say('and one more');
  assert.equal(await anna.control('pending').count(), 2);
  await picturesMove(anna, ben);
  await anna.picture('reconnecting');
  await ben.picture('partner-away');
  proxy.mend();
  await anna.reads('said to one who is away');
  await ben.reads('and one more');
  await goes(ben, 'peer-away');
  await goes(anna, 'pending');
  await goes(anna, 'connection-notice');
  await chatOn(anna, ben, 'after');
  for (const [person, text] of [
    [anna, 'said to one who is away'],
    [anna, 'before from the other'],
    [ben, 'said without a connection'],
    [ben, 'and one more'],
    [ben, 'before from one'],
  ]) {
    assert.equal(await count(person, text), 1, text);
  }
  assert.equal(await anna.room(), room);
  assert.deepEqual((await anna.stats()).certificates, link.certificates);
  await picturesMove(anna, ben);
  await proxy.stop();
  await leave(server, anna, ben);
});

test('a connection that is cut as the room begins: the pictures come nevertheless', async () => {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  const anna = await visit(browser, proxy.url);
  await anna.start();
  await anna.screen('waiting');
  const ben = await visit(browser, server.url);
  await ben.start();
  await ben.screen('call');
  proxy.cut();
  await ben.control('peer-away').waitFor();
  proxy.mend();
  await picturesMove(anna, ben);
  assert.equal(await anna.room(), await ben.room());
  await proxy.stop();
  await leave(server, anna, ben);
});

test('a reload on either side, and on both at once, comes back to the room', async () => {
  const server = await startServer();
  const people = await pair(server.url);
  const [anna, ben] = people;
  await picturesMove(...people);
  const room = await anna.room();
  await chatOn(anna, ben, 'first');
  for (const [name, ...who] of [
    ['the one', anna],
    ['the other', ben],
    ['both', anna, ben],
    ['both again', ben, anna],
  ]) {
    await Promise.all(who.map((person) => person.page.reload()));
    for (const person of people) assert.equal(await person.room(), room, name);
    await picturesMove(...people);
    await chatOn(anna, ben, name);
    // What was said before is still to be read, once.
    for (const person of people) assert.equal(await count(person, 'first from one'), 1);
  }
  await anna.picture('reloaded');
  await leave(server, ...people);
});

test('two reloads in a row come back to the room', async () => {
  const server = await startServer();
  const people = await pair(server.url);
  await picturesMove(...people);
  const room = await people[0].room();
  for (const person of people) {
    await person.page.reload();
    await person.screen('call');
    await person.page.reload();
    assert.equal(await person.room(), room);
    await picturesMove(...people);
  }
  await leave(server, ...people);
});

test('a reload keeps off what was off', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url);
  await anna.control('camera').click();
  await anna.page.reload();
  await anna.screen('call');
  await anna.page.getByRole('button', { name: 'Turn the camera on' }).waitFor();
  const on = await until(
    () =>
      anna.page.evaluate(() => {
        const stream = document.querySelector('[data-testid="self-video"]')?.srcObject;
        return stream?.getVideoTracks()[0]?.enabled;
      }),
    'the own picture',
  );
  assert.equal(on, false);
  await leave(server, anna, ben);
});

test('a reload in a text chat, and one while waiting', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url, server.url, 'text');
  const room = await anna.room();
  await chatOn(anna, ben, 'first');
  await Promise.all([anna.page.reload(), ben.page.reload()]);
  assert.equal(await anna.room(), room);
  await chatOn(anna, ben, 'second');
  assert.equal(await count(anna, 'first from the other'), 1);
  await anna.next();
  await ben.screen('left');
  await anna.page.reload();
  await anna.screen('waiting');
  const cleo = await visit(browser, server.url);
  await cleo.start('text');
  assert.equal(await cleo.room(), await anna.roomAfter(room));
  await leave(server, anna, ben, cleo);
});

test('a duplicated tab takes the chat over, and the older one takes it back', async () => {
  const server = await startServer();
  const [anna, ben] = await pair(server.url);
  await picturesMove(anna, ben);
  const room = await anna.room();
  await chatOn(anna, ben, 'first');
  // A window opened by script gets a copy of the storage, as a duplicate does.
  const opened = anna.context.waitForEvent('page');
  await anna.page.evaluate(() => void window.open(window.location.href));
  const twin = new Person(await opened, anna.context, []);
  assert.equal(await twin.room(), room);
  await anna.control('use-here').waitFor();
  await anna.picture('use-here');
  await anna.page.setViewportSize({ width: 390, height: 780 });
  await anna.picture('use-here-phone');
  await picturesMove(twin, ben);
  assert.equal((await anna.stats()).connectionState, 'none');
  await anna.page.reload();
  await anna.control('use-here').waitFor();
  await chatOn(twin, ben, 'second');
  await anna.page.bringToFront();
  await anna.control('use-here').click();
  assert.equal(await anna.room(), room);
  await twin.control('use-here').waitFor();
  await picturesMove(anna, ben);
  await chatOn(anna, ben, 'third');
  await leave(server, anna, ben);
});

test('a restarted server: the pictures go on, and the chat in the same room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passerby-'));
  const flags = ['--sessions-file', join(folder, 'sessions'), '--drain-ms', '2000'];
  const first = await startServer(...flags);
  const [anna, ben] = await pair(first.url);
  await picturesMove(anna, ben);
  const [room, link] = [await anna.room(), await anna.stats()];
  await chatOn(anna, ben, 'before');
  const code = await first.drain();
  assert.equal(code, 0);
  await anna.control('connection-notice').waitFor();
  await anna.say('said without a server');
  await picturesMove(anna, ben);
  const second = await startServerOn(first.port, ...flags);
  await ben.reads('said without a server');
  await goes(anna, 'connection-notice');
  await chatOn(anna, ben, 'after');
  assert.equal(await anna.room(), room);
  assert.equal(await ben.room(), room);
  assert.deepEqual((await anna.stats()).certificates, link.certificates);
  await picturesMove(anna, ben);
  await leave(second, anna, ben);
  await rm(folder, { recursive: true });
});

test('away for longer than the grace: words on both sides, and a way on', async () => {
  const server = await startServer('--grace-ms', '1500');
  const proxy = await startProxy(server.port);
  const [anna, ben] = await pair(proxy.url, server.url, 'text');
  proxy.cut();
  await anna.control('connection-notice').waitFor();
  await anna.say('never heard');
  await ben.control('peer-away').waitFor();
  await ben.screen('left');
  await ben.page.getByText('The stranger’s connection was lost.').waitFor();
  proxy.mend();
  await anna.screen('left');
  await anna.page.getByText('The connection to the server was lost').waitFor();
  await anna.control('not-sent').waitFor();
  await anna.picture('server-lost');
  const cleo = await visit(browser, server.url);
  await cleo.start('text');
  await anna.control('find-another').click();
  assert.equal(await anna.room(), await cleo.room());
  await proxy.stop();
  await leave(server, anna, ben, cleo);
});

test('away for longer than the grace, a call is no more said to go on', async () => {
  const server = await startServer('--grace-ms', '1500');
  const proxy = await startProxy(server.port);
  const [anna, ben] = await pair(proxy.url, server.url);
  await picturesMove(anna, ben);
  proxy.cut();
  const notice = anna.control('connection-notice');
  await notice.getByText('Your call goes on').waitFor();
  await notice.getByText('your chat may be over').waitFor();
  assert.equal(await notice.getByText('Your call goes on').count(), 0);
  await anna.picture('lapsed');
  proxy.mend();
  await anna.screen('left');
  await proxy.stop();
  await leave(server, anna, ben);
});

test('a server that crashed and came back knows nobody: words, and a way on', async () => {
  const first = await startServer();
  const [anna, ben] = await pair(first.url, first.url, 'text');
  await first.stop();
  const second = await startServerOn(first.port);
  for (const person of [anna, ben]) await person.screen('left');
  for (const person of [anna, ben]) await person.control('find-another').click();
  assert.equal(await anna.room(), await ben.room());
  await leave(second, anna, ben);
});

test('a reload after the room is over says so', async () => {
  const server = await startServer('--grace-ms', '1000');
  const [anna, ben] = await pair(server.url, server.url, 'text');
  await anna.page.goto('about:blank');
  await ben.control('peer-away').waitFor();
  await ben.screen('left');
  await anna.page.goBack();
  await anna.screen('landing');
  await anna.control('error-notice').getByText('Your chat ended').waitFor();
  await leave(server, anna, ben);
});
