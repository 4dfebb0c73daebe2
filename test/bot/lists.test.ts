import { ComponentType } from 'discord.js';
import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkMessage, schemas } from '../../playground/discord/checks.ts';
import { buttonsOf, selectsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { familyOf } from '../../src/commands/lists/models.ts';
import { createLogger } from '../../src/log.ts';
import { History } from '../../src/state/history.ts';
import { openStore, Store } from '../../src/state/store.ts';
import { messageOf, type TestStage, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** A private list, as soon as it says `text`. */
async function list(
  name: string,
  text: string,
  values: Parameters<TestStage['ada']['command']>[2] = {},
): Promise<Message> {
  const answer = messageOf(await stage.ada.command(stage.channel, name, values));
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  await stage.says(answer, text);
  return answer;
}

async function withStore(task: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore(String(stage.env.STATE_URL), createLogger('silent'));
  await task(store);
  await store.close();
}

/** Fills the history as a long life would have: made in memory, then written all at once. */
async function fillHistory(count: number): Promise<void> {
  const records = new Map<string, string>();
  const memory = new Store(new Keyv({ store: records, namespace: '' }), createLogger('silent'));
  const history = new History(memory);
  for (let index = 0; index < count; index++) {
    await history.add({
      place: stage.guild.id,
      flow: `f${index}`,
      recipe: index % 10 === 0 ? 'music' : 'image',
      model: index % 7 === 0 ? 'Imagen 4' : `A ${'very '.repeat(30)}long name`,
      by: index % 2 ? stage.ada.user.id : stage.ben.user.id,
      credits: index,
      channel: stage.channel.id,
      message: '123456789012345678',
      at: stage.clock.now(),
      about: `thing ${index} ${'*'.repeat(60)}`,
    });
  }
  await withStore(async (store) => {
    const keys = [...records.keys()];
    await Promise.all(keys.map(async (key) => store.set(key, (await memory.get(key, z.looseObject({}))) ?? {})));
  });
}

const menuSchema = z.object({
  type: z.number(),
  custom_id: z.string(),
  options: z.array(z.object({ value: z.string(), default: z.boolean().default(false) })).default([]),
  default_values: z.array(z.object({ id: z.string() })).default([]),
});
const menusOf = (card: Message) => selectsOf(card).map((menu) => menuSchema.parse(menu));
const kinds = (card: Message) => menusOf(card).map(({ type }) => type);
const menuId = (card: Message, index: number) => menusOf(card)[index]?.custom_id ?? '';
/** What is chosen in its menus. */
const chosen = (card: Message) =>
  menusOf(card).flatMap(({ options, default_values }) => [
    ...default_values.map(({ id }) => id),
    ...options.flatMap((option) => (option.default ? [option.value] : [])),
  ]);

test('/history: newest first, page by page, narrowed to a person, a kind, a model', async () => {
  await fillHistory(10_000);
  await stage.startBot();
  const all = await list('history', 'thing 9999');
  expect(textOf(all)).toContain('thing 9990');
  expect(textOf(all)).not.toContain('thing 9989');
  expect(textOf(all)).toContain(
    `https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/123456789012345678`,
  );
  expect(schemas.edit.safeParse({ embeds: all.embeds, components: all.components }).error).toBeUndefined();
  expect(() => checkMessage(all)).not.toThrow();
  await stage.ada.press(all, 'Older');
  await stage.says(all, 'thing 9989');
  await stage.ada.press(all, '◀');
  await stage.says(all, 'thing 9999');

  const narrowed = await list('history', 'thing 9940', { person: stage.ben.user.id, kind: 'music', model: 'imagen 4' });
  expect(textOf(narrowed)).toContain('thing 9310');
  expect(textOf(narrowed)).not.toContain('thing 9998');
  // The last page knows that it is the last.
  let pages = 1;
  while (!buttonsOf(narrowed)[1]?.disabled) {
    const before = textOf(narrowed);
    await stage.ada.press(narrowed, 'Older');
    await stage.discord.world.until(() => textOf(narrowed) !== before, 'the next page');
    pages++;
  }
  // Every seventieth of 10,000: 143 entries, 10 a page.
  expect(pages).toBe(15);
  expect(textOf(narrowed)).toContain('thing 0');
});

test('/history is narrowed by menus: to a person, to a kind, and back to everything, from the first page on', async () => {
  await fillHistory(1_000);
  await stage.startBot();
  const { ada, ben } = stage;
  const all = await list('history', 'thing 999');
  expect(kinds(all)).toEqual([ComponentType.UserSelect, ComponentType.StringSelect]);
  await ada.press(all, 'Older');
  await stage.says(all, 'thing 989');
  await ada.select(all, menuId(all, 0), [ben.user.id]);
  await stage.says(all, 'thing 998');
  expect(textOf(all)).not.toContain('thing 999 ');
  await ada.select(all, menuId(all, 1), ['music']);
  await stage.says(all, 'thing 900');
  expect(textOf(all)).not.toContain('thing 998');
  expect(chosen(all)).toEqual([ben.user.id, 'music']);
  expect(() => checkMessage(all)).not.toThrow();
  await ada.press(all, 'Older');
  await stage.says(all, 'thing 890');
  await ada.select(all, menuId(all, 0), []);
  await stage.discord.world.until(() => chosen(all).join() === 'music', 'works of everybody');
  await ada.select(all, menuId(all, 1), ['-']);
  await stage.says(all, 'thing 999');
  expect(chosen(all)).toEqual(['-']);
  // As anybody can write an id: nothing fits it, and nothing breaks.
  await ada.select(all, 'filter:nothing:0:-', ['image']);
  await ada.select(all, 'filter:history:3:-', ['x'.repeat(300)]);
  await ada.select(all, `filter:models:3:${'a'.repeat(30)}.${'b'.repeat(30)}`, ['c'.repeat(40)]);
  await ada.select(all, 'filter:history:0:-', ['abc']);
  await stage.says(all, 'Nothing that fits was made here yet.');
  expect(stage.log.join('')).not.toContain('interaction failed');
  await ada.select(all, 'filter:history:1:-', ['nothing']);
  await stage.says(all, 'Nothing that fits was made here yet.');
});

test('/history of a DM is one’s own; a result enters it once', async () => {
  await stage.startBot();
  const dm = stage.discord.world.dmWith(stage.ada.user);
  const card = messageOf(await stage.ada.command(dm, 'image', { prompt: 'a private fox', model: 'z-image' }));
  await stage.card('Confirm', dm);
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅', dm);
  const mine = messageOf(await stage.ada.command(dm, 'history'));
  await stage.says(mine, 'a private fox');
  await list('history', 'Nothing that fits was made here yet.');
  const place = `dm-${stage.ada.user.id}`;
  await expect.poll(() => stage.readRecord(`guild:${place}:made:0`)).toContain('a private fox');
  await withStore(async (store) => {
    const history = new History(store);
    const [entry] = (await history.list(place, () => true, 0, 10)).entries;
    if (entry) await history.add({ ...entry, place });
    expect((await history.list(place, () => true, 0, 10)).entries).toHaveLength(1);
  });
});

test('/jobs and /balance: what runs and waits, with place, expected end and credits', async () => {
  stage.holdJobs();
  await stage.startBot();
  await list('jobs', 'Nothing is running or waiting here.');
  for (let number = 1; number <= 12; number++) {
    const card = messageOf(
      await stage.ada.command(stage.channel, 'image', { prompt: `fox ${number}`, model: 'z-image' }),
    );
    await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm'), 'a price');
    await stage.ada.press(card, 'Confirm');
    if (number <= 10) await stage.job(number);
    else await stage.says(card, 'in line');
  }
  const jobs = await list('jobs', '12 running or waiting');
  expect(textOf(jobs)).toContain(`](https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/`);
  expect(textOf(jobs)).toContain('running, ready <t:');
  await stage.ada.select(jobs, menuId(jobs, 0), [stage.ben.user.id]);
  await stage.says(jobs, 'Nothing is running or waiting here.');
  await stage.ada.select(jobs, menuId(jobs, 0), [stage.ada.user.id]);
  await stage.says(jobs, '12 running or waiting');
  await stage.ada.select(jobs, menuId(jobs, 1), ['music']);
  await stage.says(jobs, 'Nothing is running or waiting here.');
  await stage.ada.select(jobs, menuId(jobs, 1), ['image']);
  await stage.says(jobs, '12 running or waiting');
  await stage.ada.press(jobs, 'Next');
  await stage.says(jobs, '1st in line');
  expect(textOf(jobs)).toContain('2nd in line');
  const balance = messageOf(await stage.ada.command(stage.channel, 'balance'));
  await stage.says(balance, '960 credits');
  expect(textOf(balance)).toContain('Held for 2 jobs in line: 8 credits.');
  expect(textOf(balance)).toContain('In use by 10 jobs: 40 credits');
});

test('/models: by kind and family, with price, time, inputs and options; also with 300 models', async () => {
  const { platform } = stage.kubeez;
  const [first] = platform.rows;
  if (!first) return;
  platform.rows.push(
    ...Array.from({ length: 200 }, (_, index) => ({
      ...first,
      model_id: `x-${index}`,
      display_name: `Xanadu ${index} ${'long '.repeat(40)}`,
    })),
  );
  // Names that are one family, and one of which no letter fits an id.
  for (const name of ['XANADU 300', 'Xanadu: 301', '可灵 3.0'])
    platform.rows.push({ ...first, model_id: `y-${platform.rows.length}`, display_name: name });
  await stage.startBot();
  const all = await list('models', `${platform.rows.length} models`);
  const pages = Math.ceil(platform.rows.length / 8);
  expect(textOf(all)).toContain(`Page 1 of ${pages}`);
  for (let page = 2; page <= pages; page++) {
    await stage.ada.press(all, 'Next');
    await stage.says(all, `Page ${page} of ${pages}`);
    expect(() => checkMessage(all)).not.toThrow();
  }
  expect(buttonsOf(all)[1]?.disabled).toBe(true);

  const families = await stage.ada.suggestions(stage.channel, 'models', 'family', 'kli');
  expect(families).toEqual([{ name: 'Kling', value: 'kling' }]);
  const kling = await list('models', 'Motion Control', { kind: 'motion', family: 'kling' });
  expect(textOf(kling)).toContain('takes 1 image, then 1 video of 3 to 30 s');
  expect(textOf(kling)).toContain('4 models');
  await stage.ada.select(kling, menuId(kling, 0), ['-']);
  await stage.discord.world.until(() => !textOf(kling).startsWith('4 models'), 'models of every kind');
  await stage.ada.select(kling, menuId(kling, 1), ['xanadu']);
  await stage.says(kling, '202 models');
  expect(menusOf(kling)[1]?.options).toHaveLength(25);
  await stage.ada.select(kling, menuId(kling, 0), ['music']);
  await stage.says(kling, 'No model fits');
  expect(chosen(kling)).toEqual(['music', 'xanadu']);
});

test.each([
  ['Kling 3.0 Pro', 'Kling'],
  ['Nano Banana 2 4K', 'Nano Banana'],
  ['5 Lite Text To Image', 'ByteDance'],
  ['Auto Caption', 'Auto Caption'],
])('the family of %s is %s', (name, family) => {
  expect(familyOf({ name, provider: 'ByteDance' })).toBe(family);
});
