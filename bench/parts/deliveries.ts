import { startTenantBot, tenants } from '../accounts.ts';
import { end, newStage } from '../bots.ts';
import { deliverTogether } from '../deliveries.ts';
import type { Figures } from '../figures.ts';

/** Results of 9 MB, so many of which end together, each in a server with an account of its own. */
export async function deliveries(figures: Figures, counts: number[]): Promise<void> {
  const stage = await newStage();
  const { all, key } = await tenants(
    stage,
    counts.reduce((sum, count) => sum + count),
  );
  const bot = await startTenantBot(stage, key);
  for (const count of counts) {
    const some = all.splice(0, count);
    const { most, kept } = await deliverTogether(stage, bot.pid, some);
    figures.note(
      `${some.length} results of 9 MB that end together: memory at most, kept`,
      `+${most.toFixed(0)} MiB, +${kept.toFixed(0)} MiB`,
      '≤ +50 MiB, –',
      most <= 50,
    );
  }
  await end(bot);
  await stage.close();
}
