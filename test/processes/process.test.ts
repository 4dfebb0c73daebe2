import { type ChildProcess, spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { startBotProcess } from '../../playground/botProcess.ts';
import { freePort } from '../../playground/freePort.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

test('without its tokens the bot stops at once, names every problem and points to the playground', async () => {
  const bot = startBotProcess({
    KUBEEZ_POLL_SECONDS: 'often',
    STATE_URL: 'mongodb://x',
    DOTENV_CONFIG_PATH: '/nowhere',
  });
  expect(await bot.ended).toBe(1);
  const output = bot.output.join('');
  for (const name of [
    'DISCORD_TOKEN is missing',
    'KUBEEZ_TOKEN is missing',
    'KUBEEZ_POLL_SECONDS',
    'STATE_URL must be',
    'npm run playground',
  ]) {
    expect(output).toContain(name);
  }
});

test('the bot of production makes a picture, and stops on SIGTERM with nothing lost', async () => {
  stage.holdJobs();
  const env: Record<string, string> = { ...stage.env, KUBEEZ_POLL_SECONDS: '0.1' };
  const bot = startBotProcess(env);
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot');
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm');
  await stage.ada.press(card, 'Confirm');
  await stage.card(' s · ');
  bot.process.kill('SIGTERM');
  expect(await bot.ended).toBe(0);
  const output = bot.output.join('');
  expect(output).toContain('"msg":"stopping"');
  for (const secret of [env.DISCORD_TOKEN ?? '?', env.KUBEEZ_TOKEN ?? '?']) expect(output).not.toContain(secret);

  stage.kubeez.platform.finish((await stage.job()).id);
  const again = startBotProcess(env);
  await stage.card('✅');
  expect(textOf(card)).toContain('credits');
  expect(stage.paid()).toBe(1);
  again.process.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});

test('nobody reads what it logs any more, and nothing can be reached: it still ends on SIGTERM', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  // A pipe of a shell: only there is what waits to be written found broken by the end itself.
  const shell = spawn('sh', ['-c', `timeout 3 "${process.execPath}" dist/src/main.js 2>&1 | head -n 1`], {
    env: { ...process.env, ...stage.env, DISCORD_API_URL: `${nowhere}/api`, KUBEEZ_MCP_URL: nowhere },
    stdio: 'ignore',
    detached: true,
  });
  onTestFinished(() => endGroup(shell));
  await new Promise((resolve) => shell.once('exit', resolve));
});

test('a token that Discord refuses ends the start with an error', async () => {
  const bot = startBotProcess({ ...stage.env, DISCORD_TOKEN: `${stage.env.DISCORD_TOKEN}x` });
  expect(await bot.ended).toBe(1);
  expect(bot.output.join('')).toContain('the bot cannot start');
});

test('a session that is declared invalid right after a resume does not end the bot', async () => {
  const bot = startBotProcess({ ...stage.env, KUBEEZ_POLL_SECONDS: '0.1' });
  const { gateway, world } = stage.discord;
  await world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot');
  gateway.drop();
  await world.until(() => gateway.resumed > 0, 'a resume');
  gateway.invalidate();
  await world.until(() => gateway.identified === 2, 'a new session');
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' });
  await stage.card('Confirm');
  bot.process.kill('SIGTERM');
  expect(await bot.ended).toBe(0);
});

test('the playground ends with whoever started it: npm gives a signal to a shell, which gives it to nobody', async () => {
  const port = await freePort();
  const command = `"${process.execPath}" dist/playground/main.js; exit $?`;
  const shell = spawn('sh', ['-c', command], {
    env: { ...process.env, PLAYGROUND_PORT: String(port) },
    stdio: 'ignore',
    // A group of its own, so that nothing of it is left where this fails.
    detached: true,
  });
  onTestFinished(() => endGroup(shell));
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(answers, { timeout: 30_000, interval: 200 }).toBe(true);
  shell.kill('SIGTERM');
  await expect.poll(answers, { timeout: 20_000, interval: 200 }).toBe(false);
});

/** Ends a shell and all that it has started, so that nothing of it is left where a test fails. */
function endGroup({ pid = 0 }: ChildProcess): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended, as it should.
  }
}
