import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

/**
 * `STORE_NAME=0.2.0 npm run store` writes test/stores/0.2.0.json: what this version keeps of flows in every stage, with the jobs
 * and messages that belong to it. Run it before the form of a record changes; later versions must take such a store up.
 */
const stage = useStage();

async function priced(command: string, wish: Record<string, string>): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, wish));
  await stage.says(card, 'Confirm ·');
  return card;
}

const image = (prompt: string) => priced('image', { prompt, model: 'nano-banana' });

async function confirmed(card: Message): Promise<Message> {
  const confirm = buttonsOf(card).find(({ label }) => label.startsWith('Confirm'))?.custom_id ?? '';
  await stage.ada.pressRaw(card, confirm);
  return card;
}

const reaches = (card: Message, wanted: string) => {
  const id = /#(\w{8})/.exec(textOf(card))?.[1] ?? '';
  return expect.poll(() => stage.readRecord(`flow:${id}`), { timeout: 10_000 }).toContain(`"stage":"${wanted}"`);
};

test('a store with flows in every stage', async () => {
  const name = process.env.STORE_NAME;
  if (!name) throw new Error('Name the store: STORE_NAME=0.2.0 npm run store');
  await stage.startBot({ KUBEEZ_POLL_SECONDS: '5' });
  const { platform, faults, gates } = stage.kubeez;

  await reaches(await confirmed(await image('delivered')), 'delivered');
  const cancelled = await image('cancelled');
  await stage.ada.press(cancelled, 'Cancel');
  await reaches(cancelled, 'cancelled');
  platform.settings.hold = true;
  const failed = await confirmed(await image('failed'));
  const bad = await stage.job(2);
  platform.finish(bad.id, 'failed');
  stage.clock.advance(60_000);
  await reaches(failed, 'failed');

  faults.push({ tool: /^generate_music$/, how: 'lost', times: 1 });
  const unclear = await confirmed(await priced('music', { prompt: 'unclear' }));
  await stage.says(unclear, 'Check');
  faults.push({ tool: /^\/images\//, how: 404, times: Number.POSITIVE_INFINITY });
  const delivering = await confirmed(await image('delivering'));
  const late = await stage.job(4);
  platform.finish(late.id);
  stage.clock.advance(60_000);
  await reaches(delivering, 'delivering');
  await reaches(await confirmed(await image('running')), 'running');
  await image('quoted');
  await stage.ada.command(stage.channel, 'animate', { prompt: 'uploading', model: 'kling-3-0-turbo' });
  await stage.card('Cancel');
  const submitting = await image('submitting');
  const queued = await image('queued');
  gates.after = (tool) => (tool === 'generate_media' ? new Promise(() => {}) : undefined);
  await reaches(await confirmed(submitting), 'submitting');
  await stage.job(6);
  faults.push({ tool: /^generate_media$/, how: 429, times: Number.POSITIVE_INFINITY });
  await reaches(await confirmed(queued), 'queued');
  gates.before = (tool) => (tool === 'estimate_generation_cost' ? new Promise(() => {}) : undefined);
  const quoting = messageOf(
    await stage.ada.command(stage.channel, 'video', { prompt: 'quoting', model: 'kling-3-0-std' }),
  );
  await reaches(quoting, 'quoting');

  // The catalogue is read anew at every start, and is long.
  const records = stage.rows().filter(({ key }) => !key.includes('catalogue'));
  const ids = {
    guild: stage.guild.id,
    channel: stage.channel.id,
    ada: stage.ada.user.id,
    bot: stage.discord.world.bot.id,
    site: platform.origin,
    discord: stage.discord.world.origin,
  };
  const messages = stage.discord.world.messagesIn(stage.channel.id);
  let text = JSON.stringify(
    {
      madeAt: stage.clock.now(),
      records,
      jobs: [...platform.jobs.values()],
      sessions: [...platform.uploads.values()],
      messages,
    },
    null,
    1,
  );
  for (const [word, id] of Object.entries(ids)) text = text.replaceAll(id, `{${word}}`);
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${text}\n`);
});
