// Firefox and Chromium see each other, whichever of them hides its address.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { makeNetwork, mayMakeNetworks } from './network.js';

const skip = mayMakeNetworks ? false : 'networks are made by root alone';
const calls = fileURLToPath(new URL('firefox-calls.js', import.meta.url));

test('Firefox and Chromium see each other, whichever of them hides', { skip }, async () => {
  const network = makeNetwork();
  try {
    // The browsers are steered by sockets, so what steers them is there too.
    const [file, ...args] = [...network.here, process.execPath, calls, network.host];
    const [code] = await once(spawn(file, args, { stdio: 'inherit' }), 'exit');
    assert.equal(code, 0);
  } finally {
    network.remove();
  }
});
