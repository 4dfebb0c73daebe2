import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { type DyingBot, startDyingBot } from '../dyingBot.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** Does what a patient person would do with a card until it has ended: presses Confirm whenever it is there. */
async function seeThrough(card: Message): Promise<string> {
  for (;;) {
    // Time passes quickly only while nobody presses anything: a press has to be answered within three seconds.
    const settled = () => /✅|\[Confirm|Start again/.test(textOf(card));
    await stage.inTime(stage.discord.world.until(settled, `the end of:\n${textOf(card)}`), 5000, 100);
    const text = textOf(card);
    if (!text.includes('[Confirm')) return text;
    await stage.ada.press(card, 'Confirm');
    await stage.discord.world.until(() => textOf(card) !== text, 'an answer to Confirm');
  }
}

/** Fails a test that would otherwise wait for ever; says what the bot said. */
function within<Result>(patience: number, promise: Promise<Result>): Promise<Result> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('The bot did not die')), patience).unref(),
  );
  return Promise.race([promise, late]);
}

async function dieAfter(save: number): Promise<DyingBot> {
  const bot = startDyingBot(save, { ...stage.env, KUBEEZ_POLL_SECONDS: '0.05' });
  await stage.discord.world.until(
    () => stage.discord.gateway.isListening(stage.guild.id) && stage.ada.commands(stage.channel).length > 0,
    'the bot',
    20_000,
  );
  return bot;
}

// How many saves a picture takes from command to result; the last kill comes after the end.
test.each(Array.from({ length: 7 }, (_, index) => index + 1))(
  'killed (kill -9) after save %i of a flow: it goes on in its card, and nothing is paid twice',
  async (save) => {
    const bot = await dieAfter(save);
    const outcome = await stage.ada.command(stage.channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana' });
    const pressing = setInterval(() => {
      const card = stage.discord.world.messagesIn(stage.channel.id)[0];
      const confirm = card && buttonsOf(card).find((button) => button.label.startsWith('Confirm'));
      if (card && confirm?.custom_id) void stage.ada.pressRaw(card, confirm.custom_id);
    }, 50);
    await within(20_000, bot.ended).finally(() => clearInterval(pressing));
    stage.discord.gateway.drop(true);

    await stage.startBot();
    const card = stage.discord.world.messagesIn(stage.channel.id)[0];
    if (!card) {
      // Killed before anything was shown: nobody is waiting for anything.
      expect(outcome.type).toBe('failed');
      expect(stage.paid()).toBe(0);
      return;
    }
    const end = await seeThrough(card);
    if (end.includes('✅')) expect(stage.paid()).toBe(1);
    else expect(stage.paid()).toBe(0);
    expect(card.attachments).toHaveLength(end.includes('✅') ? 1 : 0);
    expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
  },
  40_000,
);

test('stopped while the paid call is under way: its answer is still saved', async () => {
  const first = await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm');
  let letGo: (() => void) | undefined;
  stage.kubeez.gates.after = (tool) =>
    tool === 'generate_media'
      ? new Promise<void>((resolve) => {
          letGo = resolve;
        })
      : undefined;
  await stage.ada.press(card, 'Confirm');
  const job = await stage.job();
  await expect.poll(() => letGo).toBeDefined();
  const stopped = first.stop();
  letGo?.();
  await stopped;
  expect(await stage.readRecord(`flow:${/#(\w+)/.exec(textOf(card))?.[1]}`)).toContain(job.id);
  await stage.startBot();
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('killed while files are awaited: the same link still works', async () => {
  const first = await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model: 'qwen-image-to-image' }),
  );
  await stage.card('in your DMs');
  const told = stage.ada.directMessages().map(textOf);
  await first.stop();
  await stage.startBot();
  const { platform } = stage.kubeez;
  const [session] = platform.uploads.values();
  session?.files.push({
    id: '1',
    name: 'cat.png',
    url: '/uploads/1/cat.png',
    kind: 'image',
    mime_type: 'image/png',
    uploadedAt: 0,
    file_size_bytes: 5,
    data: Buffer.from('12345'),
  });
  await stage.discord.world.until(() => textOf(card).includes('Confirm · 10'), 'a price');
  expect(platform.uploads.size).toBe(1);
  expect(told).toHaveLength(2);
  expect(stage.ada.directMessages().length).toBeLessThanOrEqual(2);
});

test('a start takes up every open flow, with no paid call among them', async () => {
  stage.holdJobs();
  const first = await stage.startBot();
  const cards: Message[] = [];
  for (let number = 0; number < 6; number++) {
    const card = messageOf(
      await stage.ada.command(stage.channel, 'image', { prompt: `fox ${number}`, model: 'z-image' }),
    );
    await stage.discord.world.until(() => textOf(card).includes('[Confirm'), 'a price');
    if (number % 2) {
      await stage.ada.press(card, 'Confirm');
      await stage.job((number + 1) / 2);
      await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a running card');
    }
    cards.push(card);
  }
  await first.stop();
  const paid = stage.paid();
  await stage.startBot();
  expect(stage.log.join('')).toContain('"resumed":6');
  // The commands did not change, so they were registered once.
  expect(stage.discord.api.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  expect(stage.paid()).toBe(paid);
  for (const id of [...stage.kubeez.platform.jobs.keys()]) stage.kubeez.platform.finish(id);
  await stage.discord.world.until(
    () => cards.filter((card) => textOf(card).includes('✅')).length === 3,
    'three results',
  );
  expect(stage.paid()).toBe(paid);
});

test('stopped right after its command was answered: the next start does not draw a card that has not changed', async () => {
  const first = await stage.startBot();
  const pricings: (() => void)[] = [];
  stage.kubeez.gates.before = (tool) => {
    if (/^estimate/.test(tool)) return new Promise<void>((letGo) => void pricings.push(letGo));
  };
  const card = messageOf(await stage.ada.command(stage.channel, 'speech', { text: 'Good evening' }));
  await expect.poll(() => pricings).toHaveLength(1);
  await first.stop(1_500);
  const before = stage.discord.api.requests.length;
  const second = await stage.startBot();
  await expect.poll(() => pricings).toHaveLength(2);
  for (const letGo of pricings) letGo();
  await stage.discord.world.until(() => textOf(card).includes('[Confirm'), 'a price');
  await second.stop();
  const edits = stage.discord.api.requests.slice(before).filter(({ method }) => method === 'PATCH');
  expect(edits).toHaveLength(1);
});

test('a record that no longer parses is set aside and reported; the others go on', async () => {
  const first = await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm');
  await first.stop();
  const id = /#(\w+)/.exec(textOf(card))?.[1] ?? '';
  await stage.spoilRecord(`flow:${id}`);
  await stage.startBot();
  expect(stage.log.join('')).toContain('record set aside');
  const answer = messageOf(await stage.ada.press(card, 'Confirm'));
  expect(answer.content).toContain('Something went wrong in the bot');
  expect(await stage.readRecord(`aside:flow:${id}`)).toContain('"v":"odd"');
});
