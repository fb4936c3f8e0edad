// Calls between Firefox and Chromium, for a machine that has a network beside
// the loopback: `firefox.test.js` runs this on one that it makes.
import assert from 'node:assert/strict';

import { launch, picturesMove, visit } from './browser.js';
import { visitWithFirefox } from './firefox.js';
import { startServer } from './server.js';

const [host] = process.argv.slice(2);
const HIDES = [[], ['chromium'], ['firefox'], ['chromium', 'firefox']];

/** One call, begun by the one or by the other. */
async function call(hidden, firefoxOffers) {
  const server = await startServer('--turn-listen', `${host}:0`);
  const browser = await launch();
  const chromium = await visit(browser, server.url);
  const firefox = await visitWithFirefox(server.url);
  if (hidden.includes('chromium')) await chromium.control('private').check({ force: true });
  if (hidden.includes('firefox')) await firefox.click('private');
  for (const person of firefoxOffers ? [firefox, chromium] : [chromium, firefox]) {
    await person.start();
  }
  assert.equal(await chromium.room(), await firefox.room());
  await picturesMove(chromium, firefox);
  for (const [name, person] of Object.entries({ chromium, firefox })) {
    if (!hidden.includes(name)) continue;
    assert.equal((await person.stats()).path.local.type, 'relay', `${name} hides`);
  }
  await Promise.all([browser.close(), firefox.leave(), server.stop()]);
}

for (const [index, hidden] of HIDES.entries()) {
  await call(hidden, index % 2 === 0);
  console.log(`hidden: ${hidden.join(' and ') || 'nobody'}`);
}
