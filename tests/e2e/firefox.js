// Somebody in front of a real Firefox.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import puppeteer from 'puppeteer-core';

import { until } from './browser.js';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
};

/** Opens the page at `url`. Beside the loopback there must be another network. */
export async function visitWithFirefox(url) {
  const home = mkdtempSync(join(tmpdir(), 'passerby-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
    env: { ...process.env, HOME: home },
  });
  const page = await browser.newPage();
  await page.goto(url);
  return new FirefoxPerson(page, async () => {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  });
}

class FirefoxPerson {
  constructor(page, leave) {
    this.page = page;
    this.leave = leave;
  }

  async click(name) {
    const control = await this.page.waitForSelector(`[data-testid="${name}"]`);
    await control.evaluate((element) => element.click());
  }

  async start() {
    await this.click('mode-video');
    await this.click('start');
  }

  async room() {
    const call = await this.page.waitForSelector('[data-testid="call"]', { timeout: 60_000 });
    return call.evaluate((element) => element.getAttribute('data-room'));
  }

  stats() {
    return this.page.evaluate(() => window.passerby.stats());
  }

  /** As that of a person in front of Chromium. */
  grows(name, than = 0) {
    return until(async () => {
      const value = (await this.stats())[name];
      return value > than ? value : undefined;
    }, `${name} to pass ${than} in Firefox`);
  }
}
