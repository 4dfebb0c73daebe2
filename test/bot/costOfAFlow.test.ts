import { expect, test } from 'vitest';
import { hasRedis, type RedisServer, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { messageOf, useStage } from '../stage.ts';

/** What one picture takes of everything that has a limit. docs/scale.md reckons with these figures: change it with them. */

const stage = useStage();
stopRedisAfterEach();

/** How often Redis was asked for something since it was last told to forget that, and for how long it worked. */
function workOf(redis: RedisServer) {
  const stats = redis.ask('INFO', 'commandstats');
  const numberOf = (command: string, what: string) =>
    Number(new RegExp(`cmdstat_${command}:.*?\\b${what}=(\\d+)`).exec(stats)?.[1] ?? 0);
  const calls = (command: string) => numberOf(command, 'calls');
  const microseconds = ['get', 'set', 'mset', 'del', 'eval'].reduce(
    (all, command) => all + numberOf(command, 'usec'),
    0,
  );
  return {
    reads: calls('get'),
    writes: calls('set') + calls('mset') + calls('del'),
    renewals: calls('eval'),
    microseconds,
  };
}

/** Bytes of all records. */
const bytesIn = (redis: RedisServer) =>
  Number(
    redis.ask(
      'EVAL',
      "local all = 0 for _, key in ipairs(redis.call('KEYS', '*:kubeez:*')) do all = all + redis.call('STRLEN', key) end return all",
      '0',
    ),
  );

async function makePicture(redis: RedisServer): Promise<void> {
  const options = { prompt: 'a fox in snow', model: 'z-image' };
  const card = messageOf(await stage.ada.command(stage.channel, 'image', options));
  await stage.says(card, 'Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  await stage.saved(card, 'delivered');
  // The last that is written: nothing is open any more.
  await expect.poll(() => redis.ask('GET', `kubeez::kubeez:guild:${stage.guild.id}:open`)).toContain('"ids":[]');
}

test.skipIf(!hasRedis)('a picture takes what docs/scale.md says', async () => {
  const redis = await startRedis();
  await stage.startBot({ STATE_URL: redis.url });
  // The first one finds everything empty.
  await makePicture(redis);
  const { requests } = stage.discord.api;
  const { calls } = stage.kubeez.calls;
  const before = { requests: requests.length, calls: calls.length, bytes: bytesIn(redis) };
  redis.ask('CONFIG', 'RESETSTAT');
  await makePicture(redis);
  const { reads, writes, renewals, microseconds } = workOf(redis);
  const bytes = bytesIn(redis) - before.bytes;
  const paths = requests.slice(before.requests).map(({ path }) => path);
  const byToken = paths.filter((path) => /^\/(interactions|webhooks)\//.test(path)).length;
  const tools = calls.slice(before.calls).map(({ tool }) => tool);
  const looks = tools.filter((tool) => tool === 'get_generation_status').length;
  console.log({ byToken, byBot: paths.length - byToken, tools, reads, writes, renewals, microseconds, bytes });

  // Discord: the answers to the command and the press, and edits through them; the result with the bot's token.
  expect([byToken, paths.length - byToken]).toEqual([5, 1]);
  // Kubeez: besides the looks at the job, of which there are more the longer it takes.
  expect(looks).toBeGreaterThanOrEqual(1);
  expect(tools.filter((tool) => tool !== 'get_generation_status')).toEqual([
    'get_balance',
    'get_models',
    'get_balance',
    'generate_media',
    'get_generations',
  ]);
  // The store: consecutive steps use the record just written. A look is one read, and written only where it shows something
  // new. One of the reads is this test's.
  expect(reads - looks).toBeLessThanOrEqual(4);
  expect(writes).toBeGreaterThanOrEqual(6);
  expect(writes).toBeLessThanOrEqual(7);
  // With each write, before the paid call, and every 2.5 seconds.
  expect(renewals).toBeLessThanOrEqual(writes + 4);
  expect(bytes).toBeGreaterThan(2_000);
  expect(bytes).toBeLessThan(4_500);
});
