// The binary under test, on free ports.
import { fileURLToPath } from 'node:url';

import { launchProcess } from './process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}/target`;
const binary = process.env.PASSERBY_BINARY ?? `${target}/debug/passerby`;
/** What every server and relay of the tests shares. */
export const SECRET = 'a secret of the end-to-end tests';
/** Flags go before these. */
const env = {
  ...process.env,
  PASSERBY_SECRET: SECRET,
  PASSERBY_TURN_LISTEN: '127.0.0.1:0',
  PASSERBY_DATABASE_URL: 'sqlite::memory:',
};

/** Starts a server on a free port. */
export function startServer(...flags) {
  return startServerOn(0, ...flags);
}

/**
 * Starts a server on `port`. `stop` ends it at once, as a crash would; `drain`
 * asks it to end, as an upgrade does, and gives its exit code.
 */
export async function startServerOn(port, ...flags) {
  return startServerIn([], `127.0.0.1:${port}`, ...flags);
}

/** Starts a server that listens on `address`, by a command that runs it elsewhere. */
export async function startServerIn(wrapper, address, ...flags) {
  const ports = ['--listen', address, '--ops-listen', '127.0.0.1:0'];
  const server = launchProcess([...wrapper, binary, 'serve', ...ports, ...flags], env);
  const { host, port } = await server.listening();
  return {
    url: `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}/`,
    port,
    stop: () => server.end('SIGKILL'),
    drain: () => server.end('SIGTERM'),
  };
}

/** Starts the relay alone, on `port` of `host`. */
export async function startRelay(host = '127.0.0.1', port = 0) {
  const listen = ['--turn-listen', `${host}:${port}`, '--ops-listen', '127.0.0.1:0'];
  const relay = launchProcess([binary, 'turn', ...listen], env);
  await relay.listening();
  const at = await relay.listening();
  return { host: at.host, port: at.port, stop: () => relay.end('SIGKILL') };
}
