import { beforeEach, expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { idIn, messageOf, textOf, useStage } from '../stage.ts';

/** After a failed job the card says whether its credits came back, by Kubeez’ record or by the balance. */
const stage = useStage();

const minute = 60_000;
const unknown = 'Kubeez did not say what it charged; it usually refunds failed jobs.';
const cameBack = 'The 7 credits came back: the balance is what it was before.';
const stayedAway = 'The 7 credits did not come back within two minutes.';

beforeEach(() => {
  stage.holdJobs();
  // The history does not say what was charged, as it does for songs.
  stage.kubeez.platform.settings.said = (answer) => ({ ...answer, credits_deducted: undefined });
});

/** The bot has seen all that the account does for long enough. */
async function settledBot(): Promise<void> {
  await stage.startBot();
  stage.clock.advance(6 * minute);
}

async function confirmed(person: Person = stage.ada, prompt = 'a fox'): Promise<Message> {
  const card = messageOf(await person.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.says(card, 'Confirm ·');
  await person.press(card, 'Confirm');
  return card;
}

/** A card whose job has failed. */
async function failed(refundsAfter: number | null, meanwhile = async () => {}): Promise<Message> {
  stage.kubeez.platform.settings.refundsAfter = refundsAfter;
  const card = await confirmed();
  await stage.says(card, '▱');
  await meanwhile();
  const job = [...stage.kubeez.platform.jobs.values()].find(({ prompt }) => prompt === 'a fox');
  stage.kubeez.platform.finish(job?.id ?? '', 'failed');
  await stage.inTime(stage.card(unknown), 1000);
  return card;
}

/** Lets all the looks pass; what nothing can be told of still says so afterwards. */
async function lateLooks(): Promise<void> {
  const reads = stage.kubeez.platform.reads.length;
  for (let look = 0; look < 3; look++) {
    stage.clock.advance(2 * minute);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  expect(stage.kubeez.platform.reads.length).toBeGreaterThan(reads);
}

/** What the ledger has of it. */
const entries = (card: Message) =>
  stage
    .rows()
    .filter(({ key }) => key.includes(':ledger:') && key.includes(idIn(card)))
    .map(({ value }) => JSON.parse(value).value.state);

test.each([0, 60_000])(
  'credits that came back after %d ms: the balance tells, the ledger stays as it is',
  async (after) => {
    await settledBot();
    const card = await failed(after);
    await stage.inTime(stage.says(card, cameBack), 5_000);
    expect(textOf(card)).not.toContain('charged');
    expect(entries(card)).toEqual(['unclear']);
  },
);

test('credits that did not come back: said after the last look', async () => {
  await settledBot();
  const card = await failed(null);
  await stage.inTime(stage.says(card, stayedAway), 5_000);
  expect(entries(card)).toEqual(['unclear']);
});

test('the history says later that nothing was taken: it counts, and the limit has its credits back', async () => {
  await stage.writeRecord(`guild:${stage.guild.id}`, {
    v: 1,
    limits: [{ id: 'server.week', credits: 7, per: 'week', scope: 'server', target: null }],
  });
  stage.kubeez.platform.settings.said = (answer) => answer;
  await settledBot();
  const card = await failed(10_000);
  await stage.inTime(stage.says(card, 'Nothing was charged.'), 5_000);
  expect(entries(card)).toEqual(['released']);
  await confirmed(stage.ben, 'another fox');
});

test('the history still has it as charged after two minutes: it did not come back', async () => {
  stage.kubeez.platform.settings.said = (answer) => answer;
  // Too early for the balance.
  await stage.startBot();
  const card = await failed(null);
  await stage.inTime(stage.says(card, stayedAway), 5_000);
});

/** Credits that come to the account or leave it. */
function move(credits: number): void {
  stage.kubeez.platform.credits += credits;
}

test('somebody topped up meanwhile: a sum that is neither the one nor the other says nothing', async () => {
  await settledBot();
  const card = await failed(null, async () => move(50));
  await lateLooks();
  expect(textOf(card)).toContain(unknown);
});

test('another flow ran already, and its credits come back: nothing is said of the balance', async () => {
  await settledBot();
  await confirmed(stage.ben, 'another fox');
  await stage.job();
  const card = await failed(null, async () => move(7));
  await lateLooks();
  expect(textOf(card)).toContain(unknown);
});

test('another flow has ended a moment ago: its credits may come back just now', async () => {
  await settledBot();
  const other = await confirmed(stage.ben, 'another fox');
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.inTime(stage.says(other, '✅'), 1000);
  const card = await failed(null, async () => move(7));
  await lateLooks();
  expect(textOf(card)).toContain(unknown);
});

test('another flow is started meanwhile: nothing is said of the balance', async () => {
  await settledBot();
  const card = await failed(0, async () => {
    await confirmed(stage.ben, 'another fox');
    await stage.job(2);
  });
  await lateLooks();
  expect(textOf(card)).toContain(unknown);
});

test('a bot that has just started does not know what else is under way, and says nothing of the balance', async () => {
  await stage.startBot();
  const card = await failed(0);
  await lateLooks();
  expect(textOf(card)).toContain(unknown);
});

test('where the card was deleted, its failure is told once, and not again for this', async () => {
  await settledBot();
  await failed(60_000, async () => {
    const [shown] = stage.discord.world.messagesIn(stage.channel.id);
    stage.discord.world.messages.delete(shown?.id ?? '');
  });
  await lateLooks();
  // Discord would hide a second message behind its nonce: what counts is what the bot sent.
  const sent = stage.discord.api.requests.filter(
    ({ method, path }) => method === 'POST' && path === `/channels/${stage.channel.id}/messages`,
  );
  expect(sent).toHaveLength(1);
});
