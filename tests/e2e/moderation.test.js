// Reports, blocks, bans and what is kept, as a person meets them: the page in a
// real Chromium, before a service whose answers the tests choose.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, picturesMove } from './browser.js';
import { pairLines, ROOMS, serveScripted, visitScripted } from './scripted.js';

const PHONE = { viewport: { width: 360, height: 740 } };
const TERMS = { reportsDays: 90, minorDays: 365, appeal: null };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Two people in a video chat, the first of whom is looked at. */
async function videoCall(host, options) {
  const [anna, ben] = [
    await visitScripted(browser, host.url, options),
    await visitScripted(browser, host.url),
  ];
  for (const { person, line } of [anna, ben]) {
    await person.start();
    await line.hears('join');
  }
  pairLines(anna.line, ben.line, ROOMS[0]);
  await picturesMove(anna.person, ben.person);
  return { anna, ben, leave: () => Promise.all([anna.person.leave(), ben.person.leave()]) };
}

/** One person in a text chat with the script. */
async function textCall(host, options) {
  const anna = await visitScripted(browser, host.url, options);
  await anna.person.start('text');
  await anna.line.hears('join');
  anna.line.matches(ROOMS[0], { mode: 'text' });
  await anna.person.screen('call');
  return anna;
}

function clean({ person, violations }) {
  assert.deepEqual(person.errors, []);
  assert.deepEqual(violations, []);
}

test('a camera that is switched off is said to be, until it is on again', async () => {
  const host = await serveScripted();
  const { anna, ben, leave } = await videoCall(host);
  const words = anna.person.page.getByText('The stranger’s camera is off or covered.');
  await ben.person.control('camera').click();
  await words.waitFor();
  await anna.person.picture('camera-off');
  await ben.person.control('camera').click();
  await words.waitFor({ state: 'detached' });
  clean(anna);
  await leave();
  host.stop();
});

test('a report takes two presses, and the picture of that moment follows it', async () => {
  const answers = [{ status: 503, headers: { 'retry-after': '0' } }, { status: 204 }];
  const host = await serveScripted(() => answers.shift());
  const { anna, ben, leave } = await videoCall(host);
  const { person, line } = anna;
  await person.control('report').click();
  // Whoever is reported has gone by the time that the second press comes.
  line.tells({ type: 'peerLeft', room: ROOMS[0], reason: 'next' });
  await person.screen('left');
  await person.picture('report');
  await person.control('reason-nudity').click();
  assert.deepEqual(await line.hears('report'), {
    type: 'report',
    room: ROOMS[0],
    reason: 'nudity',
  });
  assert.deepEqual(host.requests, []);
  line.tells({ type: 'reported', room: ROOMS[0] });
  await person.page.getByText('Reported. You won’t meet again.').waitFor();
  await picturePosted(host, person);
  clean(anna);
  clean(ben);
  await leave();
  host.stop();
});

/** The second attempt is the one that is taken; it is a JPEG that shows something. */
async function picturePosted(host, person) {
  const { path, headers, body } = await host.request('POST', '/picture', 2);
  assert.equal(path, `/api/v1/reports/${ROOMS[0]}/picture`);
  assert.equal(headers.authorization, 'Bearer r1.dG9rZW4');
  assert.equal(headers['content-type'], 'image/jpeg');
  assert.ok(body.length > 1_000 && body.length <= 262_144, `${body.length} bytes`);
  const [width, green] = await person.page.evaluate(colours, [...body]);
  assert.ok(width > 0 && width <= 1280);
  // Chromium's own camera shows mostly green.
  assert.ok(green > 60, `green is ${green}`);
}

/** Runs in the page: how wide a picture is, and how green on the whole. */
async function colours(bytes) {
  const file = new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0, 1, 1);
  return [bitmap.width, context.getImageData(0, 0, 1, 1).data[1]];
}

test('in a call, the report leads to the next person, and the picture can stay', async () => {
  const host = await serveScripted(() => ({ status: 204 }));
  const { anna, leave } = await videoCall(host);
  const { person, line } = anna;
  await person.control('report').click();
  await person.control('attach-picture').uncheck();
  await person.control('reason-spam').click();
  await line.hears('next');
  assert.deepEqual(line.types(), ['join', 'report', 'next']);
  await person.screen('waiting');
  line.tells({ type: 'reported', room: ROOMS[0] });
  await person.page.getByText('Reported. You won’t meet again.').waitFor();
  line.matches(ROOMS[1], { mode: 'text' });
  assert.equal(await person.room(), ROOMS[1]);
  assert.deepEqual(host.requests, []);
  clean(anna);
  await leave();
  host.stop();
});

test('a picture that is refused is said to be, and the report stands', async () => {
  const host = await serveScripted(() => ({ status: 415 }));
  const { anna, leave } = await videoCall(host);
  const { person, line } = anna;
  await person.control('report').click();
  await person.control('reason-violence').click();
  await line.hears('report');
  line.tells({ type: 'reported', room: ROOMS[0] });
  await person.page.getByText('Your report was taken, but its picture was not accepted.').waitFor();
  assert.equal(host.requests.length, 1);
  await leave();
  host.stop();
});

test('a report of a text chat bears the chosen lines and the words added', async () => {
  const host = await serveScripted();
  const { person, line, ...anna } = await textCall(host, PHONE);
  for (const text of ['hello', 'buy coins']) line.tells({ type: 'chat', room: ROOMS[0], text });
  await person.say('no');
  await person.reads('buy coins');
  await person.control('report').click();
  await person.control('report-details').click();
  await person.control('details').fill('Advertising');
  await person.page.getByRole('checkbox', { name: 'hello' }).uncheck();
  await person.picture('report-details-phone');
  await person.control('reason-spam').click();
  assert.deepEqual(await line.hears('report'), {
    type: 'report',
    room: ROOMS[0],
    reason: 'spam',
    details: 'Advertising',
    transcript: [
      { from: 'peer', text: 'buy coins' },
      { from: 'me', text: 'no' },
    ],
  });
  clean({ person, ...anna });
  await person.leave();
  host.stop();
});

test('Esc gives a report up and skips nobody; the focus goes back where it was', async () => {
  const host = await serveScripted();
  const { person, line } = await textCall(host);
  await person.control('report').focus();
  await person.page.keyboard.press('Enter');
  await person.control('report-sheet').waitFor();
  for (const key of ['Tab', 'Escape']) await person.page.keyboard.press(key);
  await person.control('report-sheet').waitFor({ state: 'detached' });
  const focused = await person.page.evaluate(() => document.activeElement.dataset.testid);
  assert.equal(focused, 'report');
  assert.equal(await person.control('confirm-next').count(), 0);
  assert.deepEqual(line.types(), ['join']);
  await person.leave();
  host.stop();
});

test('Block is one press, and the next person comes', async () => {
  const host = await serveScripted();
  const { person, line } = await textCall(host);
  await person.control('block').click();
  await line.hears('next');
  assert.deepEqual(line.types(), ['join', 'block', 'next']);
  line.tells({ type: 'blocked', room: ROOMS[0] });
  await person.page.getByText('Blocked. You won’t meet again.').waitFor();
  await person.picture('blocked');
  await person.leave();
  host.stop();
});

test('a partner who was removed is told of plainly, with a way on', async () => {
  const host = await serveScripted();
  const { person, line } = await textCall(host);
  line.tells({ type: 'peerLeft', room: ROOMS[0], reason: 'removed' });
  await person.page.getByText('removed by the moderators').waitFor();
  await person.picture('partner-removed');
  await person.control('find-another').click();
  await line.hears('join', 2);
  await person.leave();
  host.stop();
});

test('a ban ends the call, gives the camera back, says why and connects no more', async () => {
  const host = await serveScripted();
  const { anna, leave } = await videoCall(host);
  const { person, line } = anna;
  const camera = await person.control('self-video').evaluateHandle((video) => video.srcObject);
  const until = Date.now() + 23 * 3_600_000;
  const [reason, appeal] = ['<b>Advertising</b>', 'Write to appeals@passerby.example.'];
  line.says({ type: 'error', code: 'banned', message: 'banned', reason, until, appeal });
  await line.closes(4001);
  await person.control('banned').waitFor();
  assert.equal(await person.control('ban-reason').textContent(), reason);
  assert.match(await person.control('ban-until').textContent(), /, \d\d:\d\d, in 23 hours\.$/);
  assert.equal(await person.control('ban-appeal').textContent(), appeal);
  assert.equal(await person.control('reopen').isDisabled(), true);
  const ended = await camera.evaluate((stream) =>
    stream.getTracks().map(({ readyState }) => readyState),
  );
  assert.deepEqual(ended, ['ended', 'ended']);
  await person.picture('banned');
  // Coming back to the network is no reason to try either.
  await person.page.evaluate(() => window.dispatchEvent(new Event('online')));
  assert.equal(line.opened, 1);
  clean(anna);
  await leave();
  host.stop();
});

test('a ban that is over can be left by hand', async () => {
  const host = await serveScripted();
  const { person, line } = await visitScripted(browser, host.url, PHONE);
  await person.control('start').waitFor();
  const until = Date.now() + 2_000;
  line.says({ type: 'error', code: 'banned', message: 'banned', reason: 'Spam', until });
  await line.closes(4001);
  await person.page.getByRole('button', { name: 'Try again', exact: true }).click();
  await person.control('start').waitFor();
  assert.equal(line.opened, 2);
  await person.leave();
  host.stop();
});

test('a line that was too quick is marked and can be sent again', async () => {
  const host = await serveScripted();
  const { person, line } = await textCall(host);
  await person.say('quick');
  await line.hears('chat');
  line.says({ type: 'error', code: 'rate_limited', message: 'slow', retryAfterMs: 3_000 });
  await person.page.getByRole('button', { name: 'Send again' }).click();
  assert.equal((await line.hears('chat', 2)).text, 'quick');
  await person.leave();
  host.stop();
});

test('what is kept can be read in a call, which goes on, and erased', async () => {
  const host = await serveScripted(({ method }) =>
    method === 'DELETE' ? { status: 202 } : { json: TERMS },
  );
  const { anna, leave } = await videoCall(host);
  const { person, line } = anna;
  await person.control('report').click();
  await person.control('report-sheet').getByTestId('kept-link').click();
  await person.control('kept').getByText('90 days').first().waitFor();
  assert.match(person.page.url(), /#kept$/);
  await picturesMove(person);
  await person.control('erase').click();
  await person.control('erase-confirm').click();
  await person.control('erase-outcome').getByText('Done.').waitFor();
  await host.request('DELETE', '/kept');
  await person.picture('kept-erased');
  await person.page.goBack();
  await person.control('kept').waitFor({ state: 'detached' });
  // The report that was begun is still there.
  await person.control('report-cancel').click();
  await person.screen('call');
  assert.deepEqual([line.opened, ...line.types()], [1, 'join']);
  clean(anna);
  await leave();
  host.stop();
});

test('what is kept has an address of its own', async () => {
  const host = await serveScripted(() => ({ json: TERMS }));
  const anna = await visitScripted(browser, `${host.url}#kept`, PHONE);
  await anna.person.control('kept').getByText('365 days').waitFor();
  await anna.person.picture('kept-phone');
  await anna.person.page.keyboard.press('Escape');
  await anna.person.control('kept').waitFor({ state: 'detached' });
  await anna.person.control('kept-link').click();
  await anna.person.control('kept').waitFor();
  await anna.person.control('kept-back').click();
  await anna.person.control('kept').waitFor({ state: 'detached' });
  await anna.person.control('start').waitFor();
  clean(anna);
  await anna.person.leave();
  host.stop();
});
