import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type APILabelComponent, Client, ComponentType, Events, REST, Routes, TextInputStyle } from 'discord.js';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasChromium, launchChromium } from '../../playground/chromium.ts';
import { easyRates } from '../../playground/discord/rates.ts';
import { pictureFile, song } from '../../playground/props.ts';
import { type Stage, startStage } from '../../playground/stage.ts';
import { serveWeb } from '../../playground/web/server.ts';
import { MovableClock } from '../clock.ts';
import { audit } from './audit.ts';

/** What the page shows and understands, with a bot that only repeats what it is told. */
let browser: Browser;
let stage: Stage;
let bot: Client;
let web: Awaited<ReturnType<typeof serveWeb>>;
const line = '[aria-label=Message]';

beforeAll(async () => {
  if (hasChromium) browser = await launchChromium();
});
afterAll(() => browser?.close());

const text = (name: string, rest: object = {}) => ({ type: 3, name, description: `The ${name}`, ...rest });
const commands = [
  {
    name: 'image',
    description: 'Makes a picture',
    options: [text('prompt', { required: true }), text('model', { autocomplete: true }), { ...text('seed'), type: 4 }],
  },
  { name: 'edit', description: 'Changes a picture', options: [{ ...text('image'), type: 11 }] },
  { name: 'form', description: 'Opens a form' },
  { name: 'connect', description: 'Connects an account', default_member_permissions: String(1n << 5n) },
];
const label = (name: string, component: APILabelComponent['component']): APILabelComponent => ({
  type: ComponentType.Label,
  label: name,
  description: 'x',
  component,
});
const components = [
  label('Title', { type: ComponentType.TextInput, custom_id: 'title', style: TextInputStyle.Short }),
  label('Lyrics', { type: ComponentType.TextInput, custom_id: 'lyrics', style: TextInputStyle.Paragraph }),
  label('Voice', { type: ComponentType.StringSelect, custom_id: 'voice', options: [{ label: 'Any', value: 'any' }] }),
];

beforeEach(async () => {
  if (!hasChromium) return;
  stage = await startStage({ clock: new MovableClock(), rates: easyRates, stateUrl: 'sqlite:unused' });
  const rest = new REST({ api: stage.discord.apiUrl }).setToken(stage.discord.token);
  await rest.put(Routes.applicationCommands(stage.discord.world.bot.id), { body: commands });
  bot = new Client({ intents: [], rest: { api: stage.discord.apiUrl } });
  bot.on(Events.Error, () => {});
  bot.on(Events.InteractionCreate, async (interaction) => {
    if (interaction.isAutocomplete())
      await interaction.respond(['flux', 'nano', 'qwen'].map((name) => ({ name: `Model ${name}`, value: name })));
    if (!interaction.isChatInputCommand()) return;
    if (interaction.commandName === 'form')
      return interaction.showModal({ title: 'Song', custom_id: 'song', components });
    const said = interaction.options.data.map(({ name, value }) => `${name}=${value}`);
    await interaction.reply(`Heard ${interaction.commandName} ${said.join(' ')}`);
  });
  await bot.login(stage.discord.token);
  web = await serveWeb(stage, 0);
});
afterEach(async () => {
  if (!hasChromium) return;
  for (const context of browser.contexts()) await context.close();
  await bot.destroy();
  await web.close();
  await stage.close();
});

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(web.address);
  await page.locator(line).waitFor();
  return page;
}

const post = (body: object, files: { name: string; data: Buffer }[] = []) =>
  new REST({ api: stage.discord.apiUrl })
    .setToken(stage.discord.token)
    .post(Routes.channelMessages(stage.channel.id), { body, files });

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute('name') ?? activeElement?.getAttribute('aria-label') ?? activeElement?.tagName;
  });

/** A message with everything in it. */
async function postAll(): Promise<void> {
  const button = (style: number) => ({ type: 2, style, label: `Style ${style}`, custom_id: `${style}` });
  const content = `# Big\n-# small <https://kubeez.com/a_b>\n- one\n> **quoted** \`code\` ||secret|| <@${stage.ada.user.id}> <t:1700000000:R>\n~~gone~~ my\\_name [link](https://kubeez.com)`;
  const embed = {
    title: 'A \\*fox\\* in snow',
    description: `-# small\n**bold** ${content}`,
    footer: { text: '#abc' },
    fields: [{ name: 'Name', value: 'Value' }],
  };
  const row = { type: 1, components: [1, 2, 3, 4].map(button) };
  await post({ content, embeds: [embed], components: [row] }, [
    { name: 'my.song.v2.mp3', data: song(1) },
    { name: 'SPOILER_fox.png', data: await pictureFile() },
    { name: 'captions.srt', data: Buffer.from('1') },
  ]);
}

test.skipIf(!hasChromium)('Markdown is shown as Discord shows it, and no mark is left over', async () => {
  const page = await open();
  await postAll();
  const body = page.locator('article .body').first();
  await body.locator('.heading').first().getByText('Big').waitFor();
  expect(await body.locator('small.text').first().innerText()).toBe('small https://kubeez.com/a_b');
  expect(await body.locator('.embed-title').innerText()).toBe('A *fox* in snow');
  expect(await body.locator('.embed small.text').first().innerText()).toBe('small');
  expect(await body.locator('a[href="https://kubeez.com/a_b"]').first().innerText()).toBe('https://kubeez.com/a_b');
  const words = await body.innerText();
  expect(words).toContain('my_name');
  expect(words).toContain('@Ada');
  for (const mark of ['-#', '<http', '\\', '**', '||', '~~', '<t:', '<@']) expect(words).not.toContain(mark);
});

test.skipIf(!hasChromium)('a sound keeps the dots of its name; spoilers are hidden until somebody looks', async () => {
  const page = await open();
  await postAll();
  await page.getByText('my.song.v2.mp3').waitFor();
  expect(await page.locator('figure.picture').count()).toBe(0);
  await page.click('[data-spoiler="SPOILER_fox.png"]');
  await page.locator('figure.picture img').waitFor();
  const spoiler = page.locator('.spoiler').first();
  const isHidden = () => spoiler.locator('span').evaluate((one) => getComputedStyle(one).visibility === 'hidden');
  expect(await isHidden()).toBe(true);
  await spoiler.click();
  expect(await isHidden()).toBe(false);
});

test.skipIf(!hasChromium)('a file of 30 MB is refused in Discord’s words, at the limit of the place', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kubeez-test-')), 'film.png');
  writeFileSync(file, Buffer.alloc(30 * 1024 * 1024));
  const sendFile = async () => {
    const page = await open();
    await page.fill(line, '/edit');
    await page.press(line, 'Enter');
    await page.click('[data-add=image]');
    await page.setInputFiles('[name=option-image]', file);
    await page.click('.send');
    return page;
  };
  await (await sendFile()).getByText('Your files are too powerful. Max file size: 10 MB.').waitFor();
  stage.guild.fileLimit = 50 * 1024 * 1024;
  await (await sendFile()).getByText('Heard edit').waitFor();
});

test.skipIf(!hasChromium)('commands for managers are shown to managers alone', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  const page = await open();
  await page.fill(line, '/con');
  await page.locator('[data-command=connect]').waitFor();
  await page.click('[data-person=Ben]');
  await page.fill(line, '/');
  await page.locator('[data-command=image]').waitFor();
  expect(await page.locator('[data-command=connect]').count()).toBe(0);
});

test.skipIf(!hasChromium)('“/image a fox” and Enter sends it; what is missing or unknown is said', async () => {
  const page = await open();
  await page.fill(line, '/image a fox in snow model:flux seed:7');
  await page.press(line, 'Enter');
  await page.getByText('Heard image prompt=a fox in snow model=flux seed=7').waitFor();
  expect(await focused(page)).toBe('Message');
  await page.fill(line, '/imagine a fox');
  await page.press(line, 'Enter');
  await page.getByText('There is no command /imagine.').waitFor();
  await page.fill(line, '/image model:flux');
  await page.press(line, 'Enter');
  await page.getByText('prompt: this option is required').waitFor();
  expect(await focused(page)).toBe('option-prompt');
  await page.keyboard.type('a cat');
  await page.keyboard.press('Enter');
  await page.getByText('Heard image prompt=a cat model=flux').waitFor();
});

test.skipIf(!hasChromium)('with the keyboard alone: lists obey arrows, Enter and Escape, focus goes on', async () => {
  const page = await open();
  const active = () => page.locator('[role=option][aria-selected=true]').innerText();
  const keys = async (...names: string[]) => {
    for (const name of names) await page.keyboard.press(name);
  };
  await page.locator(line).focus();
  await page.keyboard.type('/');
  await page.locator('[role=listbox]').waitFor();
  expect(await active()).toContain('/image');
  await keys('ArrowDown');
  expect(await active()).toContain('/edit');
  const id = await page.locator(line).getAttribute('aria-activedescendant');
  expect(await page.locator(`[id="${id}"]`).innerText()).toContain('/edit');
  await keys('ArrowUp', 'ArrowUp', 'ArrowDown');
  expect(await active()).toContain('/image');
  await keys('Escape');
  expect(await page.locator('[role=listbox]').count()).toBe(0);
  expect(await focused(page)).toBe('Message');
  await page.keyboard.type('im');
  await keys('Enter');
  expect(await focused(page)).toBe('option-prompt');
  await page.keyboard.type('a fox');
  await page.locator('[data-add=model]').focus();
  await keys('Enter');
  expect(await focused(page)).toBe('option-model');
  await page.locator('[role=option]').first().waitFor();
  await keys('ArrowDown', 'Enter');
  expect(await page.locator('[name=option-model]').inputValue()).toBe('nano');
  await keys('Enter');
  await page.getByText('Heard image prompt=a fox model=nano').waitFor();
  await page.keyboard.type('/image');
  await keys('Enter');
  expect(await focused(page)).toBe('option-prompt');
  await keys('Escape');
  expect(await focused(page)).toBe('Message');
});

test.skipIf(!hasChromium).each(['dark', 'light'] as const)(
  'in %s: every field and list has a name, and every text can be read',
  async (colorScheme) => {
    const page = await open({ colorScheme });
    await postAll();
    await page.getByText('my.song.v2.mp3').waitFor();
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(49, 51, 56)');
    await page.locator('.spoiler').first().click();
    await page.fill(line, '/');
    await page.locator('[role=listbox]').waitFor();
    expect(await audit(page)).toEqual([]);
    await page.fill(line, '/image');
    await page.press(line, 'Enter');
    await page.click('[data-add=model]');
    await page.locator('[role=option]').first().waitFor();
    expect(await audit(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.click('.send');
    await page.locator('.problem').waitFor();
    expect(await audit(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.fill(line, '/form ');
    await page.press(line, 'Enter');
    await page.locator('dialog').waitFor();
    expect(await audit(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.click('[data-theme-switch]');
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(background);
    expect(await audit(page)).toEqual([]);
  },
);

test.skipIf(!hasChromium)('on a screen of 360 pixels nothing sticks out', async () => {
  const page = await open({ viewport: { width: 360, height: 740 } });
  await postAll();
  await page.getByText('my.song.v2.mp3').waitFor();
  await post({ content: `${'x'.repeat(300)} https://kubeez.com/${'a'.repeat(200)}` });
  await page.getByText('xxx').waitFor();
  const widest = () =>
    page.evaluate(() =>
      Math.max(
        ...[...document.querySelectorAll('body, body *')]
          .filter((one) => !one.closest('pre') && one.checkVisibility())
          .map((one) => one.getBoundingClientRect().right),
      ),
    );
  await page.fill(line, '/');
  await page.locator('[role=listbox]').waitFor();
  expect(await widest()).toBeLessThanOrEqual(360);
  await page.fill(line, '/image');
  await page.press(line, 'Enter');
  await page.click('[data-add=model]');
  await page.locator('[role=option]').first().waitFor();
  expect(await widest()).toBeLessThanOrEqual(360);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.fill(line, '/form ');
  await page.press(line, 'Enter');
  await page.locator('dialog').waitFor();
  expect(await widest()).toBeLessThanOrEqual(360);
});

test.skipIf(!hasChromium)(
  'the page says when the bot or the playground is gone, and comes back by itself',
  async () => {
    const page = await open();
    const state = (name: string) => page.locator(`[data-state=${name}]`).waitFor();
    await state('online');
    await bot.destroy();
    await state('offline');
    const port = Number(new URL(web.address).port);
    await web.close();
    await state('unreachable');
    web = await serveWeb(stage, port);
    await state('offline');
  },
);

test.skipIf(!hasChromium).each(['dark', 'light'] as const)(
  'the upload page in %s: its box holds its text, its fields have names',
  async (colorScheme) => {
    const { platform } = stage.kubeez;
    const { token } = platform.openUpload('nano-banana-edit');
    const page = await (await browser.newContext({ colorScheme, viewport: { width: 360, height: 640 } })).newPage();
    await page.goto(`${platform.origin}/upload/${token}`);
    await page.locator('#need').getByText('takes').waitFor();
    const boxes = await page.evaluate(() =>
      ['#need', '#drop', '#problem'].map((one) => document.querySelector(one)?.getBoundingClientRect().toJSON()),
    );
    const [need, drop, problem] = boxes;
    expect(drop.top).toBeGreaterThanOrEqual(need.bottom);
    expect(problem.top).toBeGreaterThanOrEqual(drop.bottom);
    const text = await page.evaluate(() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector('#drop') ?? document.body);
      return range.getBoundingClientRect().toJSON();
    });
    expect(text.top).toBeGreaterThan(drop.top + 10);
    expect(text.bottom).toBeLessThan(drop.bottom - 10);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pick');
    const file = { name: `${'long-'.repeat(30)}.png`, mimeType: 'image/png', buffer: await pictureFile() };
    await page.setInputFiles('#pick', file);
    await page.getByText('long-long').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await audit(page)).toEqual([]);
  },
);
