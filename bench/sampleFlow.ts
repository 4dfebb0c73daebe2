import { randomUUID } from 'node:crypto';
import type { Person } from '../playground/discord/person.ts';
import type { Message } from '../playground/discord/world.ts';
import type { Stage } from '../playground/stage.ts';
import type { Flow } from '../src/flows/flow.ts';
import { newJob, newRuns } from '../src/flows/runs.ts';
import { someFlow, someModel } from '../test/flows.ts';

/** A message of the bot, of which nobody knows what it shows. */
export function cardIn({ discord: { world } }: Stage, channel: string): Message {
  const card: Message = {
    id: world.snowflake(),
    channel,
    author: world.bot.id,
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
    createdAt: Date.now(),
    editedAt: null,
    edits: 0,
    isThinking: false,
  };
  world.messages.set(card.id, card);
  return card;
}

/** A picture that somebody asked for, as the bot keeps it. */
export function sampleFlow(
  stage: Stage,
  index: number,
  requester: Person,
  card: Pick<Message, 'id' | 'channel'>,
): Flow {
  const now = Date.now();
  const { discord, guild } = stage;
  return someFlow({
    id: `bench${index.toString(36)}`,
    stage: 'quoted',
    requester: requester.user.id,
    guild: guild.id,
    card: { channel: card.channel, message: card.id },
    reply: { application: discord.world.bot.id, token: 'gone', until: now },
    asked: {
      prompt: `picture ${index} ${'with many words '.repeat(20)}`,
      models: [{ ...someModel, id: 'z-image', name: 'Z Image', seconds: 4 }],
      options: { aspect_ratio: '1:1' },
    },
    money: { round: 1, quote: { credits: 4, basis: 'list', balance: 1000, at: now, until: now + 600_000 } },
    runs: newRuns('z-image', 1, {}).map((run) => ({ ...run, credits: 4 })),
    wait: { nextCheckAt: now, giveUpAt: now + 3_600_000 },
    createdAt: now,
  });
}

/** The same, confirmed and under way at Kubeez, where its job goes on for ever. */
export function running(stage: Stage, flow: Flow): Flow {
  const now = flow.createdAt;
  const job = newJob(heldJob(stage, now));
  return {
    ...flow,
    stage: 'running',
    money: { ...flow.money, confirmed: { by: flow.requester, credits: 4, at: now } },
    runs: flow.runs.map((run) => ({ ...run, state: 'job', job })),
    wait: { ...flow.wait, submittedAt: now, running: { since: now, seconds: 4 } },
  };
}

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
