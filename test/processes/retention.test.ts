import { beforeEach, expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { startDyingBot } from '../dyingBot.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** A server that does not keep for ever what people asked for. */
const stage = useStage();

const day = 24 * 3_600_000;
/** Time-outs of a second and less. */
const quick = 0.01;

const settings = (retention: number | null) => ({ v: 1, rules: { retention } });
const keepFor = (retention: number | null) => stage.writeRecord(`guild:${stage.guild.id}`, settings(retention));

/** Everything happens a while ago, so that a process with the machine's own clock finds it old. */
beforeEach(() => stage.clock.advance(-40 * day));

async function quoted(prompt: string, channel = stage.channel): Promise<Message> {
  const card = messageOf(await stage.ada.command(channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  return card;
}

async function made(prompt: string, channel = stage.channel): Promise<Message> {
  const card = await quoted(prompt, channel);
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  await expect.poll(async () => (await stage.readFlow(idIn(card))).stage).toBe('delivered');
  return card;
}

async function cancelled(prompt: string): Promise<Message> {
  const card = await quoted(prompt);
  await stage.ada.press(card, 'Cancel');
  await stage.says(card, 'Cancelled');
  return card;
}

/** Records that have a word in them. */
const withWord = (word: string) =>
  stage
    .rows()
    .filter(({ value }) => value.includes(word))
    .map(({ key }) => key.replace('kubeez:', ''));

const ledger = () => stage.rows().filter(({ key }) => key.includes(':ledger:'));
const allEnded = () => expect.poll(() => stage.openFlows()).toEqual([]);
const isCleared = async (card: Message) => (await stage.readFlow(idIn(card))).clearedAt !== null;
const swept = (...cards: Message[]) =>
  expect.poll(() => Promise.all(cards.map(isCleared))).toEqual(cards.map(() => true));

test('what ended too long ago loses its words, files and links, and the ledger stays as it is', async () => {
  await keepFor(30);
  await stage.startBot();
  const heron = await made('a shy heron');
  const declined = await cancelled('a heron that nobody wants');
  const inDm = await made('a heron in private', stage.discord.world.dmWith(stage.ada.user));
  await allEnded();
  const entries = ledger();
  stage.clock.advance(29 * day);
  const gull = await made('a loud gull');
  await allEnded();
  expect(await isCleared(heron)).toBe(false);

  stage.clock.advance(2 * day);
  await swept(heron, declined);
  await expect.poll(() => withWord('shy heron')).toEqual([]);
  expect(withWord('nobody wants')).toEqual([]);
  const { stage: at, runs, asked, shown } = await stage.readFlow(idIn(heron));
  expect([at, asked.models[0].id, runs[0]?.credits, shown.results]).toEqual(['delivered', 'nano-banana', 7, []]);
  expect(JSON.stringify(runs)).not.toMatch(/https?:/);
  // What is younger, and what no server decides about, is as it was.
  expect(await isCleared(gull)).toBe(false);
  expect(await isCleared(inDm)).toBe(false);
  const kept = entries.filter(({ key }) => !key.includes(':shelves'));
  expect(kept).toHaveLength(1);
  expect(ledger()).toEqual(expect.arrayContaining(kept));
});

test('its buttons, /show and /history say so, and spend nothing', async () => {
  await keepFor(30);
  await stage.startBot();
  const heron = await made('a shy heron');
  await allEnded();
  const paid = stage.paid();
  stage.clock.advance(31 * day);
  await swept(heron);
  const about = `#${idIn(heron)} (Image, Nano Banana): this server keeps requests for a limited time`;
  for (const label of ['Again', 'Edit prompt', 'Vary', 'Animate', 'Edit']) {
    const answer = messageOf(await stage.ada.press(heron, label));
    expect([label, answer.ephemeralFor, textOf(answer).includes(about)]).toEqual([label, stage.ada.user.id, true]);
  }
  const shown = messageOf(await stage.ada.command(stage.channel, 'show', { id: idIn(heron) }));
  expect(textOf(shown)).toContain(about);
  expect(shown.ephemeralFor).toBe(stage.ada.user.id);
  expect(labels(shown)).toEqual(['Details']);
  const story = messageOf(await stage.ada.press(shown, 'Details'));
  await stage.discord.world.until(() => story.attachments.length === 1, 'the story');
  const text = await (await fetch(story.attachments[0]?.url ?? '')).text();
  expect(text).toContain('were removed on');
  expect(text).not.toContain('heron');
  const history = messageOf(await stage.ada.command(stage.channel, 'history'));
  await stage.says(history, 'prompt removed');
  const privacy = messageOf(await stage.ada.command(stage.channel, 'privacy show'));
  await stage.says(
    privacy,
    '1 request with prompt, options and the addresses of files and results. For 1 of them, all of that was removed',
  );
  expect(textOf(history)).toContain('7 credits');
  expect(textOf(history)).not.toContain('heron');
  // It can still be deleted.
  const more = messageOf(await stage.ada.press(heron, '⋯'));
  expect(buttonsOf(more).map(({ label }) => label)).toEqual(['Details', 'Delete…']);
  expect(stage.paid()).toBe(paid);
});

test('an open flow and an unclear one keep everything, however old they are', async () => {
  await keepFor(1);
  const bot = await stage.startBot({}, undefined, quick);
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 'cut', times: 1 });
  const unclear = await quoted('an unclear heron');
  await stage.ada.press(unclear, 'Confirm');
  await stage.cardInTime('its answer was lost');
  stage.holdJobs();
  const running = await quoted('a running heron');
  await stage.ada.press(running, 'Confirm');
  await stage.job();
  await stage.discord.world.until(() => textOf(running).includes(' s · '), 'the progress');
  const declined = await cancelled('a heron that nobody wants');
  await expect.poll(() => stage.openFlows()).toEqual([idIn(running)]);
  await bot.stop();
  await stage.changeFlow(idIn(running), { wait: { giveUpAt: stage.clock.now() + 90 * day } });

  stage.clock.advance(10 * day);
  await stage.startBot();
  await swept(declined);
  stage.clock.advance(10 * day);
  const kept = await quoted('a fresh heron');
  expect(await isCleared(unclear)).toBe(false);
  expect(await isCleared(running)).toBe(false);
  expect((await stage.readFlow(idIn(unclear))).asked.prompt).toBe('an unclear heron');
  expect(labels(unclear)).toEqual(['Check', 'Start again · new price']);
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.says(running, '✅');
  expect(running.attachments).toHaveLength(1);
  await stage.ada.press(kept, 'Cancel');
  await stage.says(kept, 'Cancelled');
  await allEnded();

  // What has ended since is removed in its turn.
  stage.clock.advance(2 * day);
  await swept(running, kept);
  expect(await isCleared(unclear)).toBe(false);
});

test.each(['INSERT .*:flow:', 'INSERT .*:made:0$'])(
  'killed in the middle of a sweep (%s), the next start goes on',
  async (write) => {
    await keepFor(30);
    const bot = await stage.startBot();
    const cards = [await made('a shy heron'), await made('a loud heron'), await cancelled('no heron')];
    await allEnded();
    await bot.stop();
    stage.discord.gateway.drop(true);
    const dying = startDyingBot(1, { ...stage.env, DIE_ON: write });
    await dying.ended;
    expect(withWord('heron')).not.toEqual([]);
    stage.discord.gateway.drop(true);

    stage.clock.advance(40 * day);
    await stage.startBot();
    await swept(...cards);
    await expect.poll(() => withWord('heron')).toEqual([]);
  },
);

test('a start looks neither at what was cleared nor at what is too young', async () => {
  await keepFor(30);
  const entries = (at: number, from: number, cleared: boolean) =>
    Array.from({ length: 50 }, (_, index) => ({
      flow: `f${from + index}`,
      recipe: 'image',
      model: 'Nano Banana',
      by: stage.ada.user.id,
      credits: 7,
      channel: stage.channel.id,
      message: '1',
      at,
      about: 'a heron',
      cleared,
    }));
  const now = stage.clock.now();
  const place = `guild:${stage.guild.id}`;
  await stage.writeRecord(`${place}:made:0`, { v: 1, entries: entries(now - 60 * day, 0, false) });
  for (let index = 1; index < 10; index++)
    await stage.writeRecord(`${place}:made:${index}`, { v: 1, entries: entries(now - day, index * 50, false) });
  await stage.writeRecord(`${place}:made`, { v: 1, count: 500 });
  const first = await stage.startBot();
  const progress = () => stage.rows().find(({ key }) => key.endsWith(':retention'))?.value ?? '';
  await expect.poll(progress).toContain('"next":1');
  expect(JSON.parse(await stage.readRecord(`${place}:made:0`)).entries[0].about).toBe('');
  await first.stop();

  // Were it read, it would be set aside.
  await stage.breakRecord(`${place}:made:0`);
  await stage.breakRecord(`${place}:made:5`);
  await stage.startBot();
  await made('a fresh gull');
  expect(stage.rows().filter(({ key }) => key.includes('aside:') && key.includes(':made:'))).toEqual([]);
});

test('managers set it with the other numbers, and everybody can read it', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot();
  const privacy = messageOf(await stage.ben.command(stage.channel, 'privacy show'));
  await stage.says(privacy, 'This server keeps requests until you have them forgotten.');
  const card = messageOf(await stage.ada.command(stage.channel, 'settings'));
  await stage.says(card, 'links of ended requests:** kept');
  const fill = async (retention: string) =>
    stage.ada.submit(stage.channel, formOf(await stage.ada.press(card, 'Numbers')), { retention }, card);
  expect(messageOf(await fill('soon')).content).toContain('I cannot keep requests for “soon” days.');
  expect(messageOf(await fill('0')).content).toContain('Write a number from 1 to 3,650');
  await fill('90');
  await stage.says(card, 'links of ended requests:** removed after 90 days');
  const after = messageOf(await stage.ben.command(stage.channel, 'privacy show'));
  await stage.says(after, 'This server keeps requests for 90 days after their end.');
  const inDm = messageOf(await stage.ben.command(stage.discord.world.dmWith(stage.ben.user), 'privacy show'));
  await stage.says(inDm, 'In DMs, requests are kept until you have them forgotten.');
});
