import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BotProcess, startBotProcess } from '../playground/botProcess.ts';
import { easyRates, type Rates, realRates } from '../playground/discord/rates.ts';
import { type Stage, startStage } from '../playground/stage.ts';
import { systemClock } from '../src/clock.ts';
import { memoryOf, quantile, wait } from './measure.ts';

/** Discord’s, but that bots are started one right after another. */
const startRates = { ...realRates, identify: easyRates.identify };

/** Stand-ins with a database of their own. */
export function newStage(rates: Rates = startRates): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-bench-'));
  return startStage({ clock: systemClock, rates, stateUrl: `sqlite:${folder}/bot.db` });
}

/** Starts the bare discord.js bot that everything is compared with. It has its libraries in it, as ours has. */
export const startBare = (stage: Stage): ChildProcess => startFile('bareBot.js', stage);

/** Starts the same bot as one writes it: its libraries are where npm puts them. */
export const startBareAsWritten = (stage: Stage): ChildProcess => startFile('bareBotAsWritten.js', stage);

const startFile = (name: string, stage: Stage): ChildProcess =>
  endingWithUs(
    spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], {
      env: { PATH: process.env.PATH, ...stage.env },
      stdio: 'inherit',
    }),
  );

/** Starts our bot. */
export const startOurs = (stage: Stage, env: Record<string, string> = {}): ChildProcess =>
  startWithLog(stage, { LOG_LEVEL: 'warn', ...env }).process;

/** The same, with what it writes. */
export function startWithLog(stage: Stage, env: Record<string, string> = {}): BotProcess {
  const bot = startBotProcess({ ...stage.env, LOG_LEVEL: 'info', ...env });
  endingWithUs(bot.process);
  return bot;
}

/** A run that fails leaves no bot behind, which would slow whatever is measured next. */
function endingWithUs(child: ChildProcess): ChildProcess {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** Starts a bot and waits until its commands are there. */
export async function ready(stage: Stage, start: () => ChildProcess): Promise<ChildProcess> {
  const child = start();
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0 && child, 'the bot', 60_000);
  await wait(1500);
  return child;
}

/** Milliseconds from the start of a bot to READY. It is ended after that. */
export async function timeToReady(stage: Stage, start: (stage: Stage) => ChildProcess): Promise<number> {
  const { gateway, world } = stage.discord;
  const before = gateway.identified;
  const begun = performance.now();
  const child = start(stage);
  await world.until(() => gateway.identified > before, 'READY', 60_000);
  const took = performance.now() - begun;
  await end(child);
  return took;
}

/**
 * Three bare bots on a stage of their own. The memory of one that has little to do depends on when it last collected its
 * garbage (66 to 84 MiB), so ours is compared with the one in the middle.
 */
export async function startBareBots(): Promise<{ memory(): number; end(): Promise<void> }> {
  const stage = await newStage();
  const bots: ChildProcess[] = [];
  for (let left = 3; left > 0; left--) bots.push(await ready(stage, () => startBare(stage)));
  return {
    memory: () =>
      quantile(
        bots.map(({ pid }) => memoryOf(pid)),
        0.5,
      ),
    async end() {
      await Promise.all(bots.map(end));
      await stage.close();
    },
  };
}

/** Ends a bot as a supervisor would, and waits until it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
