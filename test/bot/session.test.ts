import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

async function quoted(prompt: string): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label?.startsWith('Confirm ·'), 'a price');
  return card;
}

/** From now on the server knows no session that was opened so far, and says so like this. */
function restartServer(status: number, message: string): void {
  Object.assign(stage.kubeez.unknownSession, { status, error: { code: -32_000, message } });
  stage.kubeez.forgetSessions();
}

/** How servers refuse every call of a session that they have lost. */
const refusals = [
  [404, 'Session not found'],
  [400, 'Bad Request: No valid session ID provided'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [410, 'Gone'],
  [422, 'Unprocessable'],
  [500, 'Internal server error'],
  [200, 'Bad Request: Server not initialized'],
] as const;

test.each(refusals)(
  'the server has lost the session (%s, “%s”): a running job is delivered, and the next price comes',
  async (status, message) => {
    await stage.startBot();
    stage.holdJobs();
    const card = await quoted('a fox');
    await stage.ada.press(card, 'Confirm');
    const job = await stage.job();
    restartServer(status, message);
    stage.kubeez.platform.finish(job.id);
    await stage.cardInTime('✅');
    expect(textOf(card)).toContain('✅');
    restartServer(status, message);
    await quoted('another fox');
    expect(stage.log.join('')).not.toContain('refuses the sign-in');
  },
);

/** The session is lost between the price and the start. */
async function confirmAfterRestart(status: number, message: string): Promise<Message> {
  await stage.startBot();
  const card = await quoted('a fox');
  let isGone = false;
  stage.kubeez.gates.after = (tool) => {
    if (tool !== 'get_balance' || isGone) return;
    isGone = true;
    restartServer(status, message);
  };
  await stage.ada.press(card, 'Confirm');
  return card;
}

test.each([
  [404, 'Session not found'],
  [400, 'Bad Request: No valid session ID provided'],
  [400, 'Invalid session'],
] as const)(
  'a start that the server refused because it had lost the session (%s, “%s”) is made in a new one, once',
  async (status, message) => {
    const card = await confirmAfterRestart(status, message);
    await stage.discord.world.until(() => textOf(card).includes('✅'), 'a result');
    expect(stage.paid()).toBe(1);
  },
);

test.each([
  [400, 'Bad Request'],
  [410, 'Gone'],
] as const)(
  'a start that was refused without a word about the session (%s, “%s”) is not made again by itself',
  async (status, message) => {
    const card = await confirmAfterRestart(status, message);
    const isOver = () => /answer to the start was lost|unclear|refused/i.test(textOf(card));
    await stage.inTime(stage.discord.world.until(isOver, 'an end'));
    expect(stage.paid()).toBe(0);
  },
);

const sessionUnknown = { how: 400, text: 'Bad Request: No valid session ID provided' };

test('a new session that is refused as well, where several servers share the work: the price is asked for again', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ ...sessionUnknown, tool: /^get_balance$/, times: 2 });
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.inTime(stage.discord.world.until(() => textOf(card).includes('[Confirm'), 'a price'));
});

test('a new session that is refused as well at the start: it is made again by itself, and paid once', async () => {
  await stage.startBot();
  const card = await quoted('a fox');
  stage.kubeez.faults.push({ ...sessionUnknown, tool: /^generate_media$/, times: 2 });
  await stage.ada.press(card, 'Confirm');
  await stage.inTime(stage.discord.world.until(() => textOf(card).includes('✅'), 'a result'));
  expect(stage.paid()).toBe(1);
});

test('a refusal that is no matter of the session does not open a new session at each read', async () => {
  await stage.startBot();
  await quoted('a fox');
  stage.kubeez.faults.push({ tool: /^get_balance$/, how: 400, times: Number.POSITIVE_INFINITY });
  const before = stage.kubeez.sessions();
  for (let number = 0; number < 5; number++) await stage.ada.command(stage.channel, 'balance');
  expect(stage.kubeez.sessions() - before).toBeLessThanOrEqual(1);
});
