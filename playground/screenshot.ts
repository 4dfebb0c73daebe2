import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import { startShow } from './cast.ts';
import { launchChromium } from './chromium.ts';
import { buttonsOf } from './discord/person.ts';
import { clip, pictureFile } from './props.ts';
import { serveWeb } from './web/server.ts';

/** `npm run screenshot`: plays on the page and takes the pictures of README and the docs. */
const show = await startShow(10);
const web = await serveWeb(show, 0, show);
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1180, height: 820 }, colorScheme: 'dark' });
await page.goto(web.address);

const folder = 'docs/pictures';
mkdirSync(folder, { recursive: true });

/** Takes a picture of the page, or of a part of it, with few colours, so that the repository stays small. */
async function shot(name: string, part?: Locator): Promise<void> {
  await page.waitForTimeout(500);
  const taken = part ? await part.screenshot() : await page.screenshot();
  const small = await sharp(taken).png({ palette: true, quality: 40, effort: 10, dither: 0 }).toBuffer();
  writeFileSync(join(folder, `${name}.png`), small);
  console.log(`Wrote ${folder}/${name}.png, ${Math.round(small.length / 1000)} kB`);
}

async function command(name: string, values: Record<string, string>, files: Record<string, string> = {}) {
  await page.fill('[aria-label=Message]', `/${name}`);
  await page.press('[aria-label=Message]', 'Enter');
  for (const [option, value] of Object.entries(values)) {
    if (!(await page.isVisible(`[name=option-${option}]`))) await page.click(`[data-add=${option}]`);
    await page.fill(`[name=option-${option}]`, value);
  }
  for (const [option, file] of Object.entries(files)) {
    await page.click(`[data-add=${option}]`);
    await page.setInputFiles(`[name=option-${option}]`, file);
  }
  await page.click('.send');
}

/** The message that has something, without its neighbours. */
const messageWith = (part: string) => page.locator('article.message', { has: page.locator(part) }).last();

await command('image', { prompt: 'a fox in snow, soft morning light', model: 'nano-banana', aspect: '21:9' });
await page.click('[data-button^=Confirm]');
await page.locator('figure.picture').first().waitFor();
await shot('picture', messageWith('figure.picture'));
const photo = join(tmpdir(), 'photo.png');
writeFileSync(photo, await pictureFile('photo', { width: 640, height: 360 }));
await command(
  'animate',
  { prompt: 'the camera moves in slowly', model: 'kling-3-0-std', duration: '5s' },
  { image: photo },
);
await page.locator('[data-button^=Confirm]').waitFor();
await shot('clip', messageWith('[data-button^=Confirm]'));
await shot('playground');

// A channel for sound: songs with their covers, and the captions of a film.
await page.click('[data-place=thread]');
await page.setViewportSize({ width: 1180, height: 1640 });
await command('music', { prompt: 'slow folk about rain on a tin roof' });
await page.click('[data-button^=Confirm]');
await page.locator('figure.sound').first().waitFor();
const film = join(tmpdir(), 'interview.mp4');
writeFileSync(film, await clip(4, 'interview', { width: 320, height: 180 }));
await command('captions', {}, { file: film });
await page.click('[data-button^=Confirm]');
await page.locator('p.file').first().waitFor();
await shot('sound');

// What a lead sees: a request that waits for their answer, and what the month came to.
const { ada, ben, channel, discord, approvals, leads } = show;
await ada.command(channel, 'budget approval', { above: 50, approvers: leads.id, channel: approvals.id });
await ada.command(channel, 'budget set', { credits: 400, per: 'month', person: ben.user.id });
const asked = await ben.command(channel, 'video', { prompt: 'a lighthouse in a storm', model: 'kling-3-0-std' });
if (asked.type !== 'message') throw new Error('No card');
await discord.world.until(() => buttonsOf(asked.message)[0]?.label.startsWith('Confirm ·'), 'a price');
await ben.press(asked.message, 'Confirm');
await page.click('[data-place=channel]:has-text("approvals")');
await page.locator('[data-button^=Approve]').waitFor();
await shot('approval', messageWith('[data-button^=Approve]'));
await command('budget show', {});
await page.locator('figure.picture').first().waitFor();
await page.setViewportSize({ width: 1180, height: 1100 });
await shot('budget');

// The card of the settings, the list of what was made, and the help.
await command('settings', {});
await page.locator('[data-button^=Numbers]').waitFor();
await shot('settings', messageWith('[data-button^=Numbers]'));
await page.click('[data-place=channel]');
await command('history', {});
await page.locator('.embed-title:has-text("Made here")').last().waitFor();
await shot('history', page.locator('article.message').last());
await command('help', {});
await page.locator('.embed-title:has-text("How it works")').last().waitFor();
await shot('help', page.locator('article.message').last());

// The same in the light colours.
await page.emulateMedia({ colorScheme: 'light' });
await shot('help-light', page.locator('article.message').last());
await page.click('[data-place=channel]:has-text("approvals")');
await page.locator('[data-button^=Approve]').waitFor();
await shot('approval-light', messageWith('[data-button^=Approve]'));
await shot('settings-light', messageWith('[data-button^=Numbers]'));

// A bot that was killed while its job ran, and what happened underneath.
await page.emulateMedia({ colorScheme: 'dark' });
await page.setViewportSize({ width: 1280, height: 780 });
await page.click('[data-place=channel]:has-text("moodboard")');
await page.click('[data-panel=open]');
await page.click('[data-speed="1"]');
await command('image', { prompt: 'a heron in fog', model: 'nano-banana', aspect: '16:9' });
await page.locator('article').last().locator('[data-button^=Confirm]').click();
await page.locator('.flows > li:first-child[data-stage=running]').waitFor();
await page.click('[data-control=kill]');
await page.locator('[data-state=offline]').waitFor();
await shot('watch');
await browser.close();
await web.close();
await show.close();
process.exit(0);
