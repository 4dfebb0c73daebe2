#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inTheirLanguage } from './text/ofTerminal.ts';
import { t } from './text/text.ts';

/** `npx kubeez-discord`: leads to what the package can do. Settings and data are those of the folder it is called in. */

/** What each command runs, beside this file. */
const programs = {
  setup: './setup/main.js',
  start: './main.js',
  doctor: './doctor/main.js',
  backup: './backup/main.js',
  restore: './backup/main.js',
  export: './backup/main.js',
  playground: '../playground/main.js',
};

const names = ['setup', 'start', 'doctor', 'backup', 'restore', 'export', 'playground'] as const;

const help = () => [t('cli.usage'), '', ...names.map((name) => `  ${name}: ${t(`cli.${name}`)}`)].join('\n');

/** As `npm start` runs the bot; docs/decisions.md says why. */
const flags = ['--max-semi-space-size=16', '--max-old-space-size=192', '--v8-pool-size=1'];

const [wanted = '', ...args] = process.argv.slice(2);
const name = names.find((one) => one === wanted);
await inTheirLanguage(process.env, async () => {
  if (name !== undefined) return run(name);
  if (['help', '--help', '-h'].includes(wanted)) return console.log(help());
  console.error(wanted === '' ? help() : `${t('cli.unknown', { command: wanted })}\n\n${help()}`);
  // Not 1, which says that a program ran and did not succeed.
  process.exit(2);
});

async function run(name: (typeof names)[number]): Promise<void> {
  const program = new URL(programs[name], import.meta.url);
  if (name === 'start') return start(fileURLToPath(program));
  // A program looks at its own arguments; one for several commands at which of them was meant.
  const named = programs[name] === programs.backup ? [name, ...args] : args;
  process.argv = [process.argv[0] ?? '', fileURLToPath(program), ...named];
  await import(program.href);
}

/** The bot in a process of its own, because only a new one takes those flags; signals and the exit code are handed on. */
function start(program: string): void {
  // In a group of its own, so that Ctrl+C reaches it once: the second signal does not wait.
  const ownGroup = process.platform !== 'win32';
  const bot = spawn(process.execPath, [...flags, program, ...args], { stdio: 'inherit', detached: ownGroup });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (ownGroup) bot.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    });
  bot.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
}
