// Two machines with a wire between them, as network namespaces. It takes root.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Addresses for documentation (RFC 5737): nobody has them. */
const SERVER = '198.51.100.1';
const HOME = '198.51.100.2';
const ELSEWHERE = '198.51.100.3';

export const mayMakeNetworks = process.getuid() === 0;

const ip = (...words) => execFileSync('ip', words);

/** The server's machine and one beside it. */
export function makeNetwork() {
  const id = process.pid.toString(36);
  const [here, away] = [`passerby-${id}-s`, `passerby-${id}-c`];
  const wires = { [here]: `p${id}s`, [away]: `p${id}c` };
  for (const machine of [here, away]) ip('netns', 'add', machine);
  ip('-n', here, 'link', 'add', wires[here], 'type', 'veth', 'peer', wires[away], 'netns', away);
  const move = (machine, to) => {
    ip('-n', machine, 'addr', 'add', `${to}/24`, 'dev', wires[machine]);
    ip('-n', machine, 'route', 'replace', 'default', 'dev', wires[machine]);
  };
  for (const machine of [here, away]) {
    for (const link of ['lo', wires[machine]]) ip('-n', machine, 'link', 'set', link, 'up');
  }
  move(here, SERVER);
  move(away, HOME);
  const folder = mkdtempSync(join(tmpdir(), 'passerby-network-'));
  return {
    host: SERVER,
    /** A command that runs another on the server's machine. */
    here: ['ip', 'netns', 'exec', here],
    /** Files that run `program` on either machine. */
    hereRuns: (program) => runner(folder, here, program),
    awayRuns: (program) => runner(folder, away, program),
    /** The machine beside the server's leaves its network for another address. */
    change() {
      ip('-n', away, 'addr', 'del', `${HOME}/24`, 'dev', wires[away]);
      move(away, ELSEWHERE);
    },
    remove() {
      for (const machine of [here, away]) ip('netns', 'del', machine);
      rmSync(folder, { recursive: true });
    },
  };
}

function runner(folder, machine, program) {
  const path = join(folder, machine);
  writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${machine} ${program} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
