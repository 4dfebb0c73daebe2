import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startShow } from './cast.ts';
import { launchChromium } from './chromium.ts';
import { buttonsOf } from './discord/person.ts';
import { clip, pictureFile } from './props.ts';
import { serveWeb } from './web/server.ts';

/** `npm run screenshot`: plays on the page and takes the README's pictures of it. */
const show = await startShow(10);
const web = await serveWeb(show, 0, show);
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1180, height: 820 } });
await page.goto(web.address);

async function shot(target: string): Promise<void> {
  await page.waitForTimeout(500);
  await page.screenshot({ path: target });
  console.log(`Wrote ${target}`);
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

await command('image', { prompt: 'a fox in snow, soft morning light', model: 'nano-banana', aspect: '21:9' });
await page.click('[data-button^=Confirm]');
await page.locator('figure.picture').first().waitFor();
const photo = join(tmpdir(), 'photo.png');
writeFileSync(photo, await pictureFile('photo', { width: 640, height: 360 }));
await command(
  'animate',
  { prompt: 'the camera moves in slowly', model: 'kling-3-0-std', duration: '5s' },
  { image: photo },
);
await page.locator('[data-button^=Confirm]').waitFor();
await shot('docs/playground.png');

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
await shot('docs/results.png');

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
await command('budget show', {});
await page.locator('figure.picture').first().waitFor();
await page.setViewportSize({ width: 1180, height: 1100 });
await shot('docs/budget.png');
await browser.close();
await web.close();
await show.close();
process.exit(0);
