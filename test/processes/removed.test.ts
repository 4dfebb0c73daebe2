import { beforeEach, describe, expect, test } from 'vitest';
import { channelTypes } from '../../playground/discord/channelTypes.ts';
import type { Channel, Guild, Message } from '../../playground/discord/world.ts';
import { startDyingBot } from '../dyingBot.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** A server removes the bot: what was paid for still arrives, and what is kept of it goes 30 days later. */
const stage = useStage();

const day = 24 * 3_600_000;

async function running(): Promise<Message> {
  stage.holdJobs();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'the progress');
  return card;
}

const removeBot = () => stage.discord.gateway.setMember(stage.guild, false);
const inviteAgain = () => stage.discord.gateway.setMember(stage.guild, true);

test('a paid result goes to its requester by DM, and is in the history when the bot is invited again', async () => {
  await stage.startBot();
  const card = await running();
  removeBot();
  expect(await stage.ada.pressRaw(card, `flow:cancel:${idIn(card)}`)).toEqual({ type: 'failed' });
  stage.kubeez.platform.finish((await stage.job()).id);
  const found = () => stage.ada.directMessages().find(({ attachments }) => attachments.length === 1);
  const sent = await stage.inTime(stage.discord.world.until(found, 'the result'));
  expect(textOf(sent)).toContain('✅');
  expect(textOf(card)).not.toContain('✅');
  expect(stage.paid()).toBe(1);
  await expect.poll(async () => (await stage.readFlow(idIn(card))).stage).toBe('delivered');

  inviteAgain();
  const history = messageOf(await stage.ada.command(stage.channel, 'history', { server: true }));
  await stage.says(history, 'a fox');
});

test('the same where the bot was not running when the server removed it', async () => {
  const first = await stage.startBot();
  await running();
  await first.stop();
  removeBot();
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.startBot();
  const found = () => stage.ada.directMessages().find(({ attachments }) => attachments.length === 1);
  const sent = await stage.inTime(stage.discord.world.until(found, 'the result'));
  expect(textOf(sent)).toContain('✅');
  expect(stage.paid()).toBe(1);
});

test('an outage is no removal: the flow goes on in its card', async () => {
  await stage.startBot();
  const card = await running();
  stage.discord.gateway.setAvailable(stage.guild, false);
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.says(card, '✅');
  expect(card.attachments).toHaveLength(1);
  stage.discord.gateway.setAvailable(stage.guild, true);
  expect(stage.ada.directMessages()).toEqual([]);
});

const allEnded = () => expect.poll(() => stage.openFlows()).toEqual([]);

async function made(prompt: string, channel = stage.channel, person = stage.ada): Promise<Message> {
  const card = messageOf(await person.command(channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  await person.press(card, 'Confirm');
  await stage.says(card, '✅');
  await expect.poll(async () => (await stage.readFlow(idIn(card))).stage).toBe('delivered');
  return card;
}

/** Records that tell of a server. */
const of = ({ id }: Pick<Guild, 'id'>) =>
  stage.rows().filter(({ key, value }) => key.includes(id) || value.includes(id));
const keys = (rows: { key: string }[]) => rows.map(({ key }) => key.replace('kubeez:', ''));

/** Whether the bot has noted that the server removed it. */
const isNoted = (guild: Guild) =>
  stage.rows().some(({ key, value }) => key.includes('servers:0/1') && value.includes(`"${guild.id}":`));

describe('what is kept of it', () => {
  let other: Guild;
  let elsewhere: Channel;

  /** Everything happens a while ago, so that a process with the machine's own clock finds it old. */
  beforeEach(() => {
    stage.clock.advance(-40 * day);
    other = stage.discord.world.addGuild('Other Studio', [stage.ada.user]);
    elsewhere = stage.discord.world.addChannel(other, 'elsewhere', channelTypes.text);
    stage.guild.admins.add(stage.ada.user.id);
  });

  /** A bit of every kind of record. */
  async function journey(): Promise<void> {
    const { ada, ben, channel } = stage;
    const settings = messageOf(await ada.command(channel, 'settings'));
    await stage.says(settings, 'Settings of this server');
    await ada.submit(
      channel,
      formOf(await ada.press(settings, 'Numbers')),
      { maxFlows: '5', retention: '500' },
      settings,
    );
    await stage.says(settings, 'Requests at once, each person:** 5');
    await ada.command(channel, 'budget set', { credits: 15, per: 'month' });
    await ada.command(channel, 'block', { word: 'gull' });
    await made('a shy heron');
    await made('a bold heron', channel, ben);
    // There is no room for a third.
    const refused = messageOf(await ben.command(channel, 'image', { prompt: 'one more heron', model: 'nano-banana' }));
    await stage.says(refused, 'Ask for more');
    await ben.press(refused, 'Ask for more');
    await made('a heron elsewhere', elsewhere);
    await made('a heron in private', stage.discord.world.dmWith(ada.user));
    await allEnded();
    // How often models were used is written a minute later.
    stage.clock.advance(60_000);
    await expect.poll(() => keys(stage.rows()).some((key) => key.endsWith(':popularity'))).toBe(true);
  }

  const kindsOf = (rows: { key: string }[]) => [
    ...new Set(
      keys(rows).map(
        (key) =>
          key.replace(/[:-].*/, '') + (/:(made|ended|ledger|open|popularity|flows|servers)/.exec(key)?.[0] ?? ''),
      ),
    ),
  ];

  test('30 days after it nothing is left of it, and all that is of others', async () => {
    await stage.startBot();
    await journey();
    expect(kindsOf(of(stage.guild)).sort()).toEqual(
      [
        'flow',
        'guild',
        'guild:ended',
        'guild:ledger',
        'guild:made',
        'guild:open',
        'guild:popularity',
        'person:flows',
        'person:servers',
        'raise',
        'servers',
      ].sort(),
    );
    const others = of(other);
    removeBot();
    await expect.poll(() => isNoted(stage.guild)).toBe(true);
    stage.clock.advance(29 * day);
    expect(keys(of(stage.guild))).toContain(`guild:${stage.guild.id}`);
    await made('another heron elsewhere', elsewhere);
    stage.clock.advance(2 * day);
    await expect.poll(() => keys(of(stage.guild)), { timeout: 10_000 }).toEqual([]);
    for (const { key } of others) expect(keys(of(other))).toContain(key.replace('kubeez:', ''));
    const history = messageOf(await stage.ada.command(elsewhere, 'history'));
    await stage.says(history, 'a heron elsewhere');

    // Invited again, it is a new server.
    inviteAgain();
    const fresh = messageOf(await stage.ada.command(stage.channel, 'history', { server: true }));
    await stage.says(fresh, 'Nothing that fits was made');
    const settings = messageOf(await stage.ada.command(stage.channel, 'settings'));
    await stage.says(settings, 'Requests at once, each person:** as many');
    await made('a gull, which is allowed again');
    await made('a second one');
    await made('a third one, for which there was no room');
    stage.clock.advance(60 * day);
    await made('a fourth one');
    expect(keys(of(stage.guild))).toContain(`guild:${stage.guild.id}:made:0`);
  });

  test('invited again within 30 days, all is as it was, and the removal is forgotten', async () => {
    await stage.startBot();
    await journey();
    const before = of(stage.guild).filter(({ key }) => !key.includes(':servers:'));
    removeBot();
    await expect.poll(() => isNoted(stage.guild)).toBe(true);
    stage.clock.advance(29 * day);
    inviteAgain();
    await expect.poll(() => isNoted(stage.guild)).toBe(false);
    stage.clock.advance(29 * day);
    await made('a heron elsewhere, later', elsewhere);
    expect(of(stage.guild)).toEqual(
      expect.arrayContaining(before.filter(({ key }) => !/:person:\d+:|:open$/.test(key))),
    );
    const refused = messageOf(
      await stage.ada.command(stage.channel, 'image', { prompt: 'a gull', model: 'nano-banana' }),
    );
    expect(textOf(refused)).toContain('gull');
    expect(stage.paid()).toBe(5);
  });

  test('a removal that was not seen counts from the next start, and so does a return', async () => {
    const first = await stage.startBot();
    await journey();
    await first.stop();
    removeBot();
    const second = await stage.startBot();
    await expect.poll(() => isNoted(stage.guild)).toBe(true);
    await second.stop();
    inviteAgain();
    const third = await stage.startBot();
    await expect.poll(() => isNoted(stage.guild)).toBe(false);
    // A session that was lost, while which it went.
    stage.guild.hasBot = false;
    stage.discord.gateway.drop(true);
    await expect.poll(() => isNoted(stage.guild), { timeout: 20_000 }).toBe(true);
    await third.stop();
    stage.clock.advance(31 * day);
    await stage.startBot();
    await expect.poll(() => keys(of(stage.guild)), { timeout: 10_000 }).toEqual([]);
  });

  test('an outage is no removal, however long, also at a start', async () => {
    const first = await stage.startBot();
    await journey();
    stage.discord.gateway.setAvailable(stage.guild, false);
    await made('a heron elsewhere, meanwhile', elsewhere);
    await first.stop();
    const began = performance.now();
    await stage.startBot();
    expect(performance.now() - began).toBeLessThan(10_000);
    await made('a heron elsewhere, once more', elsewhere);
    stage.clock.advance(31 * day);
    await made('a heron elsewhere, a month later', elsewhere);
    expect(isNoted(stage.guild)).toBe(false);
    stage.discord.gateway.setAvailable(stage.guild, true);
    const history = messageOf(await stage.ada.command(stage.channel, 'history'));
    await stage.says(history, 'a shy heron');
  });

  test('back after more than 30 days, while the bot was not running, it is a new one', async () => {
    const first = await stage.startBot();
    await journey();
    removeBot();
    await expect.poll(() => isNoted(stage.guild)).toBe(true);
    await first.stop();
    // So much that it takes a moment.
    const place = `guild:${stage.guild.id}:made`;
    for (let index = 1; index < 20; index++) await stage.writeRecord(`${place}:${index}`, { v: 1, entries: [] });
    await stage.writeRecord(place, { v: 1, count: 1000 });
    stage.clock.advance(31 * day);
    inviteAgain();
    const before = stage.paid();
    await stage.startBot();
    const asked = { prompt: 'a gull', model: 'nano-banana' };
    const answer = messageOf(await stage.ada.command(stage.channel, 'image', asked));
    expect(textOf(answer)).toContain('I am removing what I kept of it. Try again in a minute. Nothing was spent.');
    expect(answer.ephemeralFor).toBe(stage.ada.user.id);
    await expect.poll(() => isNoted(stage.guild), { timeout: 10_000 }).toBe(false);
    // It is noted once more, as a new one.
    await expect.poll(() => keys(of(stage.guild))).toEqual(['servers:0/1']);
    await made('a gull');
    expect(stage.paid()).toBe(before + 1);
    const history = messageOf(await stage.ada.command(stage.channel, 'history'));
    await stage.says(history, 'a gull');
    expect(textOf(history)).not.toContain('heron');
  });

  // In the middle and at the end; every other moment is the simulator's.
  const writes = ['DELETE .*:flow:', 'DELETE .*:popularity$'];

  test.each(writes)(
    'killed in the middle of it (%s), the next start goes on, also if it is back by then',
    async (write) => {
      const first = await stage.startBot();
      await journey();
      removeBot();
      await expect.poll(() => isNoted(stage.guild)).toBe(true);
      await first.stop();
      stage.discord.gateway.drop(true);
      const dying = startDyingBot(1, { ...stage.env, DIE_ON: write });
      await dying.ended;
      stage.discord.gateway.drop(true);
      expect(keys(of(stage.guild))).not.toEqual([]);

      stage.clock.advance(40 * day);
      const isBack = write.includes('flow:');
      if (isBack) inviteAgain();
      await stage.startBot();
      await expect
        .poll(() => keys(of(stage.guild)).filter((key) => !isBack || !key.startsWith('servers')), { timeout: 10_000 })
        .toEqual([]);
      // What is known of the server itself goes last.
      await expect.poll(() => isNoted(stage.guild)).toBe(false);
      expect(keys(of(other))).toContain(`guild:${other.id}:made:0`);
    },
  );
});

test('nothing of it goes while something that was paid for is open', async () => {
  stage.clock.advance(-40 * day);
  const first = await stage.startBot();
  const card = await running();
  removeBot();
  await expect.poll(() => isNoted(stage.guild)).toBe(true);
  await first.stop();
  await stage.changeFlow(idIn(card), { wait: { giveUpAt: stage.clock.now() + 90 * day } });
  stage.clock.advance(31 * day);
  await stage.startBot();
  await expect.poll(async () => (await stage.readFlow(idIn(card))).stage).toBe('running');
  stage.clock.advance(3_600_000);
  expect((await stage.readFlow(idIn(card))).stage).toBe('running');
  stage.kubeez.platform.finish((await stage.job()).id);
  const found = () => stage.ada.directMessages().find(({ attachments }) => attachments.length === 1);
  await stage.inTime(stage.discord.world.until(found, 'the result'));
  await stage.inTime(expect.poll(() => keys(of(stage.guild)), { timeout: 10_000 }).toEqual([]), 3_600_000);
});
