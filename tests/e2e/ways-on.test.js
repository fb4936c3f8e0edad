// What people can do who have, or want, no camera; and how the page says it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, visit } from './browser.js';
import { startServer } from './server.js';

let browser;
let server;
before(async () => {
  browser = await launch();
  server = await startServer();
});
after(async () => {
  await browser.close();
  await server.stop();
});

/** Counts the connections that a page opens, and has it find no camera. */
function withoutCamera() {
  window.opened = 0;
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args) {
      window.opened += 1;
      return new target(...args);
    },
  });
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException('no camera', 'NotFoundError'));
}

async function visitWithoutCamera() {
  const person = await visit(browser, 'about:blank');
  await person.page.addInitScript(withoutCamera);
  await person.page.goto(server.url);
  return person;
}

test('a text chat opens no RTCPeerConnection and asks for no camera', async () => {
  const people = [await visitWithoutCamera(), await visitWithoutCamera()];
  for (const person of people) await person.start('text');
  assert.equal(await people[0].room(), await people[1].room());
  await people[0].say('just words');
  await people[1].reads('just words');
  await people[1].picture('text-chat');
  for (const person of people) {
    assert.equal(await person.page.evaluate(() => window.opened), 0);
    await person.leave();
  }
});

test('who has no camera can go on, and sees the other', async () => {
  const anna = await visitWithoutCamera();
  const ben = await visit(browser, server.url);
  await anna.start();
  await anna.screen('permission');
  await anna.control('go-without-camera').waitFor();
  await anna.picture('no-camera');
  await anna.control('go-without-camera').click();
  await ben.start();
  assert.equal(await anna.room(), await ben.room());
  await anna.grows('framesDecoded', 10);
  await Promise.all([anna.leave(), ben.leave()]);
});

test('the landing says how many are here, and nothing comes from elsewhere', async () => {
  const foreign = [];
  const anna = await visit(browser, 'about:blank');
  anna.page.on('request', (request) => foreign.push(request.url()));
  await anna.page.goto(server.url);
  await anna.control('online-count').waitFor();
  await anna.picture('landing');
  const origin = new URL(server.url).origin;
  const elsewhere = foreign.filter((url) => !url.replace(/^ws/, 'http').startsWith(origin));
  assert.deepEqual(elsewhere.filter((url) => !url.startsWith('data:')), []);
  await anna.leave();
});
