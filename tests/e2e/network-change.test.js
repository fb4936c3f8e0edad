// Somebody's network changes under a call: it comes back without Next.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CHROMIUM, launch, picturesMove, visit } from './browser.js';
import { makeNetwork, mayMakeNetworks } from './network.js';
import { startServerIn } from './server.js';

const skip = mayMakeNetworks ? false : 'networks are made by root alone';

test('a call survives a change of network on one side', { skip }, async () => {
  const network = makeNetwork();
  const browsers = [];
  try {
    const turn = ['--turn-listen', `${network.host}:3478`];
    const server = await startServerIn(network.here, `${network.host}:0`, ...turn);
    // Cameras are for pages of a secure origin.
    const secure = [`--unsafely-treat-insecure-origin-as-secure=${server.url.slice(0, -1)}`];
    for (const runs of [network.awayRuns, network.hereRuns]) {
      browsers.push(await launch(secure, runs(CHROMIUM)));
    }
    const people = [];
    for (const browser of browsers) people.push(await visit(browser, server.url));
    for (const person of people) await person.start();
    const room = await people[0].room();
    await picturesMove(...people);
    network.change();
    await picturesMove(...people);
    for (const person of people) {
      assert.equal(await person.room(), room);
      assert.deepEqual(person.errors, []);
    }
    await server.stop();
  } finally {
    for (const browser of browsers) await browser.close();
    network.remove();
  }
});
