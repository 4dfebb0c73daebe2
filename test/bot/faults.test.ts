import { expect, test, vi } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { pictureFile } from '../../playground/props.ts';
import { readBudget } from '../../src/kubeez/budget.ts';
import { Secrets } from '../../src/secrets.ts';
import { hasSessions, idIn, messageOf, textOf, uploadLink, uploadTo, useStage, wide } from '../stage.ts';

const stage = useStage();
const budget = { all: wide, asking: wide, watching: wide };
/** Time-outs of half a second and less. */
const quick = 0.05;

/** Every kind of read that one flow with an upload makes, in its order. */
const reads = {
  link: /^get_upload_url$/,
  session: /^get_upload_session$/,
  price: /^(estimate|estimate_generation_cost)$/,
  balance: /^get_balance$/,
  status: /^get_(generation_)?status$/,
  history: /^get_generations$/,
};

async function begin(): Promise<Message> {
  const answer = await stage.ada.command(stage.channel, 'animate', { prompt: 'snow falls', model: 'kling-3-0-std' });
  return messageOf(answer);
}

async function upload(): Promise<void> {
  await uploadTo(await uploadLink(stage), ['one.png', await pictureFile()], ['two.png', await pictureFile('two')]);
}

test.each(['html', 'cut', 'hang', 500, 429] as const)(
  'every read of a flow fails once (%s): it is made again, and nobody notices',
  async (how) => {
    await stage.startBot({}, budget, quick);
    for (const tool of Object.values(reads)) stage.kubeez.faults.push({ tool, how, times: 1 });
    const card = await begin();
    await upload();
    await stage.says(card, 'Confirm ·');
    for (const tool of [reads.price, reads.balance]) stage.kubeez.faults.push({ tool, how, times: 1 });
    await stage.ada.press(card, 'Confirm');
    await stage.says(card, '✅');
    expect(stage.kubeez.faults.filter(({ times }) => times > 0)).toEqual([]);
    expect(stage.paid()).toBe(1);
  },
);

test.each(['link', 'session', 'price', 'balance', 'status'] as const)(
  'an outage while the %s is read: the card says so once, and all goes on by itself',
  async (phase) => {
    await stage.startBot({}, budget, quick);
    const fault = { tool: reads[phase], how: 503, times: Number.POSITIVE_INFINITY };
    stage.kubeez.faults.push(fault);
    const over = async (card: Message) => {
      await stage.says(card, 'Kubeez can’t be reached. I keep trying; nothing is lost.');
      fault.times = 0;
      stage.clock.advance(31_000);
    };
    const card = await begin();
    if (phase === 'link') await over(card);
    await upload();
    if (['session', 'price', 'balance'].includes(phase)) await over(card);
    await stage.says(card, 'Confirm ·');
    expect(textOf(card)).not.toContain('can’t be reached');
    await stage.ada.press(card, 'Confirm');
    if (phase === 'status') await over(card);
    await stage.says(card, '✅');
    expect(stage.paid()).toBe(1);
  },
);

test.each([
  ['link', 'Kubeez can’t be reached. I keep trying; nothing is lost.'],
  ['session', 'Kubeez can’t be reached. I keep trying; nothing is lost.'],
  ['price', 'Kubeez gave no price that I can read, so nothing was started.'],
  ['balance', 'Kubeez gave no price that I can read, so nothing was started.'],
] as const)('an answer in no known form for the %s: nothing is guessed, nothing is spent', async (phase, sentence) => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: reads[phase], how: 'nonsense', times: Number.POSITIVE_INFINITY });
  const card = await begin();
  if (phase !== 'link') await upload();
  await stage.says(card, sentence);
  expect(stage.paid()).toBe(0);
});

test('an outage of a day: the flow ends with a sentence, and nothing was spent', async () => {
  await stage.startBot({}, budget, quick);
  stage.kubeez.outage.on = true;
  for (const start of [begin, () => stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' })]) {
    await start();
    await stage.card('Kubeez can’t be reached.');
    stage.clock.advance(23 * 60 * 60_000);
    await stage.card('Kubeez can’t be reached.');
    stage.clock.advance(2 * 60 * 60_000);
    await stage.card('Kubeez could not be reached. Try again in a few minutes. Nothing was spent.');
  }
});

test('many prices that wait for the end of an outage are there soon after it, with no backlog to work off', async () => {
  await stage.startBot({}, readBudget, quick);
  stage.kubeez.outage.on = true;
  const cards = await Promise.all(
    // Few enough for the reads that were on their way when it began, and those after its end, to fit one minute.
    Array.from({ length: 15 }, async (_, number) => {
      const wish = { prompt: `ship ${number}`, model: 'kling-3-0-std' };
      return messageOf(await stage.ada.command(stage.channel, 'video', wish));
    }),
  );
  const all = (text: string) =>
    stage.discord.world.until(() => cards.every((card) => textOf(card).includes(text)), text);
  await all('Kubeez can’t be reached.');
  // Twenty hours of it.
  for (let hours = 0; hours < 20; hours++) {
    const { refused } = stage.kubeez.outage;
    stage.clock.advance(60 * 60_000);
    await stage.discord.world.until(() => stage.kubeez.outage.refused > refused, 'another try');
  }
  stage.kubeez.outage.on = false;
  // A try that was under way just then fails, and the next comes half a minute later.
  // Not so fast that a price is too old by the time it comes.
  await stage.inTime(all('Confirm · 51 credits'), 5000, 100);
});

test.each(['html', 'cut', 'half', 'hang', 404, 500] as const)(
  'the file of a result breaks at first (%s): it comes a little later, whole and once',
  async (how) => {
    await stage.startBot({}, budget, 0.02);
    stage.kubeez.faults.push({ tool: /^\/images\//, how, times: 2 });
    const wish = { prompt: 'a fox', model: 'nano-banana' };
    const card = messageOf(await stage.ada.command(stage.channel, 'image', wish));
    await stage.says(card, 'Confirm ·');
    await stage.ada.press(card, 'Confirm');
    await stage.inTime(stage.says(card, '✅'));
    expect(card.attachments.map(({ filename }) => filename)).toEqual([expect.stringMatching(/^a-fox-\w{8}\.png$/)]);
    expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
  },
);

// Without sessions nothing is lost between the price and the start that would have to be opened anew.
test.runIf(hasSessions).each(['html', 'cut', 'hang', 'nonsense', 404, 429, 500] as const)(
  'the connection for a paid call cannot be made at first (%s): the call was never sent, so it is made later, once',
  async (how) => {
    await stage.startBot({}, budget, quick);
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
    await stage.says(card, 'Confirm ·');
    let isGone = false;
    // The session is lost between the price and the start.
    stage.kubeez.gates.after = (tool) => {
      if (tool !== 'get_balance' || isGone) return;
      isGone = true;
      stage.kubeez.forgetSessions();
      stage.kubeez.faults.push({ tool: /^initialize$/, how, times: 1 });
    };
    await stage.ada.press(card, 'Confirm');
    await stage.says(card, 'I keep trying');
    expect(stage.paid()).toBe(0);
    stage.clock.advance(31_000);
    await stage.says(card, '✅');
    expect(stage.paid()).toBe(1);
  },
);

test.each(['html', 'cut', 'hang', 'nonsense', 500] as const)(
  'the list of tools breaks at first (%s): the bot starts all the same, and works a moment later',
  async (how) => {
    stage.kubeez.faults.push({ tool: /^tools\/list$/, how, times: 1 });
    await stage.startBot({}, budget, quick);
    const wish = { prompt: 'a fox', model: 'nano-banana' };
    const card = messageOf(await stage.ada.command(stage.channel, 'image', wish));
    await stage.says(card, 'Confirm ·');
  },
);

test('an interaction that the gateway sends twice, as after a broken connection, starts one flow', async () => {
  await stage.startBot();
  const { gateway } = stage.discord;
  const dispatch = gateway.dispatch.bind(gateway);
  gateway.dispatch = (...event) => {
    dispatch(...event);
    dispatch(...event);
  };
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.says(card, 'Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  expect(stage.rows().filter(({ key }) => key.startsWith('kubeez:flow:'))).toHaveLength(1);
  expect(stage.paid()).toBe(1);
});

test('an error whose message belongs to its class, such as a time-out, is cleaned of secrets', () => {
  const secrets = new Secrets();
  secrets.add('a-secret-of-many-letters');
  const error = new DOMException('timed out with a-secret-of-many-letters', 'TimeoutError');
  expect(secrets.blankError(error).message).not.toContain('a-secret');
});

/** Every edit of a card is refused, whichever way it goes. */
const edits = /^PATCH \/(channels|webhooks)\//;

test('Discord is away when the price is there: it stands on the card as soon as Discord is back', async () => {
  await stage.startBot();
  const fault = { match: edits, answer: 503, times: Number.POSITIVE_INFINITY };
  stage.discord.api.faults.push(fault);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.discord.world.until(
    () => stage.log.some((line) => line.includes('card not drawn')),
    'an edit that failed',
  );
  expect(textOf(card)).toContain('Working out the price');
  fault.times = 0;
  await stage.cardInTime('Confirm ·');
});

test('the end of a flow is refused by Discord, and then the bot is stopped: the next start draws it', async () => {
  const bot = await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'an explicit fox', model: 'z-image' }),
  );
  await stage.says(card, 'Confirm ·');
  stage.discord.api.faults.push({ match: edits, answer: 400, times: Number.POSITIVE_INFINITY });
  await stage.ada.press(card, 'Confirm');
  const hasLogged = (words: string, from = 0) => stage.log.findIndex((line, at) => at >= from && line.includes(words));
  await stage.discord.world.until(() => {
    const ended = hasLogged('"to":"failed"');
    return ended >= 0 && hasLogged('card not drawn', ended) >= 0;
  }, 'an end that could not be drawn');
  await bot.stop(500);
  stage.discord.api.faults.splice(0);
  expect(textOf(card)).not.toContain('❌');
  await stage.startBot();
  await stage.cardInTime('❌');
  // Then it is on no list any more.
  await vi.waitUntil(() => stage.rows().some(isEmptyList), 20_000);
});

test('a flow whose channel is deleted before its card can show its end is on no list any more', async () => {
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'an explicit fox', model: 'z-image' }),
  );
  await stage.says(card, 'Confirm ·');
  stage.kubeez.gates.before = async (tool) => {
    if (tool === 'generate_media') stage.discord.world.channels.delete(stage.channel.id);
  };
  await stage.ada.press(card, 'Confirm');
  await vi.waitUntil(() => stage.rows().some(isEmptyList), 20_000);
});

test('a flow that was listed as open although it had ended, as after a kill, is taken off the list at the next start', async () => {
  const bot = await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.says(card, 'Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  await bot.stop();
  await stage.writeRecord(`guild:${stage.guild.id}:open`, { v: 1, ids: [idIn(card)] });
  await stage.startBot();
  await vi.waitUntil(() => stage.rows().some(isEmptyList), 20_000);
});

const isEmptyList = ({ key, value }: { key: string; value: string }) =>
  key.endsWith(`${stage.guild.id}:open`) && value.includes('"ids":[]');
