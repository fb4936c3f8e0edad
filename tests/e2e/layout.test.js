// Whatever the size of the window and however long the chat, what a person needs
// is in view.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './browser.js';
import { ROOMS, serveScripted, visitScripted } from './scripted.js';

let browser;
let service;
before(async () => {
  browser = await launch();
  service = await serveScripted();
});
after(async () => {
  await browser.close();
  service.stop();
});

/** One person in a chat with the script. */
async function chat(mode, width, height, more = {}) {
  const viewport = { width, height };
  const anna = await visitScripted(browser, service.url, { viewport, ...more });
  await anna.person.start(mode);
  await anna.line.hears('join');
  anna.line.matches(ROOMS[0], { mode });
  await anna.person.screen('call');
  return anna;
}

async function leave({ person, violations }) {
  assert.deepEqual(person.errors, []);
  assert.deepEqual(violations, []);
  await person.leave();
}

async function hear({ person, line }, texts) {
  for (const text of texts) line.tells({ type: 'chat', room: ROOMS[0], text });
  await person.reads(texts.at(-1));
}

const FIFTY = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);

/** How far the document reaches beyond its window. */
function excess({ page }) {
  return page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
}

for (const mode of ['video', 'text']) {
  for (const [width, height] of [
    [1280, 800],
    [375, 740],
  ]) {
    test(`a long ${mode} chat scrolls in its own list, at ${width}x${height}`, async () => {
      const anna = await chat(mode, width, height);
      await hear(anna, FIFTY);
      assert.equal(await excess(anna.person), 0);
      await anna.person.control('report').click();
      await anna.person.control('report-details').click();
      await anna.person.control('attach-list').waitFor();
      assert.equal(await excess(anna.person), 0);
      await leave(anna);
    });
  }
}
