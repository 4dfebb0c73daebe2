import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Show, startShow } from '../../playground/cast.ts';
import { hasChromium, launchChromium } from '../../playground/chromium.ts';
import { serveWeb } from '../../playground/web/server.ts';
import { audit, auditThemes } from './audit.ts';

/** The panel beside the page, on the real bot as a process of its own: one page for all tests, in this order. */
let browser: Browser;
let show: Show;
let web: Awaited<ReturnType<typeof serveWeb>>;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  [browser, show] = await Promise.all([launchChromium(), startShow(40, 'documented', { KUBEEZ_POLL_SECONDS: '0.5' })]);
  web = await serveWeb(show, 0, show, null);
  page = await browser.newPage({ viewport: { width: 1300, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(patience);
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(web.address);
});
afterAll(async () => {
  await browser?.close();
  await web?.close();
  await show?.close();
  expect(problems).toEqual([]);
});

/** Milliseconds, also on a machine that does much else. */
const patience = 40_000;

const line = '[aria-label=Message]';
const card = () => page.locator('article').last();
const button = (label: string) => card().locator(`[data-button^="${label}"]`);
const control = (name: string) => page.locator(`[data-control=${name}]`);
const says = (text: string) => card().getByText(text).first().waitFor();
const reaches = (stage: string) => page.locator(`#panel .flows > li:first-child[data-stage=${stage}]`).waitFor();

const eventually = <Read>(read: () => Read | Promise<Read>) => expect.poll(read, { timeout: patience });

async function ask(words: string): Promise<void> {
  await page.fill(line, words);
  await page.press(line, 'Enter');
}

/** Presses what is reached by Tab, from where the focus is. */
async function tabTo(wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never comes to ${wanted}`);
}

// Needs a browser: Debian's package chromium, or CHROMIUM_PATH.
test.skipIf(!hasChromium)(
  'the tour by keyboard alone: a bot that is killed brings the picture to the same card, an answer that is lost costs nothing twice',
  async () => {
    const press = async (locator: Locator) => {
      await locator.waitFor();
      await locator.focus();
      await page.keyboard.press('Enter');
    };
    const tour = page.locator('[aria-labelledby=tour-title]');
    const next = async () => {
      await tour.getByText('✓ Done').waitFor();
      await tabTo(page.locator('[data-tour=next]'));
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('tour-title');
    };

    await tabTo(page.locator('[data-tour=start]'));
    await page.keyboard.press('Enter');
    await tour.getByText('Step 1 of 6').waitFor();
    await tabTo(page.locator('[data-tour=help]'));
    await page.keyboard.press('Enter');
    await eventually(() => page.inputValue(line)).toBe('/image a fox in snow');
    await page.keyboard.press('Enter');
    await button('Confirm').waitFor();
    await page.locator('#tour-title').focus();
    await next();

    await press(button('Confirm'));
    await reaches('running');
    const first = await card().getAttribute('data-id');
    const model = show.kubeez.platform;
    expect(model.settings.speed).toBe(0.2);
    await page.locator('#tour-title').focus();
    await next();

    await tabTo(page.locator('[data-tour=help]'));
    await page.keyboard.press('Enter');
    await control('start').getByText('it has ended').waitFor();
    await page.locator('#panel [role=status]').getByText('The bot was killed').waitFor();
    await page.locator('#panel .log').getByText('killed: it could save nothing any more').waitFor();
    await page.locator('[data-state=offline]').waitFor();
    await page.locator('#tour-title').focus();
    await next();
    await ask('/image a mouse');
    await page.getByText('The application did not respond.').waitFor();
    await page.locator('[aria-label="Leave /image"]').press('Enter');
    await press(control('start'));
    await page.locator('#panel [role=status]').getByText('The bot is back').waitFor();
    // The same button, which has the focus still.
    expect(await control('kill').evaluate((element) => element === document.activeElement)).toBe(true);
    await press(control('finish'));
    await says('✅');
    expect(await card().getAttribute('data-id')).toBe(first);
    expect(await card().locator('figure.picture img').count()).toBe(1);
    expect(model.jobs.size).toBe(1);
    await page.locator('#tour-title').focus();
    await next();

    await press(control('loseNext'));
    await eventually(() => control('loseNext').getAttribute('aria-pressed')).toBe('true');
    await page.locator(line).focus();
    await page.keyboard.type('/image an owl');
    await page.keyboard.press('Enter');
    await button('Confirm').waitFor();
    await press(button('Confirm'));
    await page.locator('#panel .log .paid').getByText('its answer was lost').waitFor();
    await eventually(() => control('loseNext').getAttribute('aria-pressed')).toBe('false');
    await eventually(() => control('finish').isEnabled()).toBe(true);
    await press(control('finish'));
    await reaches('delivered');
    await says('✅');
    expect(model.jobs.size).toBe(2);
    await page.locator('#tour-title').focus();
    await next();

    await tour.getByText('paid calls 2 · confirmed 2').waitFor();
    expect(await page.locator('[data-count=credits]').innerText()).toBe('credits taken 8 · confirmed 8');
    await tabTo(page.locator('[data-tour=leave]'));
    await page.keyboard.press('Enter');
    await eventually(() => tour.count()).toBe(0);
    await eventually(() => model.settings.speed).toBe(40);
    await page.locator('[data-tour=start]').getByText('again').waitFor();
    await page.locator('[data-tour=start]').press('Enter');
    await tour.waitFor();
    await page.keyboard.press('Escape');
    await eventually(() => tour.count()).toBe(0);
  },
  240_000,
);

test.skipIf(!hasChromium)(
  'an outage is said on the card and passes; a price that moved is asked for anew; with closed DMs the link comes privately; no secret is shown',
  async () => {
    await page.click('[data-speed="1"]');
    await ask('/image a hen');
    await button('Confirm').click();
    await reaches('running');
    const outage = await card().getAttribute('data-id');
    const failing = page.locator(`article[data-id="${outage}"]`);
    await control('outage').click();
    await control('outage').getByText('Kubeez is back in').waitFor();
    await page.click('[data-speed="10"]');
    await failing.getByText('Kubeez can’t be reached. I keep trying').waitFor();
    await control('outage').click();
    await page.locator('#panel [role=status]').getByText('Kubeez is back').waitFor();

    await ask('/image a cat');
    await button('Confirm · 4 credits').waitFor();
    await control('dearer').click();
    await button('Confirm · 4 credits').click();
    await says('The price changed from 4 to 5 credits. Nothing was spent.');
    await button('Confirm · 5 credits').waitFor();
    await button('Cancel').click();
    await says('Cancelled');
    await control('dearer').click();
    await eventually(() => control('dearer').getAttribute('aria-pressed')).toBe('false');

    await control('closeDms').click();
    await page.locator('#panel [role=status]').getByText('DMs are closed').waitFor();
    await ask('/edit make it night');
    await page.locator('article').getByText('I sent you the link privately').waitFor();
    const link = page.locator('article .body a[href*="/upload/"]');
    await link.waitFor();
    const [token = ''] = [...show.kubeez.platform.uploads.keys()];
    expect(await link.getAttribute('href')).toContain(token);
    await page.click('[data-person=Ben]');
    await eventually(() => control('closeDms').getAttribute('aria-pressed')).toBe('false');
    await page.click('[data-person=Ada]');
    await eventually(() => control('closeDms').getAttribute('aria-pressed')).toBe('true');

    await failing.getByText('✅').waitFor({ timeout: 2 * patience });
    await page.locator('[data-count=calls]').getByText('3').first().waitFor();
    expect(await page.locator('[data-count=calls]').innerText()).toBe('paid calls 3 · confirmed 3');
    expect(show.kubeez.platform.jobs.size).toBe(3);

    await page.locator('.everything input').check();
    await page.locator('#panel .log').getByText('get_upload_url').first().waitFor();
    const told = await everythingTold();
    expect(told).toContain('upload.link opened → private');
    for (const secret of [token, show.kubeez.token, show.discord.token, show.env.KUBEEZ_MCP_URL, 'http'])
      expect(told).not.toContain(secret);
    expect(await auditThemes(page)).toEqual([]);
  },
  240_000,
);

/** The first news that the page is sent: all that the panel has been told of. */
async function everythingTold(): Promise<string> {
  const answer = await fetch(`${web.address}/panel/news`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.endsWith('\n\n')) text += (await reader?.read())?.value ?? '\n\n';
  await reader?.cancel();
  return text;
}

test.skipIf(!hasChromium)(
  'a link replays a seed: the lines that the command tells, step by step, and the promises in the end',
  async () => {
    const command = promisify(execFile)('npm', ['run', '-s', 'simulate', '--', '--seed', '3614']);
    await page.goto(`${web.address}/#seed=3614`);
    await page.locator('[data-step=next]').waitFor({ timeout: 3 * patience });
    const { stdout } = await command;
    const [, , ...lines] = stdout.trimEnd().split('\n');
    const story = await page.locator('.story li').evaluateAll((all) => all.map(({ textContent }) => textContent));
    expect(story.length).toBeGreaterThan(50);
    expect(story).toEqual(lines.slice(0, -1));

    const which = page.locator('.steps span');
    await eventually(() => which.innerText()).toBe(`Step 1 of ${story.length}`);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    expect(await which.innerText()).toBe(`Step 3 of ${story.length}`);
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.replay .told').textContent()).toBe(lines[1]?.trim());
    expect(await page.locator('.now').innerText()).toContain('Process 1 runs.');
    await page.click('[data-step=play]');
    await eventually(() => which.innerText()).toBe(`Step 3 of ${story.length}`);
    await page.click('[data-step=play]');
    await page.click('[data-step=last]');
    // The last line of the command counts the same.
    const [, flows, paid] =
      /with (\d+) flows and (\d+) paid jobs in .+: 0 broke a promise$/.exec(stdout.trimEnd()) ?? [];
    await page.getByText(`✓ Every promise was kept: ${flows} flows, ${paid} paid jobs.`).waitFor();
    expect(await page.locator('[aria-label=Step]').inputValue()).toBe(String(story.length - 1));
    expect(await audit(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await eventually(() => page.locator('.replay').count()).toBe(0);
    expect(page.url()).toBe(`${web.address}/`);
  },
  240_000,
);
