import { describe, expect, test } from 'vitest';
import { buttonsOf, type Value } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { kinds } from '../kinds.ts';
import { generations, messageOf, spokenIn, textOf, useStage } from '../stage.ts';

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  /** The newer generation makes no ads, the documented one nothing of the last three. */
  const missing: Record<typeof generation, string[]> = {
    documented: ['cutout', 'sound', 'dub'],
    newer: ['ad'],
  };
  const made = kinds.filter(([name]) => !missing[generation].includes(name));

  const jobsOf = (name: string) => (['ad', 'dub'].includes(name) ? 2 : 1);

  async function quoted(name: string, values: () => Promise<Record<string, Value>>): Promise<Message> {
    const card = messageOf(await stage.ada.command(stage.channel, name, await values()));
    await stage.card('Confirm ·');
    return card;
  }

  test.each(made)('/%s: a failure is said, with what was charged, and can be tried again', async (name, values) => {
    stage.holdJobs();
    await stage.startBot();
    const card = await quoted(name, values);
    await stage.ada.press(card, 'Confirm');
    await stage.job(jobsOf(name));
    for (const { id } of stage.kubeez.platform.jobs.values())
      stage.kubeez.platform.finish(id, 'failed', 'The provider could not finish this job.');
    await stage.cardInTime('❌');
    // A tool that waits for its result refuses it: nothing was accepted, so it is a refusal of the start.
    expect(textOf(card)).toContain(name === 'captions' ? 'Nothing was spent' : 'Kubeez could not make this.');
    expect(textOf(card)).toContain('The provider could not finish this job.');
    expect(stage.kubeez.platform.credits).toBe(1000);
    expect(buttonsOf(card).map(({ label }) => label)).toContain('Again');
  });

  test.each(made.filter(([name]) => name !== 'captions'))('/%s: a restart while it runs', async (name, values) => {
    stage.holdJobs();
    const first = await stage.startBot();
    const card = await quoted(name, values);
    await stage.ada.press(card, 'Confirm');
    const jobs = jobsOf(name);
    await stage.job(jobs);
    await first.stop();
    await stage.startBot();
    for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
    expect((await stage.cardInTime('✅')).id).toBe(card.id);
    expect(stage.paid()).toBe(jobs);
  });

  test('right-to-left text and emoji are spoken and sung like any other', async () => {
    await stage.startBot();
    const text = 'שלום 👩‍👩‍👧 عالم';
    const card = messageOf(await stage.ada.command(stage.channel, 'speech', { text }));
    await stage.card('Confirm ·');
    await stage.ada.press(card, 'Confirm');
    await stage.card('✅');
    expect(spokenIn(await stage.job())).toEqual([{ text }]);
    expect(card.attachments[0]?.filename).toMatch(/^שלום-عالم-\w{8}\.mp3$/);
  });
});
