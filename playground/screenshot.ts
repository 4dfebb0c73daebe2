import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startShow } from './cast.ts';
import { launchChromium } from './chromium.ts';
import { png } from './kubeez/media.ts';
import { serveWeb } from './web/server.ts';

/** `npm run screenshot`: plays on the page and takes the README's picture of it. */
const target = 'docs/playground.png';
const show = await startShow(10);
const web = await serveWeb(show, 0);
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1180, height: 820 } });
await page.goto(web.address);

async function command(name: string, values: Record<string, string>, file?: string): Promise<void> {
  await page.fill('[aria-label=Message]', `/${name}`);
  await page.press('[aria-label=Message]', 'Enter');
  for (const [option, value] of Object.entries(values)) {
    if (option !== 'prompt') await page.click(`[data-add=${option}]`);
    await page.fill(`[name=option-${option}]`, value);
  }
  if (file) {
    await page.click('[data-add=image]');
    await page.setInputFiles('[name=option-image]', file);
  }
  await page.click('.send');
}

await command('image', { prompt: 'a fox in snow, soft morning light', model: 'nano-banana', aspect: '21:9' });
await page.click('[data-button^=Confirm]');
await page.locator('discord-image-attachment').first().waitFor();
const photo = join(tmpdir(), 'photo.png');
writeFileSync(photo, await png({ prompt: 'photo', seed: 3, width: 640, height: 360 }));
await command('animate', { prompt: 'the camera moves in slowly', model: 'kling-3-0-std', duration: '5s' }, photo);
await page.locator('[data-button^=Confirm]').waitFor();
await page.waitForTimeout(500);
await page.screenshot({ path: target });
console.log(`Wrote ${target}`);
await browser.close();
await web.close();
await show.close();
process.exit(0);
