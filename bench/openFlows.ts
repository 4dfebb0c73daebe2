import { randomUUID } from 'node:crypto';
import type { Message } from '../playground/discord/world.ts';
import type { Stage } from '../playground/stage.ts';
import { FlowRecords } from '../src/engine/records.ts';
import { type Flow, flowDefaults } from '../src/flows/flow.ts';
import { newJob, newRuns } from '../src/flows/runs.ts';
import { Ledger } from '../src/guilds/ledger.ts';
import { createLogger } from '../src/log.ts';
import { EndedFlows } from '../src/state/endedFlows.ts';
import { FlowsOfPeople } from '../src/state/flowsOfPeople.ts';
import { OpenFlows } from '../src/state/openFlows.ts';
import { Servers } from '../src/state/servers.ts';
import { openStore } from '../src/state/store.ts';

/**
 * Writes flows as an earlier process would have left them after a kill, which is the worst case, as none of their cards
 * is known to show them: half run, half wait for Confirm; spread over channels. Gives those that wait.
 */
export async function leaveOpenFlows(stage: Stage, count: number): Promise<{ message: Message; id: string }[]> {
  const quoted: { message: Message; id: string }[] = [];
  const { discord, guild, ada } = stage;
  const store = await openStore(String(stage.env.STATE_URL), createLogger('silent'));
  const records = new FlowRecords(
    store,
    new OpenFlows(store, new Servers(store)),
    new FlowsOfPeople(store),
    new Ledger(store, createLogger('silent')),
    new EndedFlows(store),
  );
  const channels = Array.from({ length: 50 }, (_, index) => discord.world.addChannel(guild, `channel-${index}`));
  const now = Date.now();
  for (let index = 0; index < count; index++) {
    const channel = channels[index % channels.length]?.id ?? '';
    const message = discord.world.snowflake();
    const card: Message = {
      id: message,
      channel,
      author: discord.world.bot.id,
      content: '',
      embeds: [],
      components: [],
      attachments: [],
      flags: 0,
      mentions: [],
      roleMentions: [],
      nonce: null,
      replyTo: null,
      forwarded: null,
      ephemeralFor: null,
      usedBy: null,
      createdAt: now,
      editedAt: null,
      edits: 0,
      isThinking: false,
    };
    discord.world.messages.set(message, card);
    const isRunning = index % 2 === 1;
    const [run] = newRuns('z-image', 1, {});
    if (!run) throw new Error('A call begins one run');
    const job = newJob(isRunning ? heldJob(stage, now) : '');
    const flow: Flow = {
      ...flowDefaults,
      id: `bench${index.toString(36)}`,
      recipe: 'image',
      stage: isRunning ? 'running' : 'quoted',
      requester: ada.user.id,
      guild: guild.id,
      card: { channel, message, lost: false, fileLimit: 10_000_000, restricted: false },
      reply: { application: discord.world.bot.id, token: 'gone', until: now },
      asked: {
        prompt: `picture ${index} ${'with many words '.repeat(20)}`,
        models: [
          {
            id: 'z-image',
            name: 'Z Image',
            generationType: 'text-to-image',
            seconds: 4,
            needs: [],
            pictures: 0,
            silent: false,
          },
        ],
        modelTakenAs: null,
        options: { aspect_ratio: '1:1' },
        adjusted: [],
        changes: 0,
        style: null,
        spoiler: false,
        inputs: [],
        attachments: [],
      },
      money: {
        ...flowDefaults.money,
        round: 1,
        quote: { credits: 4, basis: 'list', balance: 1000, at: now, until: now + 600_000 },
        confirmed: isRunning ? { by: ada.user.id, credits: 4, at: now } : null,
      },
      runs: [isRunning ? { ...run, credits: 4, state: 'job', job } : { ...run, credits: 4 }],
      wait: {
        ...flowDefaults.wait,
        submittedAt: isRunning ? now : null,
        running: isRunning ? { since: now, seconds: 4 } : null,
        nextCheckAt: now,
        giveUpAt: now + 3_600_000,
      },
      createdAt: now,
    };
    await records.save(flow);
    if (flow.stage === 'quoted') quoted.push({ message: card, id: flow.id });
  }
  await store.close();
  return quoted;
}

/** A job that goes on for ever. */
function heldJob({ kubeez }: Stage, now: number): string {
  const id = randomUUID();
  kubeez.platform.jobs.set(id, {
    id,
    kind: 'media',
    model: 'z-image',
    type: 'text-to-image',
    prompt: 'bench',
    arguments: {},
    cost: 4,
    seed: 1,
    createdAt: now,
    readyAt: Number.POSITIVE_INFINITY,
    outcome: 'completed',
    error: null,
  });
  return id;
}
