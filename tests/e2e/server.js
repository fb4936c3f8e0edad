// The binary under test, on free ports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}/target`;
const binary = process.env.PASSERBY_BINARY ?? `${target}/debug/passerby`;

/** Starts a server; `stop` ends it at once, as a crash would. */
export async function startServer(...flags) {
  const ports = ['--listen', '127.0.0.1:0', '--ops-listen', '127.0.0.1:0'];
  const child = spawn(binary, ['serve', ...ports, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value.match(/:(\d+)$/)[1]);
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { url: `http://localhost:${port}/`, stop };
}
