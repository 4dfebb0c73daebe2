import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { pictureFile } from '../../playground/props.ts';
import { fitChoices } from '../../src/discord/choices.ts';
import { cut, isBlank, plain, sanitise, splitAt } from '../../src/text/cut.ts';
import { formOf, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** Turns the text behind it round, hides in it, or does both. */
const unseen = '\u202e\u2066\u200b\u00ad\u{e0041}\ufeff\u061c\u2060\u3164\u0000';
const hasUnseen = /[\u202e\u2066\u200b\u00ad\ufeff\u061c\u2060\u3164]|\u{e0041}/u;

/** The row of a model as the platform lists it, under another id. */
function addRow(id: string, changes: object): void {
  const { platform } = stage.kubeez;
  platform.rows.push({ ...platform.row('nano-banana'), model_id: id, ...changes });
}

async function made(prompt: string, model = 'nano-banana'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model }));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm'), 'a price');
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
  const isSaved = (line: string) => line.includes('"to":"delivered"');
  await stage.discord.world.until(() => stage.log.some(isSaved), 'the record');
  return card;
}

test('one odd row of the catalogue leaves every list of suggestions as it is', async () => {
  const odd = { aspect_ratio_options: ['', ' ', '1:1', '1:1', 'x'.repeat(101), `${'x'.repeat(99)}🦊`, '4:3'] };
  addRow('odd', { display_name: `${'Long '.repeat(40)}🦊`, provider: '', capabilities: odd });
  addRow('nameless', { display_name: '', provider: '' });
  addRow('blank', { display_name: '\u200b \u2800', provider: '\u200b' });
  addRow('x'.repeat(150), { display_name: 'An id too long to be sent back' });
  addRow(' ', { display_name: 'An id of nothing' });
  addRow('twin-1', { display_name: 'Twin' });
  addRow('twin-2', { display_name: 'Twin' });
  const speech = stage.kubeez.platform.row('text-to-dialogue-v3');
  speech.voice_allowlist = ['', 'Paul', 'Paul', 'V'.repeat(200)];
  await stage.startBot();
  const { ada, channel } = stage;
  const aspects = await ada.suggestions(channel, 'image', 'aspect', '', { model: 'odd' });
  expect(aspects?.map(({ value }) => value)).toEqual(['1:1', '4:3']);
  expect((await ada.suggestions(channel, 'image', 'model', 'long'))?.[0]?.value).toBe('odd');
  const twins = await ada.suggestions(channel, 'image', 'model', 'twin');
  expect(twins?.map(({ value }) => value)).toEqual(['twin-1', 'twin-2']);
  expect(new Set(twins?.map(({ name }) => name)).size).toBe(2);
  expect((await ada.suggestions(channel, 'image', 'model', 'nameless'))?.[0]?.name).toContain('nameless');
  for (const [command, option] of [
    ['image', 'model'],
    ['history', 'model'],
    ['models', 'family'],
    ['speech', 'voice'],
  ] as const)
    expect((await ada.suggestions(channel, command, option, ''))?.length).toBeGreaterThan(0);
  expect(await ada.suggestions(channel, 'speech', 'voice', '')).toEqual([{ name: 'Paul', value: 'Paul' }]);
});

test('a page that is not there shows one that is', async () => {
  await stage.startBot();
  const { ada, channel } = stage;
  const models = messageOf(await ada.command(channel, 'models'));
  await stage.says(models, 'Page 1 of');
  const pages = /Page 1 of (\d+)/.exec(textOf(models))?.[1];
  for (const [id, text] of [
    ['page:models:999999:-.-', `Page ${pages} of ${pages}`],
    ['page:models:999998:-.-', `Page ${pages} of ${pages}`],
    ['page:models:3:image.no-such-family', 'No model fits'],
    ['page:models:999999:a.b.c', 'No model fits'],
    ['page:history:999999:-.-.-', 'Nothing that fits'],
    ['page:jobs:999999:x', 'Nothing is running'],
  ] as const) {
    expect((await ada.pressRaw(models, id)).type).toBe('updated');
    await stage.says(models, text);
  }
  for (const id of ['page:image:0:-', 'page:models:9999999:-', 'page:models:-1:-', 'page:constructor:0:-'])
    expect(messageOf(await ada.pressRaw(models, id)).content).toContain('I no longer know what this belongs to');
});

test('a refusal that names something very long still fits a message', async () => {
  addRow('endless', { display_name: `Endless ${'*long* '.repeat(600)}🦊` });
  stage.kubeez.platform.row('z-image').capabilities = {
    aspect_ratio_options: Array.from({ length: 900 }, (_, index) => `${index}:1`),
  };
  await stage.startBot();
  const { ada, channel } = stage;
  for (const values of [
    { prompt: 'a fox', model: 'endless', aspect: 'odd' },
    { prompt: 'a fox', model: 'endless', aspect: '_'.repeat(3000) },
    { prompt: 'a fox', model: 'z-image', aspect: 'odd' },
    { prompt: 'a fox', model: `${'*'.repeat(2999)}🦊🦊` },
  ]) {
    const refused = messageOf(await ada.command(channel, 'image', values));
    expect(refused.content).toMatch(/Nothing was spent\. \(KD-\d{3}\)$/);
  }
});

test.each([0, 1])('no cut leaves half an emoji, wherever it falls (shifted by %i)', async (shift) => {
  const foxes = `${'x'.repeat(shift)}${'🦊'.repeat(2400)}`;
  stage.kubeez.platform.row('nano-banana').display_name = foxes.slice(0, 301);
  stage.kubeez.platform.row('nano-banana').capabilities = { prompt_max_chars: 6000 };
  await stage.startBot();
  const card = await made(foxes);
  const half = /\p{Surrogate}/u;
  expect(card.attachments[0]?.description).not.toMatch(half);
  const form = formOf(await stage.ada.press(card, 'Edit prompt'));
  const again = messageOf(await stage.ada.submit(stage.channel, form, {}, card));
  await stage.says(again, 'Confirm');
  await stage.ada.press(again, 'Confirm');
  expect((await stage.job(2)).prompt).toBe(foxes);
  const list = messageOf(await stage.ada.command(stage.channel, 'history'));
  await stage.says(list, '🦊');
  expect((await stage.ada.suggestions(stage.channel, 'show', 'id', ''))?.[0]?.name).toContain('🦊');
  const image = { name: `${foxes.slice(0, 120 + shift)}.png`, type: 'image/png', data: await pictureFile() };
  const refused = messageOf(await stage.ada.command(stage.channel, 'captions', { file: image }));
  expect(refused.content).toContain('🦊');
});

test('characters nobody sees are left out of what is shown, and not out of what is sent', async () => {
  stage.kubeez.platform.row('nano-banana').display_name = `Nano${unseen} Banana`;
  await stage.startBot();
  const { ada, channel } = stage;
  const prompt = `a${unseen} fox 👩‍🚀❤️ مي‌خواهم`;
  const card = await made(prompt);
  expect(textOf(card)).not.toMatch(hasUnseen);
  expect(textOf(card)).toContain('> a fox 👩‍🚀❤️ مي‌خواهم');
  expect((await stage.job()).prompt).toBe(prompt);
  expect(card.attachments[0]?.description).toBe('a fox 👩‍🚀❤️ مي‌خواهم');
  expect(card.attachments[0]?.filename).not.toMatch(hasUnseen);
  const suggestions = [
    ...((await ada.suggestions(channel, 'image', 'model', 'nano')) ?? []),
    ...((await ada.suggestions(channel, 'models', 'family', 'nano')) ?? []),
    ...((await ada.suggestions(channel, 'show', 'id', '')) ?? []),
  ];
  expect(suggestions.map(({ name }) => name).join('\n')).not.toMatch(hasUnseen);
  for (const [name, values] of [
    ['history', {}],
    ['models', { kind: 'image', family: 'nano-banana' }],
  ] as const) {
    const list = messageOf(await ada.command(channel, name, values));
    await stage.says(list, 'Nano Banana');
    expect(textOf(list)).not.toMatch(hasUnseen);
  }
  const image = { name: `gp${unseen}j.exe.mp4`, type: 'text/plain', data: Buffer.from('x') };
  const refused = messageOf(await ada.command(channel, 'edit', { prompt: 'a fox', image }));
  expect(refused.content).toContain('“gpj.exe.mp4”');
});

test('a prompt of nothing visible is empty', async () => {
  await stage.startBot();
  const { ada, channel } = stage;
  const nothing = '\u200b\u202e \u2800\u3164';
  for (const [command, values, text] of [
    ['image', { prompt: nothing }, 'The prompt is empty'],
    ['edit', { prompt: nothing }, 'The prompt is empty'],
    ['music', { prompt: nothing }, 'what the songs are about'],
    ['speech', { text: nothing.repeat(3) }, 'The text is empty'],
    ['ad', { product: nothing }, 'The product is empty'],
  ] as const)
    expect(messageOf(await ada.command(channel, command, values)).content).toContain(text);
});

test('what is cut stays whole: emoji of several characters, letters that join, and no marker alone', () => {
  expect(cut('🦊🦊', 3)).toBe('🦊…');
  expect(cut('🦊🦊', 4)).toBe('🦊🦊');
  expect(cut('\ude00fox\ud83d', 9)).toBe('fox');
  expect(splitAt('ab🦊c', 3)).toEqual(['ab', '🦊c']);
  expect(sanitise('👨‍👩‍👧 🏳️‍🌈 1️⃣ क्‍ष')).toBe('👨‍👩‍👧 🏳️‍🌈 1️⃣ क्‍ष');
  expect(sanitise('a\u200db\u200cc\u{e0020}d\ufe0f')).toBe('abcd');
  expect(plain('one\r\ntwo\u2028three')).toBe('one two three');
  expect(isBlank('\u180e\u115f\ufe0f\u2003')).toBe(true);
  expect(fitChoices(Array.from({ length: 60 }, (_, index) => ({ name: 'same', value: `${index}` })))).toHaveLength(25);
});
