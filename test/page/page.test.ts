import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasChromium, launchChromium } from '../../playground/chromium.ts';
import { freePort } from '../../playground/freePort.ts';
import { pictureFile } from '../../playground/props.ts';
import { serveWeb } from '../../playground/web/server.ts';
import { useStage } from '../stage.ts';
import { audit, auditThemes, widest } from './audit.ts';

const stage = useStage();
let browser: Browser;
let page: Page;
let closeWeb: () => Promise<void>;
const problems: string[] = [];
const outside: string[] = [];

beforeAll(async () => {
  if (hasChromium) browser = await launchChromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  if (!hasChromium) return;
  const http = String(await freePort());
  const accounts = { STATE_KEY: randomBytes(32).toString('base64'), HTTP_PORT: http };
  await stage.startBot({ ...accounts, PUBLIC_URL: `http://127.0.0.1:${http}` });
  const web = await serveWeb(stage, 0);
  closeWeb = web.close;
  page = await (await browser.newContext()).newPage();
  // Says which step did not happen, before the test as a whole runs out of time.
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url())) outside.push(request.url());
  });
  await page.goto(web.address);
});
afterEach(async () => {
  if (!hasChromium) return;
  await page.context().close();
  await closeWeb();
  expect(problems.splice(0)).toEqual([]);
  expect(outside.splice(0)).toEqual([]);
});

/** What the page shows; what it says to screen readers is outside. */
const shown = (text: string | RegExp) => page.locator('#app').getByText(text);
const place = (kind: string) => page.locator(`[data-place=${kind}]`).first().click();
const button = (label: string) => page.locator(`[data-button^="${label}"]`);

/** Goes on with Tab until something with this name has the focus. */
async function tabTo(name: string): Promise<void> {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  for (let tries = 0; tries < 12; tries += 1) {
    await page.keyboard.press('Tab');
    if ((await focused()).startsWith(name)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

// Needs a browser: Debian's package chromium, or CHROMIUM_PATH.
test.skipIf(!hasChromium)('on the page: /edit, the link from the DM, an upload, Confirm, the result', async () => {
  await page.fill('[aria-label=Message]', '/ed');
  await page.press('[aria-label=Message]', 'Enter');
  await page.fill('[name=option-prompt]', 'make it night');
  await page.click('[data-add=model]');
  await page.fill('[name=option-model]', 'qwen');
  await page.click('[data-choice=qwen-image-to-image]');
  await page.click('.send');
  await shown('The upload link is in your DMs').waitFor();

  await place('dm');
  const link = page.locator('article .body a[href*="/upload/"]');
  const [upload] = await Promise.all([page.waitForEvent('popup'), link.click()]);
  const file = join(tmpdir(), 'kubeez-test-cat.png');
  writeFileSync(file, await pictureFile());
  await upload.setInputFiles('#pick', file);
  await upload.getByLabel('Remove kubeez-test-cat.png').waitFor();
  await upload.close();

  await place('channel');
  await button('Confirm · 10 credits').click();
  const image = page.locator('figure.picture img');
  await image.waitFor();
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(100);
  expect(await image.getAttribute('alt')).toBe('make it night');
  await shown(/10 credits · \d+ s · seed/).waitFor();
});

test.skipIf(!hasChromium)(
  'on the page, by keyboard alone: /image, Confirm, the result, Again, a form; axe finds nothing on the way, in either theme',
  async () => {
    stage.guild.admins.add(stage.ada.user.id);
    await page.reload();
    const { keyboard } = page;
    const isInMessage = () => page.evaluate(() => document.activeElement?.closest('article') !== null);
    await shown('Nothing here yet').waitFor();
    expect(await auditThemes(page)).toEqual([]);
    await keyboard.type('/image a fox in snow model:nano-banana');
    await keyboard.press('Enter');
    await button('Confirm · 7 credits').waitFor();
    expect(await auditThemes(page)).toEqual([]);
    await keyboard.press('ArrowUp');
    await tabTo('Confirm');
    await keyboard.press('Enter');
    await page.locator('figure.picture').waitFor();
    await button('Again').waitFor();
    // The button that had the focus is gone: its card has it now, and what happened is said.
    await expect.poll(isInMessage).toBe(true);
    await expect.poll(() => page.locator('#announcer').innerText()).toContain('✅ 7 credits');
    expect(await auditThemes(page)).toEqual([]);
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    await page.locator('[data-menu]').focus();
    for (const key of ['Enter', 'ArrowDown', 'ArrowDown']) await keyboard.press(key);
    expect(await focused()).toBe('Animate image');
    await keyboard.press('Escape');
    expect(await page.locator('details[open]').count()).toBe(0);
    expect(await focused()).toBe('⋯');
    await keyboard.press('Home');
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await widest(page)).toBeLessThanOrEqual(360);
    expect(await audit(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 720 });
    await tabTo('Again');
    await keyboard.press('Enter');
    await button('Confirm · 7 credits').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('ArrowUp');
    await tabTo('Edit prompt');
    await keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    expect(await auditThemes(page)).toEqual([]);
    await keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    expect(await isInMessage()).toBe(true);
    await tabTo('Edit prompt');
    await keyboard.press('Enter');
    await page.locator('dialog textarea').waitFor();
    await keyboard.press('Control+A');
    await keyboard.type('a cat in rain');
    await tabTo('Submit');
    await keyboard.press('Enter');
    await page.locator('.embed blockquote').getByText('a cat in rain').waitFor();
    await keyboard.type('/settings');
    await keyboard.press('Enter');
    await keyboard.press('Enter');
    const menu = page.locator('[data-select="settings:sections"]');
    await menu.waitFor();
    expect(await auditThemes(page)).toEqual([]);
    await keyboard.press('ArrowUp');
    await tabTo('What do you want to change?');
    // Arrows open it and move in it; nothing is picked before Enter.
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await keyboard.press(key);
    expect(await menu.inputValue()).toBe('');
    await keyboard.press('Enter');
    await button('◀ Back').waitFor();
    expect(await isInMessage()).toBe(true);
  },
);

test.skipIf(!hasChromium)(
  'on the page: required options, private answers, another person, a clip that plays',
  async () => {
    await page.fill('[aria-label=Message]', '/video');
    await page.press('[aria-label=Message]', 'Enter');
    await page.click('.send');
    await shown('prompt: this option is required').waitFor();
    await page.fill('[name=option-prompt]', 'a ship in fog');
    await page.click('[data-add=model]');
    await page.fill('[name=option-model]', 'grok');
    await page.click('[data-choice^=grok]');
    await page.click('.send');
    await button('Confirm').waitFor();

    await page.click('[data-person=Ben]');
    await button('Confirm').click();
    await shown('who started this, can press that').waitFor();
    await page.click('[data-person=Ada]');
    await expect.poll(() => shown('who started this, can press that').count()).toBe(0);

    await button('Confirm').click();
    const video = page.locator('figure.clip video');
    await video.waitFor();
    await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.duration)).toBeGreaterThan(3);
    expect(await video.evaluate((element: HTMLVideoElement) => element.error)).toBeNull();
  },
);

test.skipIf(!hasChromium)(
  'on the page: a form, songs that play, captions to open, a message’s menu, next steps',
  async () => {
    await page.fill('[aria-label=Message]', '/music');
    await page.press('[aria-label=Message]', 'Enter');
    await page.click('[data-add=custom]');
    await page.selectOption('[name=option-custom]', 'true');
    await page.click('.send');
    await page.fill('dialog [name=title]', 'Tin Roof');
    await page.fill('dialog [name=style]', 'slow folk');
    await page.selectOption('dialog [name=voice]', 'f');
    await page.fill('dialog [name=words]', 'Rain on the roof\nRain in my hair');
    await page.click('dialog .send');
    await button('Confirm · 19 credits').click();
    const audio = page.locator('figure.sound audio').first();
    await audio.waitFor({ state: 'attached' });
    await expect.poll(() => audio.evaluate((element: HTMLAudioElement) => element.duration)).toBeGreaterThan(3);
    await page.locator('figure.picture img').first().waitFor();

    await page.locator('[data-menu]').first().click();
    await page.locator('[data-entry="Edit image"]').first().click();
    await page.fill('dialog [name=prompt]', 'make it night');
    await page.click('dialog .send');
    await shown('Qwen').or(shown('P Image Edit')).first().waitFor();
    // The buttons move when the price is there.
    await button('Confirm').last().waitFor();
    await button('Cancel').last().click();
    await shown('Cancelled. Nothing was spent.').waitFor();

    await button('Separate').first().click();
    await page.locator('dialog select[name=file]').waitFor();
  },
);

test.skipIf(!hasChromium)(
  'on the page: /connect leads to Kubeez’s page in a new tab, and back to the bot’s',
  async () => {
    stage.guild.admins.add(stage.ada.user.id);
    await page.reload();
    await page.fill('[aria-label=Message]', '/connect');
    await page.press('[aria-label=Message]', 'Enter');
    await page.click('.send');
    const [tab] = await Promise.all([page.waitForEvent('popup'), button('Sign in with Kubeez').click()]);
    await tab.getByText('May this bot spend your credits?').waitFor();
    await tab.getByText('Yes').click();
    await tab.getByText('asked to connect it to the Discord server “Paper Moon Studio”').waitFor();
    await tab.getByRole('button', { name: 'Connect', exact: true }).click();
    await tab.getByText('now pays with this Kubeez account. It has 1,000 credits.').waitFor();
  },
);

test.skipIf(!hasChromium)(
  'on the page: a manager sets who can make what, and it holds for another person',
  async () => {
    stage.guild.admins.add(stage.ada.user.id);
    stage.discord.world.addRole(stage.guild, 'Leads', [], [stage.ada.user]);
    await page.reload();
    const use = async (line: string) => {
      await page.fill('[aria-label=Message]', line);
      await page.press('[aria-label=Message]', 'Enter');
    };
    await use('/settings');
    await page.click('.send');
    await page.selectOption('[data-select="settings:sections"]', 'roles');
    await page.locator('[data-select="settings:roles"] summary').click();
    await page.getByLabel('Leads').first().check();
    await page.locator('[data-select="settings:roles"] button').click();
    await shown('Who can make something: @Leads').waitFor();
    await button('◀ Back').click();
    await page.selectOption('[data-select="settings:sections"]', 'video');
    await button('Default model').click();
    await page.fill('dialog [name=model]', 'Grok Text to Video 6s');
    await page.click('dialog .send');
    await shown('Default model of /video:').waitFor();
    await page.click('[data-person=Ben]');
    await use('/image a fox');
    await shown('Here only people with the role @Leads can make something. Nothing was spent.').waitFor();
  },
);

test.skipIf(!hasChromium)(
  'on the page: a person with German sees German commands and answers, the card stays English',
  async () => {
    await page.selectOption('[data-language]', 'de');
    await page.fill('[aria-label=Message]', '/');
    await page.getByText('Aus Text ein Bild erstellen').waitFor();
    await page.fill('[aria-label=Message]', '/bild ein Fuchs');
    await page.press('[aria-label=Message]', 'Enter');
    await button('Confirm ·').waitFor();
    await page.fill('[aria-label=Message]', '/guthaben');
    await page.press('[aria-label=Message]', 'Enter');
    await page.keyboard.press('Enter');
    await shown('übrig.').first().waitFor();
  },
);
