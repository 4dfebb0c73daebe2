import { expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { makingOn } from '../making.ts';
import { idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** The whole story of a flow, for its requester and for whoever manages the server. */
const stage = useStage();
const { made } = makingOn(stage);

const fox = { prompt: 'a fox', model: 'nano-banana' };

/** Ada may manage the server. */
const appoint = () => stage.guild.admins.add(stage.ada.user.id);

/** A private message for somebody that has such a button. */
const offered = (person: Person, channel: Channel = stage.channel) =>
  stage.message((one) => one.ephemeralFor === person.user.id && labels(one).includes('Details'), channel);

/** Presses Details and reads the file that comes of it. */
async function details(person: Person, message: Message): Promise<string> {
  const answer = messageOf(await person.press(message, 'Details'));
  await stage.discord.world.until(() => answer.attachments.length > 0, 'a file');
  expect(answer.ephemeralFor).toBe(person.user.id);
  expect(answer.mentions).toEqual([]);
  return (await fetch(answer.attachments[0]?.url ?? '')).text();
}

async function confirmed(person: Person): Promise<Message> {
  const card = messageOf(await person.command(stage.channel, 'image', fox));
  await stage.says(card, 'Confirm ·');
  await person.press(card, 'Confirm');
  return card;
}

test('whoever asked for it shows a card and reads its story: price, confirmation, job and ledger', async () => {
  stage.kubeez.platform.settings.chargesInStatus = true;
  await stage.startBot();
  const card = await made('image', fox);
  await stage.ada.command(stage.channel, 'show', { id: idIn(card) });
  const text = await details(stage.ada, await offered(stage.ada));
  const job = await stage.job();
  expect(text).toContain(`#${idIn(card)} · Image · Nano Banana`);
  expect(text).toContain('Prompt: a fox');
  expect(text).toContain(`Confirmed by ${stage.ada.user.id} at 7 credits, on `);
  expect(text).toContain(`Job ${job.id}: completed, 1 file`);
  expect(text).toContain('Kubeez charged 7 credits');
  expect(text).toMatch(/Run 1: 7 credits charged, held on .*, for \d+ in channel \d+, job /);
  expect(text).toContain('Stage: delivered, since ');
  expect(text).not.toContain('://');
});

test('a manager reads the story of somebody’s running flow, without taking its card away', async () => {
  appoint();
  stage.holdJobs();
  await stage.startBot();
  const card = await confirmed(stage.ben);
  await stage.job();
  await stage.says(card, '▱');
  const answer = messageOf(await stage.ada.command(stage.channel, 'show', { id: idIn(card) }));
  expect(textOf(answer)).toContain('I am still working on this');
  const text = await details(stage.ada, answer);
  expect(text).toContain(`By ${stage.ben.user.id}, on `);
  expect(text).toContain('Run 1: 7 credits held, held on ');
  expect(text).toContain('Stage: running');
});

test('after Start again the ledger has both starts', async () => {
  stage.kubeez.platform.settings.historyLag = 3_600_000;
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 'lost', times: 1 });
  const card = await confirmed(stage.ben);
  await stage.inTime(stage.says(card, 'It may have cost up to 7 credits.'));
  await stage.ben.press(card, 'Start again');
  await stage.says(card, 'Confirm ·');
  await stage.ben.press(card, 'Confirm');
  await stage.inTime(stage.says(card, '✅'));
  await stage.ben.command(stage.channel, 'show', { id: idIn(card) });
  const text = await details(stage.ben, await offered(stage.ben));
  expect(text).toContain('Run 1: 7 credits unclear, held on ');
  expect(text).toContain('Run 1: 7 credits charged, held on ');
  expect(text).toContain('Unclear from an earlier start: 7 credits');
});

test('nobody else reads it: not a member, not with the id of a button, not a manager of another server', async () => {
  const { world } = stage.discord;
  const other = world.addGuild('Elsewhere', [stage.ben.user]);
  other.admins.add(stage.ben.user.id);
  const channel = world.addChannel(other, 'general');
  await stage.startBot();
  const card = await made('image', fox);
  const shown = messageOf(await stage.ben.command(stage.channel, 'show', { id: idIn(card) }));
  await stage.says(shown, '✅');
  const more = messageOf(await stage.ben.press(shown, '⋯'));
  expect(labels(more)).not.toContain('Details');
  const forged = `flow:details:${idIn(card)}`;
  expect(textOf(messageOf(await stage.ben.pressRaw(shown, forged)))).toBe(
    `Only <@${stage.ada.user.id}>, or somebody who may manage this server, can read that. (KD-133)`,
  );
  const list = messageOf(await stage.ben.command(channel, 'help', {}));
  expect(textOf(messageOf(await stage.ben.pressRaw(list, forged)))).toContain('This card is too old');
});

test('behind ⋯ it is for its requester and for managers', async () => {
  appoint();
  await stage.startBot();
  const card = await made('image', fox);
  const more = messageOf(await stage.ada.press(card, '⋯'));
  expect(labels(more)).toEqual(['Edit', 'Details', 'Delete…']);
  expect(await details(stage.ada, more)).toContain(`#${idIn(card)}`);
});
