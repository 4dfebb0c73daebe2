import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Message } from '../../playground/discord/world.ts';
import type { Job, UploadSession } from '../../playground/kubeez/platform.ts';
import { idIn, textOf, useStage } from '../stage.ts';

const stage = useStage();
const folder = join(import.meta.dirname, '../stores');
const kept = readdirSync(folder).filter((name) => name.endsWith('.json'));

const storeSchema = z.object({
  madeAt: z.number(),
  records: z.array(z.object({ key: z.string(), value: z.string() })),
  jobs: z.array(z.custom<Job>()),
  sessions: z.array(z.custom<UploadSession>()),
  messages: z.array(z.custom<Message>()),
});

/** Puts what a version kept, and what Discord and Kubeez had of it, where this version finds it. */
async function takeUp(file: string): Promise<void> {
  const { discord, kubeez, guild, channel, ada } = stage;
  const ids = {
    guild: guild.id,
    channel: channel.id,
    ada: ada.user.id,
    bot: discord.world.bot.id,
    site: kubeez.platform.origin,
    discord: discord.world.origin,
  };
  let text = readFileSync(join(folder, file), 'utf8');
  for (const [word, id] of Object.entries(ids)) text = text.replaceAll(`{${word}}`, id);
  const { madeAt, records, jobs, sessions, messages } = storeSchema.parse(JSON.parse(text));
  stage.clock.advance(madeAt + 1000 - Date.now());
  await stage.putRows(records);
  for (const job of jobs) kubeez.platform.jobs.set(job.id, job);
  for (const session of sessions) kubeez.platform.uploads.set(session.token, session);
  for (const message of messages) discord.world.messages.set(message.id, message);
}

test.each(kept)(
  'a store of version %s is taken up: each flow goes on from its stage, and nothing is paid twice',
  async (file) => {
    stage.kubeez.platform.settings.hold = true;
    await takeUp(file);
    const paid = stage.paid();
    await stage.startBot();
    const card = (prompt: string) => {
      const found = stage.discord.world
        .messagesIn(stage.channel.id)
        .find((message) => textOf(message).includes(`> ${prompt}\n`));
      if (!found) throw new Error(`No card for ${prompt}`);
      return found;
    };
    await stage.discord.world.until(() => textOf(card('quoting')).includes('Confirm ·'), 'a price');
    // The start that was confirmed and waited in line is made, and the one that is confirmed now; no other.
    await stage.ada.press(card('quoted'), 'Confirm');
    const later = setInterval(() => {
      stage.clock.advance(5000);
      for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
    }, 40);
    const delivered = ['submitting', 'running', 'delivering', 'queued', 'quoted'];
    await stage.discord.world
      .until(() => delivered.every((prompt) => textOf(card(prompt)).includes('✅')), 'all results')
      .finally(() => clearInterval(later));
    expect(stage.paid()).toBe(paid + 2);
    expect(textOf(card('unclear'))).toContain('[Check]');
    expect(textOf(card('uploading'))).toContain('[Cancel]');
    for (const ended of ['cancelled', 'failed', 'delivered'])
      expect(await stage.readRecord(`flow:${idIn(card(ended))}`)).toContain(`"stage":"${ended}"`);
  },
);
