import PQueue from 'p-queue';
import { begin, connectionsOf, startTenantBot, tenants } from '../accounts.ts';
import { end, newStage, startBareBots } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { memoryOf, wait } from '../measure.ts';

const accounts = 1000;

/** A thousand servers, each with an account of its own and one flow, in one process. */
export async function manyAccounts(figures: Figures): Promise<void> {
  const bare = await startBareBots();
  const stage = await newStage();
  stage.kubeez.platform.settings.hold = true;
  const { all, key } = await tenants(stage, accounts);
  const bot = await startTenantBot(stage, key);
  let begun = 0;
  const queue = new PQueue({ concurrency: 50 });
  for (const { person, channel } of all) {
    void queue.add(async () => {
      await begin(stage, person, channel, 'image', { prompt: 'tenant', model: 'z-image' }).then(
        () => begun++,
        (error) => console.error(String(error)),
      );
    });
  }
  await queue.onIdle();
  await wait(20_000);
  const [ours, base] = [memoryOf(bot.pid), bare.memory()];
  figures.note(`${accounts} servers with accounts: flows begun`, `${begun}`, `${accounts}`, begun === accounts);
  figures.note(
    `${accounts} servers with accounts: memory`,
    `${ours.toFixed(0)} MiB, bare ${base.toFixed(0)} MiB, +${(ours - base).toFixed(0)} MiB`,
    '≤ +200 MiB',
    ours - base <= 200,
  );
  const sockets = connectionsOf(bot.pid);
  figures.note(`${accounts} servers with accounts: open connections`, `${sockets}`, '≤ 300', sockets <= 300);
  await Promise.all([end(bot), bare.end()]);
  await stage.close();
}
