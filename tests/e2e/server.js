// The binary under test, on free ports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}/target`;
const binary = process.env.PASSERBY_BINARY ?? `${target}/debug/passerby`;

/** Starts a server on a free port. */
export function startServer(...flags) {
  return startServerOn(0, ...flags);
}

/**
 * Starts a server on `port`. `stop` ends it at once, as a crash would; `drain`
 * asks it to end, as an upgrade does, and gives its exit code.
 */
export async function startServerOn(port, ...flags) {
  const ports = ['--listen', `127.0.0.1:${port}`, '--ops-listen', '127.0.0.1:0'];
  const child = spawn(binary, ['serve', ...ports, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  // A test that failed has stopped nothing; its server must not outlast it.
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  child.once('exit', () => process.off('exit', killed));
  child.unref();
  child.stdout.unref();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const listening = Number((await lines.next()).value.match(/:(\d+)$/)[1]);
  const end = async (signal) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    url: `http://localhost:${listening}/`,
    port: listening,
    stop: () => end('SIGKILL'),
    drain: () => end('SIGTERM'),
  };
}
