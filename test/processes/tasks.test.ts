import { expect, test } from 'vitest';
import { openTasks } from '../../src/flows/runs.ts';
import { startDyingBot } from '../dyingBot.ts';
import { idIn, messageOf, useStage } from '../stage.ts';

const stage = useStage();

// The new request, Confirm, the start, and that it goes on with its task.
const saves = 4;

test('killed (kill -9) right after a task was saved: the next bot follows it, and nothing is paid twice', async () => {
  Object.assign(stage.kubeez.platform.settings, { era: 'stateless', tasks: 'result', taskPause: 50 });
  stage.holdJobs();
  const bot = startDyingBot(saves, { ...stage.env, KUBEEZ_POLL_SECONDS: '0.05' });
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot', 20_000);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.says(card, 'Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await bot.ended;
  stage.discord.gateway.drop(true);
  const flow = await stage.readFlow(idIn(card));
  expect(flow.stage).toBe('running');
  expect(openTasks(flow)).toHaveLength(1);
  await stage.startBot();
  stage.kubeez.platform.finishAll();
  await stage.inTime(stage.says(card, '✅'));
  const starts = stage.kubeez.calls.calls.filter(({ tool }) => tool === 'generate_media');
  expect([starts.length, stage.paid()]).toEqual([1, 1]);
});
