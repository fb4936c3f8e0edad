// Whatever the size of the window and however long the chat, what a person needs
// is in view.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { launch } from './browser.js';
import { ROOMS, serveScripted, visitScripted } from './scripted.js';

/** As many as two people can share. */
const INTERESTS = Array.from({ length: 10 }, (_, index) => `number ${index + 1} of our interests`);

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
  anna.line.matches(ROOMS[0], { mode, interests: INTERESTS });
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

/** What of the controls cannot be pressed in the middle, scrolled to where need be. */
function unreachable({ page }) {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll('.toolbar button, .compose > *')];
    const covered = controls.filter((control) => {
      control.scrollIntoView({ block: 'nearest' });
      const { left, top, width, height } = control.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      return !control.contains(hit);
    });
    window.scrollTo(0, 0);
    return covered.map((control) => control.dataset.testid);
  });
}

/** Whether the field can be seen and clicked as the page stands. */
function fieldInView({ page }) {
  return page.evaluate(() => {
    const field = document.querySelector('[data-testid="chat-input"]');
    const { left, top, width, height } = field.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2) === field;
  });
}

/** Whether `inner` lies within `outer`, to a pixel of rounding. */
function within({ page }, inner, outer) {
  return page.evaluate((selectors) => {
    const [a, b] = selectors.map((one) => document.querySelector(one).getBoundingClientRect());
    return (
      a.left >= b.left - 1 && a.top >= b.top - 1 && a.right <= b.right + 1 && a.bottom <= b.bottom + 1
    );
  }, [inner, outer]);
}

const SIZES = [
  [320, 256],
  [375, 340],
  [320, 568],
  [568, 320],
  [375, 740],
  [740, 360],
  [844, 390],
  [800, 480],
  [1024, 1366],
  [1280, 800],
];

for (const mode of ['video', 'text']) {
  test(`nothing covers the field or a button of a ${mode} chat, at any size`, async () => {
    const anna = await chat(mode, 1280, 800);
    const { person, line } = anna;
    await hear(anna, FIFTY);
    for (const notice of [false, true]) {
      if (notice) {
        line.tells({ type: 'peerAway', room: ROOMS[0] });
        line.says({ type: 'error', code: 'rate_limited', message: '', retryAfterMs: 600_000 });
        await person.control('error-notice').waitFor();
        await person.control('peer-away').waitFor();
      }
      for (const [width, height] of SIZES) {
        const at = `${width}x${height}${notice ? ' with a notice' : ''}`;
        await person.page.setViewportSize({ width, height });
        assert.ok(await fieldInView(person), `the field at ${at}`);
        assert.deepEqual(await unreachable(person), [], at);
        assert.ok(await within(person, '.compose', '.talk'), `the field's panel at ${at}`);
        if (mode === 'video') assert.ok(await within(person, '.self', '.stage'), `self at ${at}`);
        if (!notice) assert.equal(await excess(person), 0, at);
        await person.picture(`layout-${mode}-${width}x${height}${notice ? '-notice' : ''}`);
      }
    }
    await leave(anna);
  });
}

test('stacked marks draw over no other line', async () => {
  const anna = await chat('text', 800, 900);
  const { person } = anna;
  await hear(anna, ['said before', 'stacked', 'said after']);
  const others = async () => {
    const pictures = [];
    for (const text of ['said before', 'said after']) {
      const { x, y, width, height } = await person.page.getByText(text).boundingBox();
      const clip = { x: Math.floor(x), y: Math.floor(y), width, height };
      pictures.push((await person.page.screenshot({ clip })).toString('base64'));
    }
    return pictures;
  };
  const plain = await others();
  assert.deepEqual(await others(), plain);
  // Which marks stack is the font's matter; a shadow reaches as far with any.
  await person.page
    .getByText('stacked')
    .evaluate((said) => said.style.setProperty('text-shadow', '0 -60px, 0 60px'));
  assert.ok(isDeepStrictEqual(await others(), plain), 'another line changed');
  await leave(anna);
});

test('of a short chat that is over every line is in view', async () => {
  const anna = await chat('text', 1000, 640);
  await hear(anna, ['the only line']);
  anna.line.tells({ type: 'peerLeft', room: ROOMS[0], reason: 'next' });
  await anna.person.screen('left');
  const hidden = await anna.person
    .control('chat-log')
    .evaluate((log) => log.scrollHeight - log.clientHeight);
  assert.equal(hidden, 0);
  await leave(anna);
});
