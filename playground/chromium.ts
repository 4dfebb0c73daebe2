import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian's packages put it: the one without a window of its own takes half the processor. */
const places = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
/** Another place can be named. */
const path = process.env.CHROMIUM_PATH ?? places.find(existsSync);

/** Whether there is a Chromium to look at the page with. */
export const hasChromium = path !== undefined && existsSync(path);

export function launchChromium(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ ...(path ? { executablePath: path } : {}), args });
}
