import { z } from 'zod';
import { startShow } from './cast.ts';
import { serveWeb } from './web/server.ts';

/** `npm run playground`: both stand-ins, the real bot, and a page to be a Discord user on. */
const port = Number(process.env.PLAYGROUND_PORT ?? 4000);
const speed = 4;
const tools = z.enum(['documented', 'newer', 'mixed']).catch('mixed').parse(process.env.PLAYGROUND_TOOLS);

const show = await startShow(speed, tools);
try {
  const web = await serveWeb(show, port, show);
  console.log(`\nThe playground is ready: ${web.address}\n`);
  const stop = async () => {
    await web.close();
    await show.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // npm gives a signal to its shell, which ends without giving it to anybody: then nobody is left who waits for this.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    void stop();
  }, 500);
} catch {
  console.error(`Port ${port} cannot be used: set PLAYGROUND_PORT to another one.`);
  await show.close();
  process.exit(1);
}
