import { describe, expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { generations, messageOf, textOf, useStage } from '../stage.ts';

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  /** Starts a flow and confirms its price. */
  async function confirmed(prompt = 'a fox in snow', model = 'nano-banana', command = 'image'): Promise<Message> {
    const card = messageOf(await stage.ada.command(stage.channel, command, { prompt, model }));
    await stage.card('Confirm');
    await stage.ada.press(card, 'Confirm');
    return card;
  }

  test('the card moves while the job runs: bar, elapsed, expected end', async () => {
    stage.holdJobs();
    stage.kubeez.platform.settings.speed = 0.25;
    await stage.startBot();
    const card = await confirmed();
    await stage.card('▱▱▱▱▱▱▱▱▱▱▱▱ 0 s · ready <t:');
    stage.clock.advance(20_000);
    await stage.card('▰▰▰▰▰▰▱▱▱▱▱▱ 20 s · ready <t:');
    stage.clock.advance(25_000);
    await stage.card('▰▰▰▰▰▰▰▰▰▰▰▱ 45 s · a little longer than usual');
    stage.kubeez.platform.finish((await stage.job()).id);
    expect((await stage.card('✅')).id).toBe(card.id);
  });

  test('polls that change nothing edit nothing', async () => {
    stage.holdJobs();
    stage.kubeez.platform.settings.speed = 1000;
    await stage.startBot();
    const card = await confirmed();
    await stage.card('almost ready');
    const { edits } = card;
    const { reads } = stage.kubeez.platform;
    const before = reads.length;
    await stage.discord.world.until(() => reads.length > before + 20, 'twenty polls');
    expect(card.edits - edits).toBeLessThanOrEqual(1);
  });

  test('completed without addresses, a fresh id that is unknown, addresses without a host: all are waited out', async () => {
    Object.assign(stage.kubeez.platform.settings, { freshFor: 300, cdnLag: 300, relativeUrls: true });
    await stage.startBot();
    await confirmed();
    const done = await stage.card('✅');
    expect(done.attachments).toHaveLength(1);
  });

  test('answers in text alone are understood as well', async () => {
    stage.kubeez.platform.settings.structured = false;
    await stage.startBot();
    await confirmed();
    await stage.card('✅');
  });

  test('a job that fails: what happened and what was charged', async () => {
    stage.kubeez.platform.settings.chargesInStatus = true;
    await stage.startBot();
    await confirmed('a doomed fox');
    const card = await stage.card('Kubeez could not make this. Try other words or another model. Nothing was charged.');
    expect(textOf(card)).toContain('The provider could not finish this job.');
  });

  test('an outage while the job runs: it goes on by itself', async () => {
    stage.holdJobs();
    await stage.startBot();
    await confirmed();
    const job = await stage.job();
    stage.kubeez.outage.on = true;
    await stage.card('Kubeez can’t be reached');
    stage.kubeez.platform.finish(job.id);
    stage.kubeez.outage.on = false;
    stage.clock.advance(31_000);
    await stage.card('✅');
    expect(stage.paid()).toBe(1);
  });
});
