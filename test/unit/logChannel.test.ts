import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { LogChannel } from '../../src/engine/logChannel.ts';
import { notAsked } from '../../src/flows/approval.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { GuildSettings } from '../../src/guilds/settings.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
import { someFlow } from '../flows.ts';

/** A log of a server that has chosen a channel for it, and all that is written there. */
async function someLog() {
  const settings = new GuildSettings(new Store(new Keyv({ throwOnErrors: true }), createLogger('silent')));
  await settings.changeRules('2000', { by: '1', at: 0 }, { logChannel: '3001' });
  const said: string[] = [];
  const create = async (channel: string, { content = '' }: { content?: string | undefined }) => {
    said.push(content);
    return { ok: true as const, channel, message: '1' };
  };
  const clock = { now: () => 0, wakeAt: () => () => {} };
  const languages = { ofServer: async () => 'en' as const };
  return {
    said,
    log: new LogChannel({ settings, messages: { create }, languages, clock, log: createLogger('silent') }),
  };
}

test('an approval and a decline are told once, with who answered, and nothing of the reason', async () => {
  const { said, log } = await someLog();
  const flow = someFlow({ stage: 'held', requester: '1000' });
  const approved: Flow = {
    ...flow,
    stage: 'queued',
    approval: { ...notAsked, approved: { by: '7', at: 5, credits: 7, isOffer: false } },
  };
  const declined: Flow = {
    ...flow,
    stage: 'failed',
    approval: { ...notAsked, declined: { by: '8', at: 6, reason: 'secret words' } },
  };
  for (const after of [approved, declined]) {
    log.onSaved(flow, after, { type: 'woke' });
    log.onSaved(after, after, { type: 'woke' });
  }
  await expect.poll(() => said.join('\n').split('\n').length).toBe(2);
  expect(said.join('\n')).toMatch(/<@7> approved .*<@1000>.*\n.*<@8> declined .*<@1000>/);
  expect(said.join('\n')).not.toContain('secret');
});

test('of a flood it keeps what fits, and counts the rest', async () => {
  const { said, log } = await someLog();
  for (let index = 0; index < 200; index++) log.tell('2000', { what: 'wordBlocked', by: '1' });
  await expect.poll(() => said.join('\n')).toContain('150 more lines did not fit here.');
  expect(said.every((one) => one.length <= 2000)).toBe(true);
});
