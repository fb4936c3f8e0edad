// A real coturn, as the external server of a deployment.
import { connect, createServer } from 'node:net';
import { once } from 'node:events';

import { until } from './browser.js';
import { launchProcess } from './process.js';

const HOST = '127.0.0.1';

/** Starts one that shares `secret`. */
export async function startCoturn(secret) {
  const port = await freePort();
  const coturn = launchProcess([
    ...['turnserver', '-n', '--listening-ip', HOST, '--relay-ip', HOST, '-p', String(port)],
    ...['--no-cli', '--no-tls', '--no-dtls', '--lt-cred-mech', '--allow-loopback-peers'],
    ...['--use-auth-secret', '--static-auth-secret', secret, '-r', 'local'],
    ...['--log-file', '/dev/null', '--simple-log', '--pidfile', '/dev/null'],
  ]);
  await until(() => answers(port), 'coturn to listen');
  return { url: `turn:${HOST}:${port}`, stop: () => coturn.end('SIGKILL') };
}

async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port) {
  const socket = connect(port, HOST);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(undefined));
  }).finally(() => socket.destroy());
}
