// People in front of a real Chromium, each in a browser context of their own.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  // Where the loopback is the only network there are no candidates else.
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
];
const PATIENCE_MS = 60_000;
const pictures = fileURLToPath(new URL('./results/', import.meta.url));

/** The browser of the tests. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Starts one, with further flags; another file may stand before the browser. */
export function launch(flags = [], executablePath = CHROMIUM) {
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}

/** Somebody who opens the page at `url`. */
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 720 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.goto(url);
  return new Person(page, context, errors);
}

export class Person {
  constructor(page, context, errors) {
    this.page = page;
    this.context = context;
    this.errors = errors;
  }

  control(name) {
    return this.page.getByTestId(name);
  }

  /** Starts a video chat, or a text chat. */
  async start(mode = 'video') {
    await this.control(`mode-${mode}`).check({ force: true });
    await this.control('start').click();
  }

  /** Waits until the page shows a screen. */
  async screen(name) {
    await this.page.locator(`[data-screen="${name}"]`).waitFor();
  }

  async room() {
    await this.screen('call');
    return this.control('call').getAttribute('data-room');
  }

  /** Waits until a room other than `old` is shown. */
  async roomAfter(old) {
    await this.page.waitForFunction((before) => {
      const call = document.querySelector('[data-testid="call"]');
      return call !== null && call.getAttribute('data-room') !== before;
    }, old);
    return this.room();
  }

  stats() {
    return this.page.evaluate(() => window.passerby.stats());
  }

  /** Waits until a number of the call's statistics is more than `than`. */
  async grows(name, than = 0) {
    return until(async () => {
      const value = (await this.stats())[name];
      return value > than ? value : undefined;
    }, `${name} to pass ${than}`);
  }

  async say(text) {
    await this.control('chat-input').fill(text);
    await this.control('chat-send').click();
  }

  async reads(text) {
    await this.control('chat-log').getByText(text, { exact: true }).waitFor();
  }

  /** Skips to somebody new, confirming where the page asks for it. */
  async next() {
    await this.control('next').click();
  }

  picture(name) {
    return mkdir(pictures, { recursive: true }).then(() =>
      this.page.screenshot({ path: `${pictures}${name}.png` }),
    );
  }

  leave() {
    return this.context.close();
  }
}

/** Waits until `look` returns something; `what` is what it waits for. */
export async function until(look, what) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until each of them sees more of the other's pictures. */
export async function picturesMove(...people) {
  for (const person of people) {
    const frames = await person.grows('framesDecoded');
    await person.grows('framesDecoded', frames + 10);
  }
}
