import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { startBotProcess } from './botProcess.ts';
import { startStage } from './stage.ts';
import { serveWeb } from './web/server.ts';

/** `npm run playground`: both stand-ins, the real bot, and a page to be a Discord user on. */
const port = Number(process.env.PLAYGROUND_PORT ?? 4000);
/** Jobs run this much faster than the platform's. */
const speed = 4;

// The stand-ins forget everything when they stop, so the bot begins anew as well.
const folder = mkdtempSync(join(tmpdir(), 'kubeez-playground-'));
const stage = await startStage({ clock: systemClock, stateUrl: `sqlite:${join(folder, 'bot.db')}` });
Object.assign(stage.kubeez.platform.settings, { speed, freshFor: 300, cdnLag: 500 });
const web = await serveWeb(stage, port).catch((error) => {
  console.error(`Port ${port} cannot be used (${error.code ?? error}): set PLAYGROUND_PORT to another one.`);
  process.exit(1);
});
const bot = startBotProcess({ ...stage.env, KUBEEZ_POLL_SECONDS: '1' });
void bot.ended.then((code) => {
  console.error(`The bot has ended (${code}):\n${bot.output.slice(-5).join('')}`);
  process.exit(1);
});
await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot', 30_000);
console.log(`\nThe playground is ready: ${web.address}\n`);

const stop = async () => {
  bot.process.removeAllListeners('exit');
  bot.process.kill('SIGTERM');
  await web.close();
  await stage.close();
  process.exit(0);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
