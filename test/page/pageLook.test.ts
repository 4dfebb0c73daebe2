import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type APILabelComponent, Client, ComponentType, Events, REST, Routes, TextInputStyle } from 'discord.js';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { hasChromium, launchChromium } from '../../playground/chromium.ts';
import { easyRates } from '../../playground/discord/rates.ts';
import { pictureFile, song } from '../../playground/props.ts';
import { type Stage, startStage } from '../../playground/stage.ts';
import { serveWeb } from '../../playground/web/server.ts';
import { MovableClock } from '../clock.ts';
import { audit, auditThemes, widest } from './audit.ts';

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

/** What the page shows; what it says to screen readers is outside. */
const shown = (page: Page, text: string) => page.locator('#app').getByText(text);

const post = (body: object, files: { name: string; data: Buffer }[] = []) =>
  new REST({ api: stage.discord.apiUrl })
    .setToken(stage.discord.token)
    .post(Routes.channelMessages(stage.channel.id), { body, files });

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute('name') ?? activeElement?.getAttribute('aria-label') ?? activeElement?.tagName;
  });

const messageSchema = z.object({ id: z.string() });

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
  await shown(page, 'my.song.v2.mp3').waitFor();
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
  await shown(await sendFile(), 'Your files are too powerful. Max file size: 10 MB.').waitFor();
  stage.guild.fileLimit = 50 * 1024 * 1024;
  await shown(await sendFile(), 'Heard edit').waitFor();
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
  await shown(page, 'Heard image prompt=a fox in snow model=flux seed=7').waitFor();
  expect(await focused(page)).toBe('Message');
  await page.fill(line, '/imagine a fox');
  await page.press(line, 'Enter');
  await shown(page, 'There is no command /imagine.').waitFor();
  await page.fill(line, '/image model:flux');
  await page.press(line, 'Enter');
  await shown(page, 'prompt: this option is required').waitFor();
  expect(await focused(page)).toBe('option-prompt');
  await page.keyboard.type('a cat');
  await page.keyboard.press('Enter');
  await shown(page, 'Heard image prompt=a cat model=flux').waitFor();
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
  await shown(page, 'Heard image prompt=a fox model=nano').waitFor();
  await page.keyboard.type('/image');
  await keys('Enter');
  expect(await focused(page)).toBe('option-prompt');
  await keys('Escape');
  expect(await focused(page)).toBe('Message');
});

test.skipIf(!hasChromium)('axe finds nothing in either theme; the theme that is chosen is kept', async () => {
  const page = await open({ colorScheme: 'dark' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe('rgb(49, 51, 56)');
  await postAll();
  await shown(page, 'my.song.v2.mp3').waitFor();
  await page.locator('.spoiler').first().click();
  await page.fill(line, '/');
  await page.locator('[role=listbox]').waitFor();
  expect(await auditThemes(page)).toEqual([]);
  await page.fill(line, '/image');
  await page.press(line, 'Enter');
  await page.click('.send');
  await page.locator('.problem').waitFor();
  await page.click('[data-add=model]');
  await page.locator('[role=option]').first().waitFor();
  expect(await auditThemes(page)).toEqual([]);
  await page.click('[data-theme-switch]');
  expect(await background()).toBe('rgb(255, 255, 255)');
  await page.reload();
  await page.locator(line).waitFor();
  expect(await background()).toBe('rgb(255, 255, 255)');
});

test.skipIf(!hasChromium)(
  'on a screen of 360 pixels nothing sticks out or is too small, and places are one press away',
  async () => {
    const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
    const isUsable = async () => {
      expect(await widest(page)).toBeLessThanOrEqual(360);
      expect(await audit(page)).toEqual([]);
    };
    await postAll();
    await shown(page, 'my.song.v2.mp3').waitFor();
    await post({ content: `${'x'.repeat(300)} https://kubeez.com/${'a'.repeat(200)}` });
    await shown(page, 'xxx').waitFor();
    await page.fill(line, '/');
    await page.locator('[role=listbox]').waitFor();
    await isUsable();
    await page.fill(line, '/image');
    await page.press(line, 'Enter');
    await page.click('[data-add=model]');
    await page.locator('[role=option]').first().waitFor();
    await isUsable();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.fill(line, '/form ');
    await page.press(line, 'Enter');
    await page.locator('dialog').waitFor();
    await isUsable();
    await page.keyboard.press('Escape');
    await page.tap('.burger');
    await page.locator('nav.open').waitFor();
    await isUsable();
    await page.tap('[data-place=thread]');
    await page.locator('h1').getByText('poster ideas').waitFor();
    expect(await page.locator('nav').isVisible()).toBe(false);
  },
);

test.skipIf(!hasChromium)('pictures stand side by side; one is looked at large, and its neighbours too', async () => {
  const page = await open();
  const picture = await pictureFile();
  const names = Array.from({ length: 10 }, (_, index) => `${index === 4 ? 'SPOILER_' : ''}p${index + 1}.png`);
  await post(
    { content: 'ten' },
    names.map((name) => ({ name, data: picture })),
  );
  const tiles = page.locator('.tiles .picture button');
  await tiles.first().waitFor();
  expect(await tiles.count()).toBe(9);
  const sizes = await page
    .locator('.tiles > *')
    .evaluateAll((all) => all.map((one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().width]));
  expect(new Set(sizes.map(([top = 0]) => Math.round(top))).size).toBe(4);
  expect(sizes[0]?.[1]).toBeGreaterThan(2.9 * (sizes[1]?.[1] ?? 0));
  await tiles.nth(3).focus();
  await page.keyboard.press('Enter');
  const title = page.locator('.viewer p');
  await title.getByText('4 of 9 · p4.png').waitFor();
  expect(await auditThemes(page)).toEqual([]);
  await page.keyboard.press('ArrowRight');
  // The fifth is a spoiler that nobody has uncovered.
  await title.getByText('5 of 9 · p6.png').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.viewer').count()).toBe(0);
  expect(await focused(page)).toBe('Enlarge picture: p4.png');
  await page.locator('[data-spoiler="SPOILER_p5.png"]').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => tiles.count()).toBe(10);
  // The button is gone: its message has the focus.
  expect(await focused(page)).toContain('Kubeez: ten');
});

test.skipIf(!hasChromium)(
  'a reply leads to what it answers, a link to its message, a mention to its channel; what is new has a line above it',
  async () => {
    const page = await open();
    const answer = await post({ content: 'the first words' });
    const { id } = messageSchema.parse(answer);
    for (let index = 0; index < 30; index += 1) await post({ content: `words ${index}` });
    const link = `https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${id}`;
    await post({ content: 'an answer', message_reference: { message_id: id } });
    await post({ content: `[back](${link}) <#${stage.thread.id}>` });
    const first = page.locator(`article[data-id="${id}"]`);
    const isFocused = () => first.evaluate((one) => one === document.activeElement);
    for (const leads of ['[data-reply]', '.body a']) {
      await page.locator(leads).last().click();
      await expect.poll(isFocused).toBe(true);
      expect(await first.isVisible()).toBe(true);
      await page.click('.to-end');
    }
    await page.locator('button.mention').click();
    await page.locator('h1').getByText('poster ideas').waitFor();
    expect(await page.locator('.new-line').count()).toBe(0);
    await post({ content: 'something new' });
    await page.locator('.unread').getByText('moodboard').click();
    await page.locator('.new-line').waitFor();
    expect(await page.locator('.new-line + article').innerText()).toContain('something new');
    stage.discord.world.messages.delete(id);
    await post({ content: 'more' });
    await shown(page, 'Original message was deleted').waitFor();
  },
);

test.skipIf(!hasChromium)(
  'arrows move through messages, Tab stops at one of them, and what arrives is said once',
  async () => {
    const page = await open();
    await postAll();
    await post({ content: 'second' });
    await post({ content: 'third <t:1700000000:R>' });
    await shown(page, 'third').waitFor();
    const said = page.locator('#announcer');
    await expect.poll(() => said.innerText()).toMatch(/Kubeez: third$/);
    expect(await said.innerText()).not.toContain('secret');
    const label = async () => (await focused(page))?.split(': ')[1];
    await page.locator(line).focus();
    await page.keyboard.press('ArrowUp');
    expect(await label()).toBe('third');
    await page.keyboard.press('ArrowUp');
    expect(await label()).toBe('second');
    await page.keyboard.press('Tab');
    // Nothing in it can be pressed: the line is next, with the button before it.
    expect(await focused(page)).toBe('Show the commands');
    await page.keyboard.press('Shift+Tab');
    expect(await label()).toBe('second');
    await page.keyboard.press('Home');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('https://kubeez.com/a_b');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('Message');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.type('/im');
    expect(await page.inputValue(line)).toBe('/im');
    await page.keyboard.press('Escape');
    await page.locator('[data-place=channel]').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('h1').getByText('poster ideas').waitFor();
  },
);

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

test.skipIf(!hasChromium)(
  'the upload page holds its text at 360 pixels, axe finds nothing in either theme, the keyboard is enough',
  async () => {
    const { platform } = stage.kubeez;
    const { token } = platform.openUpload('nano-banana-edit');
    const page = await (await browser.newContext({ viewport: { width: 360, height: 640 } })).newPage();
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
    const focus = () => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.id);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focus()).toBe('pick');
    const buffer = await pictureFile();
    const long = `${'long-'.repeat(30)}.png`;
    await page.setInputFiles(
      '#pick',
      [long, 'second.png'].map((name) => ({ name, mimeType: 'image/png', buffer })),
    );
    const said = page.locator('#said');
    await said.getByText('second.png is uploaded.').waitFor();
    expect(await widest(page)).toBeLessThanOrEqual(360);
    expect(await auditThemes(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await said.getByText(`${long} is removed.`).waitFor();
    expect(await focus()).toBe('Remove second.png');
    await page.keyboard.press('Enter');
    await said.getByText('second.png is removed.').waitFor();
    expect(await focus()).toBe('pick');
  },
);
