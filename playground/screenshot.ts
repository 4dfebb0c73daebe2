import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import { startShow } from './cast.ts';
import { launchChromium } from './chromium.ts';
import { buttonsOf } from './discord/person.ts';
import { clip, pictureFile, song } from './props.ts';
import { serveWeb } from './web/server.ts';

/** `npm run screenshot`: plays on the page and takes the pictures of README and the docs. */
const show = await startShow(10);
// The bot is a process of its own: nothing that goes wrong here may leave it behind.
process.on('exit', () => show.kill());
const web = await serveWeb(show, 0, show);
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1180, height: 820 }, colorScheme: 'dark' });
// The longest that a job takes here is half a minute.
page.setDefaultTimeout(60_000);
await page.goto(web.address);

const folder = 'docs/pictures';
mkdirSync(folder, { recursive: true });

/** Few colours keep the repository small: of these qualities, the best whose file is not large. */
const qualities = [90, 75, 60, 50, 40];
const largeFile = 58_000;

/** Takes a picture of the page, or of a part of one, in dark and in light colours. */
async function shot(name: string, part?: Locator): Promise<void> {
  const on = part?.page() ?? page;
  const taken = new Map<string, Buffer>();
  for (const [colorScheme, ending] of [['dark', ''] as const, ['light', '-light'] as const]) {
    await on.emulateMedia({ colorScheme });
    // What lies below the mouse looks different.
    await on.mouse.move(0, 0);
    await part?.scrollIntoViewIfNeeded();
    await on.waitForTimeout(1000);
    taken.set(`${folder}/${name}${ending}.png`, await (part ?? on).screenshot());
  }
  for (const [file, picture] of taken) {
    let small = picture;
    for (const quality of qualities) {
      small = await sharp(picture).png({ palette: true, quality, effort: 10, dither: 0 }).toBuffer();
      if (small.length < largeFile) break;
    }
    writeFileSync(file, small);
    console.log(`Wrote ${file}, ${Math.round(small.length / 1000)} kB`);
  }
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

const newest = page.locator('article.message').last();

/** Confirms the newest card, and gives it once it has that part of a result; below it somebody may be told of it. */
async function confirmed(part: string): Promise<Locator> {
  const confirm = newest.locator('[data-button^=Confirm]');
  await confirm.waitFor();
  const card = page.locator(`[data-id="${await newest.getAttribute('data-id')}"]`);
  await confirm.click();
  await card.locator(part).first().waitFor();
  return card;
}

await command('image', { prompt: 'a fox in snow, soft morning light', model: 'nano-banana', aspect: '21:9' });
await shot('picture', await confirmed('figure.picture'));
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

// A place for sound: songs with their covers, the captions of a film, a text that is spoken, and a song taken apart.
await page.click('[data-place=thread]');
await page.setViewportSize({ width: 1180, height: 1440 });
await command('music', { prompt: 'slow folk about rain on a tin roof' });
await confirmed('figure.sound');
const film = join(tmpdir(), 'interview.mp4');
writeFileSync(film, await clip(4, 'interview', { width: 320, height: 180 }));
await command('captions', {}, { file: film });
await confirmed('p.file');
await shot('sound');
await command('speech', { text: 'Welcome to Paper Moon. Mind the step, and look up.', voice: 'Hope', language: 'en' });
await shot('speech', await confirmed('figure.sound'));
const demo = join(tmpdir(), 'demo.mp3');
writeFileSync(demo, song(6, 'demo'));
await command('separate', {}, { file: demo });
await shot('separation', await confirmed('figure.sound'));

// An ad in three variants, and the page that an upload link leads to.
await page.click('[data-place=channel]:has-text("soundtracks")');
const reference = join(tmpdir(), 'reference.png');
writeFileSync(reference, await pictureFile('reference', { width: 640, height: 640 }));
await command('ad', { product: 'a lamp of paper, shaped like the moon', variants: '3' }, { reference });
await shot('ad', await confirmed('figure.picture'));
await command('edit', { prompt: 'put both in one room, by the window', model: 'nano-banana-edit' });
await page.locator('article', { hasText: 'The upload link is in your DMs' }).waitFor();
await page.click('[data-place=dm]');
const [upload] = await Promise.all([
  page.waitForEvent('popup'),
  page.locator('article .body a[href*="/upload/"]').click(),
]);
await upload.setInputFiles('#pick', [photo, reference]);
await upload.getByLabel('Remove reference.png').waitFor();
await shot('upload', upload.locator('main'));
await upload.close();

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
await page.setViewportSize({ width: 1180, height: 1400 });
await command('budget show', {});
await page.locator('figure.picture').first().waitFor();
// Alone it is small enough to keep the colours that tell the bars apart.
await shot('budget', messageWith('figure.picture'));

// The card of the settings, the list of what was made, and the help.
await command('settings', {});
await page.locator('[data-button^=Numbers]').waitFor();
await shot('settings', messageWith('[data-button^=Numbers]'));
await page.click('[data-place=channel]');
await command('history', {});
await page.locator('.embed-title:has-text("Made here")').last().waitFor();
await shot('history', newest);
await command('help', {});
await page.locator('.embed-title:has-text("How it works")').last().waitFor();
await shot('help', newest);

// A bot that was killed while its job ran, and what happened underneath.
await page.setViewportSize({ width: 1280, height: 740 });
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
