import { describe, expect, test, vi } from 'vitest';
import { bitsOf, type Role } from '../../playground/discord/permissions.ts';
import type { Person } from '../../playground/discord/person.ts';
import { selectsOf } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import type { ApprovalRule } from '../../src/flows/approval.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** What a second person has to approve. Ben asks; Lea and Max are approvers; Ada manages the server. */
const stage = useStage();

const hour = 3_600_000;
const fox = { prompt: 'a fox', model: 'nano-banana' };

interface Cast {
  leads: Role;
  approvals: Channel;
  lea: Person;
  max: Person;
}

function cast(): Cast {
  const { world } = stage.discord;
  const [lea, max] = ['Lea', 'Max'].map((name) => {
    const user = world.addUser(name);
    stage.guild.members.add(user.id);
    return stage.discord.person(user);
  });
  if (!lea || !max) throw new Error('nobody');
  const leads = world.addRole(stage.guild, 'Leads', [], [lea.user, max.user]);
  stage.guild.admins.add(stage.ada.user.id);
  return { leads, approvals: world.addChannel(stage.guild, 'approvals'), lea, max };
}

/** Rules as a server has stored them, while no bot runs. */
const store = ({ leads, approvals }: Cast, rule: Partial<ApprovalRule> = {}, more: object = {}) =>
  stage.writeRecord(`guild:${stage.guild.id}`, {
    v: 1,
    approvals: [{ above: 0, kind: null, role: null, approvers: leads.id, channel: approvals.id, ...rule }],
    ...more,
  });

async function begin(rule: Partial<ApprovalRule> = {}): Promise<Cast> {
  const all = cast();
  await store(all, rule);
  await stage.startBot();
  return all;
}

async function quoted(person = stage.ben, values = fox): Promise<Message> {
  const card = messageOf(await person.command(stage.channel, 'image', values));
  await stage.says(card, 'Confirm ·');
  return card;
}

/** The newest message that asks. */
const askIn = (channel: Channel, count = 1) =>
  stage.discord.world.until(() => {
    const asks = stage.discord.world.messagesIn(channel.id).filter((one) => textOf(one).includes('[Open the card]'));
    return asks.length >= count && asks.at(-1);
  }, 'a message that asks');

/** Confirmed, and waiting for an approval. */
async function held({ approvals }: Cast, person = stage.ben): Promise<{ card: Message; ask: Message }> {
  const card = await quoted(person);
  await person.press(card, 'Confirm');
  await stage.says(card, 'Waiting for <@&');
  const ask = await askIn(approvals);
  await vi.waitFor(async () => expect((await stage.readFlow(idIn(card))).approval.message?.message).toBe(ask.id));
  return { card, ask };
}

/** What somebody was told alone. */
const told = (person: Person, text: string, channel: Channel) =>
  stage.message((message) => message.ephemeralFor === person.user.id && textOf(message).includes(text), channel);

const decline = async (person: Person, ask: Message, reason: string) =>
  person.submit(stage.discord.world.channel(ask.channel), formOf(await person.press(ask, 'Decline')), { reason }, ask);

/** Both messages say how it stands, and nothing is left to press on the one that asked. */
async function agreed(ask: Message, text: string): Promise<void> {
  await stage.says(ask, text);
  expect(labels(ask)).toEqual(['Open the card']);
}

describe('what the message cannot show whole', () => {
  const read = async (person: Person, ask: Message) => messageOf(await person.press(ask, 'Read all of it'));
  const textIn = async ({ attachments: [file] }: Message) => (await fetch(file?.url ?? '')).text();

  test('approvers read all of a long prompt, alone, as it would be sent', async () => {
    const all = cast();
    const style = { name: 'House', after: 'soft grain' };
    await store(all, {}, { styles: { [stage.channel.id]: style } });
    await stage.startBot();
    const prompt = `a fox and ${'snow '.repeat(200)}the end`;
    const card = await quoted(stage.ben, { ...fox, prompt });
    await stage.ben.press(card, 'Confirm');
    const ask = await askIn(all.approvals);
    expect(textOf(ask)).not.toContain('the end');
    const whole = await read(all.lea, ask);
    expect(whole.ephemeralFor).toBe(all.lea.user.id);
    expect(whole.attachments[0]?.filename).toBe(`${idIn(card)}.txt`);
    expect(await textIn(whole)).toBe(`${prompt}, soft grain`);
    expect((await read(stage.ada, ask)).content).toContain('Only somebody with');
    await all.lea.press(ask, 'Approve');
    await agreed(ask, 'approved 7 credits');
  });

  test('a short one is whole as it is; many lyrics are not, and have their lines in the file', async () => {
    const all = await begin();
    const { ask } = await held(all);
    expect(labels(ask)).not.toContain('Read all of it');
    const form = formOf(await stage.ben.command(stage.channel, 'music', { custom: true }));
    const song = { title: 'Snow', style: 'folk', words: `Lyrics:\n${'the fox\n'.repeat(120)}the end`, avoid: '' };
    const card = messageOf(await stage.ben.submit(stage.channel, form, song));
    await stage.says(card, 'Confirm ·');
    await stage.ben.press(card, 'Confirm');
    const sung = await askIn(all.approvals, 2);
    expect(textOf(sung)).not.toContain('the end');
    expect(await textIn(await read(all.max, sung))).toBe(
      `${'the fox\n'.repeat(120)}the end\n\ntitle: Snow\n\nstyle: folk`,
    );
  });
});

describe('an answer', () => {
  test('approve: it goes on and is made; approvers are called once, and see what, who and how much', async () => {
    const all = await begin();
    await stage.ada.command(stage.channel, 'budget set', { credits: 50, per: 'week', person: stage.ben.user.id });
    const card = await quoted();
    expect(textOf(card)).toContain('Your limit: 43 of 50 credits left this week after this');
    expect(textOf(card)).toContain(`After **Confirm**, <@&${all.leads.id}> must approve this.`);
    await stage.ben.press(card, 'Confirm');
    const ask = await askIn(all.approvals);
    expect(ask.content).toBe(`<@&${all.leads.id}>`);
    expect(ask.roleMentions).toEqual([all.leads.id]);
    expect(ask.mentions).toEqual([]);
    const said = textOf(ask);
    expect(said).toContain('> a fox');
    expect(said).toContain(`<@${stage.ben.user.id}> asks to spend **7 credits** · fixed price · 993 left after this`);
    expect(said).toContain(`The limit of <@${stage.ben.user.id}>: 43 of 50 credits left this week after this`);
    expect(labels(ask)).toEqual(['Approve · 7 credits', 'Offer cheaper', 'Decline', 'Open the card']);
    expect(textOf(card)).toContain('Nothing is spent until then.');
    expect(labels(card)).toEqual(['Cancel']);
    expect(stage.paid()).toBe(0);
    await all.lea.press(ask, 'Approve');
    await agreed(ask, `✅ <@${all.lea.user.id}> approved 7 credits.`);
    await stage.says(card, '✅ 7 credits');
    expect(stage.paid()).toBe(1);
    expect(stage.discord.world.messagesIn(all.approvals.id)).toHaveLength(1);
  });

  test.each([
    ['with a reason', 'Use **less** <@1> @everyone \u202egnp\u200b', 'Use \\*\\*less\\*\\* \\<\\@1> \\@everyone gnp'],
    ['without one', '', undefined],
    ['with 4,000 characters', `${'*'.repeat(4000)}`, '…'],
  ])('decline %s', async (_, reason, shown) => {
    const all = await begin();
    const { card, ask } = await held(all);
    await decline(all.lea, ask, reason);
    const said = shown === undefined ? 'declined this. Nothing was spent.' : 'declined this: “';
    await agreed(ask, `❌ <@${all.lea.user.id}> ${said}`);
    await stage.says(card, `<@${all.lea.user.id}> ${said}`);
    for (const message of [ask, card]) {
      expect(textOf(message)).toContain(shown ?? 'Nothing was spent.');
      expect(textOf(message).length).toBeLessThan(2000);
      expect(message.mentions).toEqual([]);
    }
    expect(labels(card)).toEqual(['Edit prompt', 'Again']);
    expect(stage.paid()).toBe(0);
  });

  test('a cheaper model: the requester takes it, confirms its price, and nobody is asked again', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    const { model, credits } = await offered(all.lea, ask);
    await stage.says(card, `<@${all.lea.user.id}> offers **${model}** instead, for ${credits}`);
    await stage.ben.press(card, 'Take it');
    await agreed(ask, `✅ <@${stage.ben.user.id}> took the offer of <@${all.lea.user.id}>: ${model}`);
    await stage.says(card, `Confirm · ${credits}`);
    await stage.ben.press(card, 'Confirm');
    await stage.says(card, '✅');
    expect(stage.paid()).toBe(1);
    expect(stage.discord.world.messagesIn(all.approvals.id).filter(({ ephemeralFor }) => !ephemeralFor)).toHaveLength(
      1,
    );
  });

  test('a cheaper model that is not wanted: it waits for an answer to what was asked', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    await offered(all.lea, ask);
    await stage.says(card, '[Keep waiting]');
    await stage.ben.press(card, 'Keep waiting');
    await stage.says(card, 'You chose to wait.');
    expect(labels(card)).toEqual(['Cancel']);
    await stage.says(ask, 'chose to wait for an answer');
    await all.max.press(ask, 'Approve');
    await stage.says(card, '✅ 7 credits');
  });
});

/** Offers the cheapest model there is. */
async function offered(person: Person, ask: Message): Promise<{ model: string; credits: string }> {
  const menu = messageOf(await person.press(ask, 'Offer cheaper'));
  expect(menu.ephemeralFor).toBe(person.user.id);
  const [select] = selectsOf(menu);
  const [cheapest] = stage.kubeez.platform.rows
    .filter((row) => JSON.stringify(menu.components).includes(`"${row.model_id}"`))
    .sort((one, other) => one.cost_per_generation - other.cost_per_generation);
  await person.select(menu, select?.custom_id ?? '', [cheapest?.model_id ?? '']);
  await stage.says(menu, 'Offered ');
  const [, model = '', credits = ''] = /^Offered (.+) for (.+)\.$/.exec(menu.content) ?? [];
  return { model, credits };
}

describe('who may answer', () => {
  test('not whoever asked, though they are an approver and manage the server', async () => {
    const all = await begin();
    stage.guild.memberRoles.set(stage.ada.user.id, new Set([all.leads.id]));
    const { card, ask } = await held(all, stage.ada);
    await stage.ada.press(ask, 'Approve');
    await told(stage.ada, 'You cannot approve what you asked for', all.approvals);
    expect(textOf(messageOf(await stage.ada.press(ask, 'Decline')))).toContain('You cannot approve');
    expect(textOf(messageOf(await stage.ada.press(ask, 'Offer cheaper')))).toContain('You cannot approve');
    expect(textOf(card)).toContain('Waiting for');
    expect(stage.paid()).toBe(0);
  });

  test('blocked people cannot answer, whatever their role', async () => {
    const all = cast();
    await store(all, {}, { blocked: { people: [all.lea.user.id], words: [] } });
    await stage.startBot();
    const { card, ask } = await held(all);
    await all.lea.press(ask, 'Approve');
    await told(all.lea, 'You are blocked in this server', all.approvals);
    for (const label of ['Decline', 'Offer cheaper'])
      expect(textOf(messageOf(await all.lea.press(ask, label)))).toContain('You are blocked in this server');
    expect(stage.paid()).toBe(0);
    await all.max.press(ask, 'Approve');
    await stage.says(card, '✅');
    expect(stage.paid()).toBe(1);
  });

  test('what was approved starts, although its requester has started something else within a pause meanwhile', async () => {
    const all = cast();
    await store(all, { above: 5 }, { rules: { cooldown: 3600 } });
    await stage.startBot();
    const { card, ask } = await held(all);
    const cheap = await quoted(stage.ben, { prompt: 'a small fox', model: 'z-image' });
    await stage.ben.press(cheap, 'Confirm');
    await stage.says(cheap, '✅');
    await all.lea.press(ask, 'Approve');
    await stage.says(card, '✅');
    expect(stage.paid()).toBe(2);
  });

  test('not whoever confirmed it for them', async () => {
    const all = cast();
    await store(all, {}, { rules: { pressers: [all.leads.id] } });
    await stage.startBot();
    const card = await quoted();
    await all.lea.press(card, 'Confirm');
    const ask = await askIn(all.approvals);
    await all.lea.press(ask, 'Approve');
    await told(all.lea, 'You cannot approve', all.approvals);
    await all.max.press(ask, 'Approve');
    await stage.says(card, '✅ 7 credits');
  });

  test('not somebody without the role, not even a manager, nor who has lost it', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    const form = formOf(await all.lea.press(ask, 'Decline'));
    stage.guild.memberRoles.get(all.lea.user.id)?.delete(all.leads.id);
    await all.lea.submit(all.approvals, form, { reason: 'no' }, ask);
    await told(all.lea, `Only somebody with <@&${all.leads.id}> can answer this.`, all.approvals);
    await stage.ada.press(ask, 'Approve');
    await told(stage.ada, 'Only somebody with', all.approvals);
    expect(textOf(card)).toContain('Waiting for');
    expect(labels(ask)).toHaveLength(4);
    expect(stage.paid()).toBe(0);
  });

  test('not by a forged id from elsewhere, nor from another server', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    const { world } = stage.discord;
    const other = world.addGuild('Elsewhere', [all.lea.user]);
    const there = world.addChannel(other, 'general');
    for (const channel of [there, stage.channel]) {
      const help = messageOf(await all.lea.command(channel, 'help', {}));
      await world.until(() => textOf(help) !== '', 'an answer');
      await all.lea.pressRaw(help, `approval:approve:${idIn(card)}.1`);
      await told(all.lea, 'too old', channel);
    }
    await all.lea.pressRaw(ask, `approval:approve:${idIn(card)}.2`);
    await told(all.lea, 'This request is no longer open.', all.approvals);
    for (const id of ['approval:approve:zzzzzzzz.1', `approval:spend:${idIn(card)}.1`, 'approval:approve:x']) {
      await all.lea.pressRaw(ask, id);
    }
    expect(textOf(card)).toContain('Waiting for');
    expect(stage.paid()).toBe(0);
  });
});

describe('each press acts once', () => {
  test('two approvers in the same moment', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    await Promise.all([all.lea.press(ask, 'Approve'), all.max.press(ask, 'Approve'), all.lea.press(ask, 'Approve')]);
    await stage.says(card, '✅ 7 credits');
    await stage.message((message) => textOf(message).includes('This request is no longer open.'), all.approvals);
    expect(stage.paid()).toBe(1);
    await agreed(ask, 'approved 7 credits.');
  });

  test.each(['Cancel', 'Approve'])('Approve raced by Cancel and Decline; %s first', async (first) => {
    const all = await begin();
    const { card, ask } = await held(all);
    const form = formOf(await all.max.press(ask, 'Decline'));
    const presses = [() => stage.ben.press(card, 'Cancel'), () => all.lea.press(ask, 'Approve')];
    if (first === 'Approve') presses.reverse();
    await Promise.all([...presses.map((press) => press()), all.max.submit(all.approvals, form, { reason: 'no' }, ask)]);
    await stage.discord.world.until(() => labels(ask).length === 1, 'an end');
    await stage.discord.world.until(() => /✅|Cancelled|declined/.test(textOf(card)), 'an end on the card');
    const isApproved = textOf(ask).includes('approved 7 credits');
    if (textOf(card).includes('Cancelled')) expect(stage.paid()).toBe(0);
    else if (isApproved) expect(textOf(card)).toContain('✅ 7 credits');
    else expect(textOf(card)).toContain('declined this');
    expect(stage.paid()).toBe(textOf(card).includes('✅') ? 1 : 0);
  });

  test('the requester cancels while it waits', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    await stage.ben.press(card, 'Cancel');
    await stage.says(card, 'Cancelled. Nothing was spent.');
    await agreed(ask, 'Cancelled before anybody answered.');
    await all.lea.pressRaw(ask, `approval:approve:${idIn(card)}.1`);
    await told(all.lea, 'This request is no longer open.', all.approvals);
    expect(stage.paid()).toBe(0);
  });

  test('it lapses after 24 hours', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    await stage.inTime(stage.says(card, 'Nobody approved this within 24 hours.'), hour);
    await agreed(ask, 'Nobody answered within 24 hours.');
    expect(stage.paid()).toBe(0);
  });
});

describe('what changes while it waits', () => {
  const price = (credits: number) => {
    stage.kubeez.platform.row('nano-banana').cost_per_generation = credits;
  };

  test('a price that rose is confirmed anew, and approved again', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    price(9);
    stage.clock.advance(2 * 60_000);
    await all.lea.press(ask, 'Approve');
    await stage.says(card, 'Confirm · 9 credits');
    await agreed(ask, 'The price is 9 credits now');
    await stage.ben.press(card, 'Confirm');
    await stage.says(card, 'Waiting for');
    const second = await askIn(all.approvals, 2);
    expect(labels(second)[0]).toBe('Approve · 9 credits');
    expect(stage.paid()).toBe(0);
    await all.max.press(second, 'Approve');
    await stage.says(card, '✅ 9 credits');
  });

  test('a price that fell is confirmed anew, and the approval covers it', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    price(5);
    stage.clock.advance(2 * 60_000);
    await all.lea.press(ask, 'Approve');
    await stage.says(card, 'Confirm · 5 credits');
    expect(textOf(card)).toContain('approved up to 7 credits.');
    await stage.ben.press(card, 'Confirm');
    await stage.says(card, '✅ 5 credits');
    expect(stage.paid()).toBe(1);
  });

  test('a rule that is changed or turned off counts for what comes next', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    const said = messageOf(await stage.ada.command(stage.channel, 'budget approval', { off: true }));
    await stage.says(said, 'Nobody has to approve every request any more.');
    stage.guild.memberRoles.get(all.max.user.id)?.delete(all.leads.id);
    await all.max.press(ask, 'Approve');
    await told(all.max, 'Only somebody with', all.approvals);
    await all.lea.press(ask, 'Approve');
    await stage.says(card, '✅ 7 credits');
    const next = await quoted();
    await stage.ben.press(next, 'Confirm');
    await stage.says(next, '✅ 7 credits');
  });

  test('waiting holds nothing; a limit that is full when it is approved refuses', async () => {
    const all = cast();
    const limit = { id: 'server.week', credits: 10, per: 'week', scope: 'server', target: null };
    await store(all, { kind: null, role: all.leads.id }, { limits: [limit] });
    stage.guild.memberRoles.set(stage.ben.user.id, new Set([all.leads.id]));
    await stage.startBot();
    const { card, ask } = await held(all);
    const other = await quoted(stage.ada);
    await stage.ada.press(other, 'Confirm');
    await stage.says(other, '✅ 7 credits');
    await all.lea.press(ask, 'Approve');
    await stage.says(card, 'This server’s limit for this week has no room');
    await agreed(ask, 'It was not started');
    expect(stage.paid()).toBe(1);
  });

  test('a message that was deleted is posted again, without calling anybody', async () => {
    const all = await begin();
    const { card, ask } = await held(all);
    stage.discord.world.messages.delete(ask.id);
    const second = await stage.inTime(askIn(all.approvals), 60_000);
    expect(second.id).not.toBe(ask.id);
    expect(second.roleMentions).toEqual([]);
    await all.lea.press(second, 'Approve');
    await stage.inTime(stage.says(card, '✅ 7 credits'), 1000);
    await agreed(second, 'approved 7 credits.');
  });

  test.each(['gone', 'closed'])(
    'a channel that is %s: they are asked beside the card, and managers are told',
    async (how) => {
      const all = cast();
      await store(all);
      await stage.startBot();
      if (how === 'gone') stage.discord.world.channels.delete(all.approvals.id);
      else all.approvals.denied.add('SendMessages');
      const card = await quoted();
      await stage.ben.press(card, 'Confirm');
      const ask = await askIn(stage.channel);
      const sentence = `I cannot write in <#${all.approvals.id}>, so I asked here. Whoever manages this server`;
      expect(textOf(ask)).toContain(sentence);
      await stage.says(card, sentence);
      await all.lea.press(ask, 'Approve');
      await stage.says(card, '✅ 7 credits');
      await agreed(ask, 'approved 7 credits.');
    },
  );
});

test('what waits goes on after a restart, with one message', async () => {
  const all = cast();
  await store(all);
  const first = await stage.startBot();
  const { card, ask } = await held(all);
  await first.stop();
  await stage.startBot();
  await all.lea.press(ask, 'Approve');
  await stage.says(card, '✅ 7 credits');
  expect(stage.paid()).toBe(1);
  expect(stage.discord.world.messagesIn(all.approvals.id)).toHaveLength(1);
});

describe('/budget approval', () => {
  const set = async (values: Parameters<Person['command']>[2], person = stage.ada) => {
    const answer = messageOf(await person.command(stage.channel, 'budget approval', values));
    await stage.discord.world.until(() => textOf(answer) !== '', 'an answer');
    return textOf(answer);
  };

  test('what is dear, of one kind, or asked by some', async () => {
    const all = cast();
    const trainees = stage.discord.world.addRole(stage.guild, 'Trainees');
    await stage.startBot();
    const who = { approvers: all.leads.id, channel: all.approvals.id };
    const by = `<@&${all.leads.id}>`;
    expect(await set({ above: 7, ...who })).toContain(
      `From now on ${by} must approve every request above 7 credits, in <#${all.approvals.id}>.`,
    );
    expect(await set({ kind: 'video', ...who })).toContain('must approve every /video, in');
    expect(await set({ role: trainees.id, ...who })).toContain(
      `must approve every request of people with <@&${trainees.id}>`,
    );
    const shown = messageOf(await stage.ada.command(stage.channel, 'budget show'));
    await stage.says(shown, 'Must be approved');
    expect(textOf(shown)).toContain(`every /video: by ${by} in <#${all.approvals.id}>`);
    const free = await quoted();
    await stage.ben.press(free, 'Confirm');
    await stage.says(free, '✅ 7 credits');
    stage.guild.memberRoles.set(stage.ben.user.id, new Set([trainees.id]));
    await held(all);
  });

  test('who may not manage the server, says too little, or names a closed channel changes nothing', async () => {
    const all = cast();
    await stage.startBot();
    const who = { approvers: all.leads.id, channel: all.approvals.id };
    expect(await set(who, stage.ben)).toBe('Only somebody who may manage this server can do that. (KD-608)');
    expect(await set({ above: 5 })).toContain('Name the role that approves and the channel');
    expect(await set({ off: true })).toContain('There is no rule about that.');
    const deny = bitsOf('SendMessages', 'EmbedLinks');
    all.approvals.overwrites.push({ id: stage.discord.world.bot.id, type: 1, allow: 0n, deny });
    expect(await set(who)).toContain(
      `I cannot ask in <#${all.approvals.id}>: there I lack Send Messages and Embed Links.`,
    );
    all.approvals.overwrites.length = 0;
    expect(await set(who)).toContain('From now on');
  });
});
