import { expect, test } from 'vitest';
import { linesOf } from '../../playground/discord/forms.ts';
import { buttonsOf, type Person, selectsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { picture } from '../../playground/props.ts';
import { kinds } from '../kinds.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** What is asked for can be changed on the card that shows its price. */
const stage = useStage();

const fox = { prompt: 'a fox', model: 'nano-banana' };

async function quoted(command = 'image', values: Parameters<Person['command']>[2] = fox): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, values));
  await stage.says(card, 'Confirm ·');
  return card;
}

const idOf = (card: Message, action: string) => `flow:${action}:${idIn(card)}`;

/** The private list of models that a press on the card opens. */
async function list(card: Message, label = 'Change model', person = stage.ada): Promise<Message> {
  const message = messageOf(await person.press(card, label));
  expect(message.ephemeralFor).toBe(person.user.id);
  return message;
}

const optionsOf = (message: Message) => selectsOf(message).flatMap(({ options }) => options);

/** Picks a model, as somebody's app sends it. */
const pick = (shown: Message, model: string, person = stage.ada) =>
  person.select(shown, selectsOf(shown)[0]?.custom_id ?? '', [model]);

/** Sends the form of Edit prompt with other words. */
async function reword(card: Message, values: Record<string, string>, person = stage.ada) {
  const form = formOf(await person.press(card, 'Edit prompt'));
  return person.submit(stage.channel, form, values, card);
}

/** What is told to somebody alone. */
const told = (person: Person, text: string) =>
  stage.message((message) => message.ephemeralFor === person.user.id && textOf(message).includes(text));

test('Edit prompt has the words still in it, and the same card is priced anew with others', async () => {
  await stage.startBot();
  const card = await quoted();
  expect(labels(card)).toEqual(['Confirm · 7 credits', 'Edit prompt', 'Change model', 'Cancel']);
  const form = formOf(await stage.ada.press(card, 'Edit prompt'));
  expect(linesOf(form).find(({ id }) => id === 'prompt')?.value).toBe('a fox');
  const id = idIn(card);
  expect((await stage.ada.submit(stage.channel, form, { prompt: 'a wolf' }, card)).type).toBe('updated');
  await stage.says(card, 'version 2');
  await stage.says(card, 'Confirm · 7 credits');
  expect(textOf(card)).toContain('> a wolf');
  expect(idIn(card)).toBe(id);
  expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
  await stage.ada.press(card, 'Confirm');
  expect((await stage.job()).arguments.prompt).toBe('a wolf');
  await stage.card('✅ 7 credits');
  expect(stage.paid()).toBe(1);
});

test('Change model lists what can do the same, each with price and time, and the same card shows the new price', async () => {
  await stage.startBot();
  const card = await quoted('image', { ...fox, aspect: '21:9' });
  const shown = await list(card);
  const options = optionsOf(shown);
  expect(options.length).toBeGreaterThan(3);
  expect(options.length).toBeLessThanOrEqual(25);
  expect(options[0]).toMatchObject({ value: 'nano-banana', default: true, description: '7 credits · ~10 s' });
  expect(options.filter((option) => option.default)).toHaveLength(1);
  expect(options.find(({ value }) => value === 'z-image')?.description).toBe('4 credits · ~4 s');
  expect(options.some(({ value }) => /video|edit|image-to/.test(value))).toBe(false);
  await pick(shown, 'z-image');
  await stage.says(card, 'Confirm · 4 credits');
  expect(textOf(card)).toContain('Z Image');
  expect(textOf(card)).toMatch(/-# Z Image takes other options: 16:9 in place of 21:9\./);
  // The list is gone, and says what was done.
  expect(selectsOf(shown)).toEqual([]);
  expect(textOf(shown)).toContain('Nothing is spent before it is confirmed.');
  await stage.ada.press(card, 'Confirm');
  expect((await stage.job()).model).toBe('z-image');
  await stage.card('✅ 4 credits');
});

test('what only an estimate can price says “about”', async () => {
  await stage.startBot();
  const card = await quoted('video', { prompt: 'a ship', model: 'grok-text-to-video-6s' });
  const shown = await list(card, labels(card).includes('Cheaper models') ? 'Cheaper models' : 'Change model');
  expect(optionsOf(shown).every(({ description }) => description.startsWith('about '))).toBe(true);
});

test.each(kinds)(
  '/%s: its words can be changed where it takes some, and its model where its tool takes one',
  async (command, values) => {
    stage.kubeez.platform.settings.generation = 'mixed';
    await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, command, await values()));
    await stage.says(card, 'Confirm ·');
    const takesWords = !['separate', 'captions', 'cutout', 'dub'].includes(command);
    expect(labels(card).includes('Edit prompt')).toBe(takesWords);
    const takesModel = !['separate', 'captions', 'cutout', 'music', 'speech', 'ad'].includes(command);
    const button = labels(card).find((label) => /^(Change|Cheaper) model/.test(label));
    expect(button !== undefined).toBe(takesModel);
    if (takesWords) {
      const form = formOf(await stage.ada.press(card, 'Edit prompt'));
      const [line] = linesOf(form);
      await stage.ada.submit(stage.channel, form, { [line?.id ?? '']: 'something quite different' }, card);
      await stage.says(card, 'version 2');
      await stage.says(card, 'Confirm ·');
      expect(textOf(card)).toContain('> something quite different');
    }
    if (button === undefined) return;
    const shown = messageOf(await stage.ada.press(card, button));
    const other = optionsOf(shown).find((option) => !option.default);
    if (!other) return expect(textOf(shown)).toContain('Nothing was changed.');
    await pick(shown, other.value);
    await stage.says(card, takesWords ? 'version 3' : 'version 2');
    await stage.says(card, 'Confirm ·');
    await stage.ada.press(card, 'Confirm');
    expect((await stage.job()).model).toBe(other.value);
  },
);

test('a file that was given stays, and a model that does not take it is not offered', async () => {
  await stage.startBot();
  const card = await quoted('edit', { prompt: 'a hat', model: 'qwen-image-to-image', image: await picture() });
  const shown = await list(card, labels(card)[2]);
  const offered = optionsOf(shown).map(({ value }) => value);
  expect(offered).not.toContain('nano-banana');
  const other = offered.find((id) => id !== 'qwen-image-to-image') ?? '';
  await pick(shown, other);
  await stage.says(card, 'version 2');
  await stage.says(card, 'Confirm ·');
  expect(stage.ada.directMessages()).toEqual([]);
  await stage.ada.press(card, 'Confirm');
  expect(JSON.stringify((await stage.job()).arguments)).toContain('source_media_urls');
});

test('a price above a quarter of what is left is warned of, and cheaper models stand in place of others', async () => {
  stage.kubeez.platform.credits = 25;
  await stage.startBot();
  const card = await quoted();
  expect(textOf(card)).toContain('⚠️ This is 28 % of what is left.');
  expect(labels(card)).toEqual(['Confirm · 7 credits', 'Edit prompt', 'Cheaper models', 'Cancel']);
  const options = optionsOf(await list(card, 'Cheaper models'));
  expect(options.length).toBeGreaterThan(0);
  for (const { description } of options) expect(Number.parseFloat(description.replace('about ', ''))).toBeLessThan(7);
});

test('too dear: a cheaper model begins a new request, and so do other words', async () => {
  stage.kubeez.platform.credits = 5;
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', fox));
  await stage.says(card, 'Nothing was spent. Top up');
  expect(labels(card)).toEqual(['Cheaper models', 'Edit prompt', 'Again']);
  const shown = await list(card, 'Cheaper models');
  expect(optionsOf(shown).every(({ description }) => Number.parseFloat(description) <= 5)).toBe(true);
  const next = messageOf(await pick(shown, 'z-image'));
  await stage.says(next, 'Confirm · 4 credits');
  expect(textOf(next)).toContain(`from #${idIn(card)}`);
  expect(textOf(card)).toContain('Nothing was spent. Top up');
});

test('a spend limit without room: Ask for more and Cheaper models', async () => {
  const limits = [{ id: 'one', credits: 5, per: 'week', scope: 'server', target: null }];
  await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, limits });
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', fox));
  await stage.says(card, 'Ask for more');
  expect(labels(card)).toEqual(['Ask for more', 'Cheaper models', 'Edit prompt', 'Again']);
  const next = messageOf(await pick(await list(card, 'Cheaper models'), 'z-image'));
  await stage.says(next, 'Confirm · 4 credits');
  // The limit is the tightest: four of five credits are a lot.
  expect(textOf(next)).toContain('⚠️ This is 80 % of what is left.');
});

test('Confirm and a change at the same moment: what is paid is what was confirmed, at its price, or nothing', async () => {
  await stage.startBot();
  for (const isConfirmFirst of [true, false]) {
    const before = stage.paid();
    const card = await quoted();
    const shown = await list(card);
    const acts = [() => stage.ada.pressRaw(card, idOf(card, 'confirm')), () => pick(shown, 'z-image')];
    await Promise.all((isConfirmFirst ? acts : acts.reverse()).map((act) => act()));
    const isOver = () => /✅|Confirm · 4 credits/.test(textOf(card));
    await stage.discord.world.until(isOver, `an end: ${textOf(card)}`);
    if (textOf(card).includes('✅')) {
      expect(stage.paid()).toBe(before + 1);
      expect(await stage.job(before + 1)).toMatchObject({ model: 'nano-banana' });
      expect(textOf(card)).toContain('✅ 7 credits');
      await told(stage.ada, 'This was confirmed or ended meanwhile');
    } else expect(stage.paid()).toBe(before);
  }
});

test('Confirm on what the card showed before it was changed confirms nothing, even at the same price', async () => {
  await stage.startBot();
  const card = await quoted();
  const old = structuredClone(card);
  await reword(card, { prompt: 'a wolf' });
  await stage.says(card, 'Confirm · 7 credits');
  await stage.ada.pressRaw(old, idOf(card, 'confirm'));
  await stage.says(old, 'This was changed just before you pressed.');
  expect(stage.paid()).toBe(0);
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅ 7 credits');
  expect(stage.paid()).toBe(1);
});

test('two lists of the same card: each choice counts, the latest last', async () => {
  await stage.startBot();
  const card = await quoted();
  const [one, two] = [await list(card), await list(card)];
  await Promise.all([pick(one, 'z-image'), pick(two, 'z-image-hd')]);
  await stage.says(card, 'version 3');
  await stage.says(card, 'Confirm ·');
  expect(textOf(card)).toMatch(/Confirm · (4|6) credits/);
  expect(stage.paid()).toBe(0);
});

test('a list from before a restart is still of use; one of a card that was confirmed is not', async () => {
  const bot = await stage.startBot();
  const card = await quoted();
  const [shown, stale] = [await list(card), await list(card)];
  const form = formOf(await stage.ada.press(card, 'Edit prompt'));
  await bot.stop();
  await stage.startBot();
  await pick(shown, 'z-image');
  await stage.says(card, 'Confirm · 4 credits');
  stage.holdJobs();
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  expect(messageOf(await pick(stale, 'nano-banana')).content).toContain('Nothing was changed.');
  await stage.ada.submit(stage.channel, form, { prompt: 'a wolf' }, card);
  const refusal = await told(stage.ada, 'This was confirmed or ended meanwhile');
  expect(labels(refusal)).toEqual(['Try again']);
  expect(messageOf(await stage.ada.pressRaw(card, idOf(card, 'model'))).content).toContain('Nothing was changed.');
  expect((await stage.readFlow(idIn(card))).asked).toMatchObject({ prompt: 'a fox', models: [{ id: 'z-image' }] });
  expect(stage.paid()).toBe(1);
});

test('an old form on a card that was cancelled begins a new request: nothing typed is lost', async () => {
  await stage.startBot();
  const card = await quoted();
  const form = formOf(await stage.ada.press(card, 'Edit prompt'));
  await stage.ada.press(card, 'Cancel');
  expect(labels(card)).toEqual(['Edit prompt', 'Again']);
  const next = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'a wolf' }, card));
  await stage.says(next, 'Confirm · 7 credits');
  expect(idIn(next)).not.toBe(idIn(card));
});

test.each(['no-such-model', 'grok-text-to-video-6s', '__proto__', '@everyone **bold** `x`'])(
  'a model that is not on the list is refused: %s',
  async (forged) => {
    await stage.startBot();
    const card = await quoted();
    const answer = messageOf(await pick(await list(card), forged));
    expect(answer).toMatchObject({ ephemeralFor: stage.ada.user.id, mentions: [] });
    expect(answer.content).toContain('can’t be chosen for this');
    expect(answer.content).not.toContain('**');
    expect(textOf(card)).toContain('Confirm · 7 credits');
    expect((await stage.readFlow(idIn(card))).asked.changes).toBe(0);
  },
);

test('others change nothing: neither by the buttons, nor by a form, nor from another channel', async () => {
  await stage.startBot();
  const card = await quoted();
  const shown = await list(card);
  const form = formOf(await stage.ada.press(card, 'Edit prompt'));
  const only = `Only <@${stage.ada.user.id}>`;
  for (const label of ['Edit prompt', 'Change model'])
    expect(messageOf(await stage.ben.press(card, label)).content).toContain(only);
  expect(messageOf(await pick(shown, 'z-image', stage.ben)).content).toContain(only);
  await stage.ben.submit(stage.channel, form, { prompt: 'mine' }, card);
  await told(stage.ben, only);
  const elsewhere = stage.ben.write(stage.discord.world.addChannel(stage.guild, 'elsewhere'), 'hi');
  const answer = messageOf(await stage.ben.select(elsewhere, idOf(card, 'model'), ['z-image']));
  expect(answer.ephemeralFor).toBe(stage.ben.user.id);
  expect((await stage.readFlow(idIn(card))).asked).toMatchObject({ changes: 0, prompt: 'a fox' });
});

test('blocked words do not get in by Edit prompt; the card stays, and what was typed can be mended', async () => {
  const rules = { maxFlows: 1 };
  await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules, blocked: { people: [], words: ['wolf'] } });
  await stage.startBot();
  const card = await quoted();
  await reword(card, { prompt: 'a w0lf' });
  const refusal = await told(stage.ada, 'Nothing was spent.');
  expect(textOf(card)).toContain('> a fox');
  expect(textOf(card)).toContain('Confirm · 7 credits');
  const form = formOf(await stage.ada.press(refusal, 'Edit'));
  await stage.ada.submit(stage.channel, form, { prompt: 'a cat' }, refusal);
  await stage.says(card, '> a cat');
  await stage.says(card, 'Confirm · 7 credits');
  expect(textOf(refusal)).toContain('The card has the new words');
});

test('hostile words are shown as words', async () => {
  await stage.startBot();
  const card = await quoted();
  await reword(card, { prompt: '@everyone **bold** [link](https://evil.example) \u202egnitirw' });
  await stage.says(card, 'version 2');
  await stage.says(card, 'Confirm ·');
  expect(card.mentions).toEqual([]);
  expect(textOf(card)).toContain('\\*\\*bold\\*\\*');
  expect(textOf(card)).not.toContain('\u202e');
});

test('a change survives a kill before its price was read', async () => {
  const bot = await stage.startBot();
  const card = await quoted();
  const shown = await list(card);
  await pick(shown, 'z-image');
  await bot.stop();
  await stage.startBot();
  await stage.says(card, 'Confirm · 4 credits');
  expect(buttonsOf(card)[0]?.label).toBe('Confirm · 4 credits');
});

test.each([
  ['chosen by the server', { rules: { models: { image: 'nano-banana' } } }, {}, 'the default model of this server'],
  [
    'picked by Kubeez',
    {},
    { generation: 'newer', picks: { 'text-to-image': 'nano-banana' } },
    'picked by Kubeez for this',
  ],
  ['the cheapest', {}, {}, 'the cheapest that fits'],
] as const)(
  'a model nobody chose: the card says why it is %s, until somebody chooses one',
  async (_, rules, settings, why) => {
    Object.assign(stage.kubeez.platform.settings, settings);
    await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, ...rules });
    await stage.startBot();
    // Picks are read beside the start, which does not wait for them.
    if ('picks' in settings) await expect.poll(() => stage.log.join('')).toContain('Kubeez picks these models');
    const card = await quoted('image', { prompt: 'a fox' });
    expect(textOf(card)).toMatch(new RegExp(`^-# .+, ${why}\\.$`, 'm'));
    // Other words are no choice of another model.
    await reword(card, { prompt: 'a wolf' });
    await stage.says(card, 'version 2');
    await stage.says(card, 'Confirm ·');
    expect(textOf(card)).toContain(why);
    const shown = await list(card);
    await pick(shown, optionsOf(shown).find((option) => !option.default)?.value ?? '');
    await stage.says(card, 'version 3');
    await stage.says(card, 'Confirm ·');
    expect(textOf(card)).not.toContain(why);
  },
);

test('who may press for others may change for them too; the flow stays its requester’s', async () => {
  const role = stage.discord.world.addRole(stage.guild, 'Leads', [], [stage.ben.user]);
  await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules: { pressers: [role.id] } });
  await stage.startBot();
  const card = await quoted();
  await reword(card, { prompt: 'a wolf' }, stage.ben);
  await stage.says(card, 'version 2');
  await stage.says(card, 'Confirm ·');
  await pick(await list(card, 'Change model', stage.ben), 'z-image', stage.ben);
  await stage.says(card, 'Confirm · 4 credits');
  expect(await stage.readFlow(idIn(card))).toMatchObject({ requester: stage.ada.user.id, asked: { prompt: 'a wolf' } });
});
