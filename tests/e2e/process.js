// A process that the tests start, and that does not outlast them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Starts `command`. `listening` waits for the next line that says where it
 * listens; `end` sends a signal and gives the exit code.
 */
export function launchProcess([file, ...args], env = process.env) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const exited = once(child, 'exit');
  // A test that failed has stopped nothing; its processes must not outlast it.
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  child.once('exit', () => process.off('exit', killed));
  child.unref();
  child.stdout.unref();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async listening() {
      child.stdout.ref();
      const { value } = await lines.next();
      child.stdout.unref();
      const [, host, port] = value.match(/^listening on (.*):(\d+)$/);
      return { host, port: Number(port) };
    },
    async end(signal) {
      child.ref();
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}
