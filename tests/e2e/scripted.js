// The built page before a service that does what a test says: it is served under
// the strictest policy, its socket is scripted, and what it posts is kept.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { until, visit } from './browser.js';

const dist = fileURLToPath(new URL('../../web/dist', import.meta.url));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PASSED_ON = ['createOffer', 'createAnswer', 'addIceCandidate', 'chat', 'typing'];

export const ROOMS = [
  '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  '16fd2706-8baf-433b-82eb-8c7fada847da',
];
export const WELCOME = {
  type: 'welcome',
  session: '0b6f1a52-3d1e-4c8b-9a6e-5f2d7c4b8e10',
  resume: 'r1.dG9rZW4',
  resumed: false,
  online: 12,
  iceServers: [],
  graceMs: 15_000,
};

/** Serves the page; `api` answers requests under /api, as `{ status, headers, json }`. */
export async function serveScripted(api = () => ({ status: 404 })) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://host').pathname;
    if (path.startsWith('/api/')) {
      const { method, headers } = request;
      const chunks = await request.toArray();
      const heard = { method, path, headers, body: Buffer.concat(chunks) };
      requests.push(heard);
      const { status = 200, headers: more = {}, json } = api(heard);
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(json === undefined ? '' : JSON.stringify(json));
      return;
    }
    await file(path === '/' ? '/index.html' : path, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}/`,
    requests,
    /** Waits for so many requests whose path ends in `end`; gives the last of them. */
    request(method, end, count = 1) {
      const meant = (heard) => heard.method === method && heard.path.endsWith(end);
      return until(() => requests.filter(meant)[count - 1], `${method} ${end}`);
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function file(path, response) {
  try {
    const body = await readFile(dist + path);
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** The server's end of one page's sockets, the newest of which it speaks on. */
export class Line {
  heard = [];
  opened = 0;
  /** Hears what the page says as well. */
  partner = () => {};
  #socket = null;
  #seq = 0;

  take(socket, welcome) {
    this.#socket = socket;
    this.opened += 1;
    socket.onMessage((frame) => {
      const message = JSON.parse(frame);
      this.heard.push(message);
      this.partner(message);
    });
    this.says({ ...WELCOME, ...welcome });
  }

  says(message) {
    this.#socket.send(JSON.stringify(message));
  }

  /** Says one of the numbered messages. */
  tells(message) {
    this.#seq += 1;
    this.says({ seq: this.#seq, ...message });
  }

  matches(room, more = {}) {
    const seat = { role: 'answerer', mode: 'video', interests: [], iceServers: [] };
    this.tells({ type: 'matched', room, ...seat, private: false, ...more });
  }

  closes(code) {
    return this.#socket.close({ code });
  }

  /** Waits until the page has said `count` messages of a type; gives the last of them. */
  hears(type, count = 1) {
    return until(() => this.heard.filter((message) => message.type === type)[count - 1], type);
  }

  /** All that the page said, but for what is meant for the partner. */
  types() {
    return this.heard.map(({ type }) => type).filter((type) => !PASSED_ON.includes(type));
  }
}

/** Puts two pages into a room and passes on what they say there. */
export function pairLines(one, other, room) {
  const ways = [
    [one, other],
    [other, one],
  ];
  for (const [from, to] of ways) {
    from.partner = (message) => {
      if (message.room === room && PASSED_ON.includes(message.type)) to.tells(message);
    };
  }
  one.matches(room, { role: 'offerer' });
  other.matches(room, { role: 'answerer' });
}

/** Somebody before the page, and the server's end of their socket. */
export async function visitScripted(browser, url, options = {}) {
  const { welcome = {}, ...more } = options;
  const line = new Line();
  const person = await visit(browser, 'about:blank', more);
  const violations = [];
  await person.page.exposeFunction('violated', (what) => violations.push(what));
  await person.page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.violated(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await person.page.routeWebSocket(/\/ws$/, (socket) => line.take(socket, welcome));
  await person.page.goto(url);
  return { person, line, violations };
}
