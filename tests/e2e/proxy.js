// A wire between a page and the server, which can be cut and mended.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Stands in front of `port`. */
export async function startProxy(port) {
  const open = new Set();
  let passes = true;
  const proxy = createServer((client) => {
    if (!passes) {
      client.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://localhost:${proxy.address().port}/`,
    /** Breaks every connection; none is made until `mend`. */
    cut() {
      passes = false;
      for (const socket of open) socket.destroy();
    },
    mend() {
      passes = true;
    },
    async stop() {
      this.cut();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
