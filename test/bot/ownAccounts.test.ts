import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { buttonsOf, type Person } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { freePort } from '../../playground/freePort.ts';
import type { Platform } from '../../playground/kubeez/platform.ts';
import { film } from '../../playground/props.ts';
import { ownAccount } from '../../src/accountNames.ts';
import { comeBack, pressOnPage, signInLink } from '../signIn.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** People who pay for themselves: with nobody else's credits, and nobody else with theirs. */
const stage = useStage();

/** What a picture costs. */
const price = 7;
const key = randomBytes(32).toString('base64');
const withKey = { STATE_KEY: key };

const spentByServer = () => 1000 - stage.kubeez.platform.credits;

/** The settings of the server, as stored while no bot runs. */
const settings = (changes: object = {}, rules: object = {}) =>
  stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules: { ownAccounts: true, ...rules }, ...changes });

interface Own {
  token: string;
  platform: Platform;
}

async function connectOwn(person: Person, credits = 500, channel: Channel = stage.channel): Promise<Own> {
  const own = stage.kubeez.addAccount(credits);
  const form = formOf(await person.command(channel, 'connect', { mine: true }));
  await stage.says(messageOf(await person.submit(channel, form, { token: own.token })), 'Connected:');
  return own;
}

async function disconnectOwn(person: Person, says = 'I have forgotten your own account'): Promise<void> {
  await stage.says(messageOf(await person.command(stage.channel, 'connect', { mine: true, off: true })), says);
}

async function quoted(person: Person, prompt: string): Promise<Message> {
  const card = messageOf(await person.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.says(card, 'Confirm ·');
  return card;
}

async function confirmed(person: Person, prompt: string): Promise<Message> {
  const card = await quoted(person, prompt);
  await person.press(card, 'Confirm');
  return card;
}

async function made(person: Person, prompt: string): Promise<Message> {
  const card = await confirmed(person, prompt);
  await stage.says(card, '✅');
  await stage.saved(card, 'delivered');
  return card;
}

const allow = async (isAllowed: 'yes' | 'no') => {
  const card = messageOf(await stage.ada.command(stage.channel, 'settings'));
  await stage.ada.select(card, 'settings:sections', ['accounts']);
  await stage.ada.select(card, 'settings:accounts', [isAllowed]);
  await stage.says(card, `own account:** ${isAllowed}`);
};

/** The newest message that Ada sees and that is for her alone. */
const whispered = (person: Person) =>
  person.sees(stage.channel).findLast(({ ephemeralFor }) => ephemeralFor !== null)?.content ?? '';

test('nobody connects an account of their own before a manager allows it; then anybody can, and only for themselves', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot(withKey);
  const { ada, ben, channel } = stage;
  const no = 'This server does not let people connect an account of their own.';
  expect(messageOf(await ben.command(channel, 'connect', { mine: true })).content).toContain(no);
  await allow('yes');
  const form = formOf(await ben.command(channel, 'connect', { mine: true }));
  await stage.says(
    messageOf(await ben.submit(channel, form, { token: 'no-such-token' })),
    'does not accept that token',
  );
  const own = stage.kubeez.addAccount(500);
  const done = messageOf(await ben.submit(channel, form, { token: own.token }));
  await stage.says(done, 'you now pay for your own requests with your own account');
  expect(done.ephemeralFor).toBe(ben.user.id);
  expect(textOf(done)).toContain('500 credits');
  // Without the server's account: that one is for managers, whatever the id of the form says.
  const forged = { ...form, custom_id: form.custom_id.replace('mine', 'token') };
  const refused = messageOf(await ben.submit(channel, forged, { token: own.token }));
  expect(refused.content).toBe('Only somebody who may manage this server can do that. (KD-608)');

  const card = await made(ben, 'a fox');
  expect(textOf(card)).toContain(`<@${ben.user.id}>’s own account pays`);
  expect(textOf(await made(ada, 'a wolf'))).toContain('the bot pays');
  expect(own.platform.credits).toBe(500 - price);
  expect(spentByServer()).toBe(price);

  // Switched off: who was connected pays no longer, a form that was open is refused, and to disconnect stays possible.
  await allow('no');
  expect(messageOf(await ben.submit(channel, form, { token: own.token })).content).toContain(no);
  expect(textOf(await quoted(ben, 'a bear'))).toContain('the bot pays');
  await disconnectOwn(ben);
  await disconnectOwn(ben, 'You have connected no account of your own.');
  // The token was never in the open.
  expect(stage.log.join('')).not.toContain(own.token);
  expect(stage.discord.world.messagesIn(channel.id).map(textOf).join()).not.toContain(own.token);
});

test('the token lies sealed, and what is left on somebody’s own account is told to nobody else', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  const own = await connectOwn(ben, 27);
  const record = await stage.readRecord(`account:${ownAccount(ben.user.id)}`);
  expect(record).toContain('sealed');
  expect(record).not.toContain(own.token);
  const card = await quoted(ben, 'a fox');
  // 7 of 27 credits: a warning would tell the rest.
  expect(textOf(card)).not.toMatch(/left after this|%|\b20\b|\b27\b/);
  const balance = messageOf(await ben.command(channel, 'balance'));
  await stage.says(balance, '**27 credits** left in your own account');
  expect(balance.ephemeralFor).toBe(ben.user.id);
  own.platform.credits = 3;
  await ben.press(card, 'Confirm');
  await stage.says(card, 'has too few credits left for this. Nothing was spent.');
  expect(textOf(card)).not.toMatch(/\b3\b/);
  expect(own.platform.jobs.size).toBe(0);
});

test('own credits count against no limit, are in no sum of the server, and its own requests still are', async () => {
  await settings({
    limits: [{ id: 'l', credits: 10, per: 'month', scope: 'server', target: null }],
  });
  stage.guild.admins.add(stage.ada.user.id);
  let bot = await stage.startBot(withKey);
  const { ada, ben, channel } = stage;
  const own = await connectOwn(ben);
  await made(ben, 'one');
  await made(ben, 'two');
  await made(ada, 'three');
  const full = messageOf(await ada.command(channel, 'image', { prompt: 'four', model: 'nano-banana' }));
  await stage.says(full, 'Nothing was spent');
  // The same after a restart, when the ledger is read.
  await bot.stop();
  bot = await stage.startBot(withKey);
  await made(ben, 'five');
  const again = messageOf(await ada.command(channel, 'image', { prompt: 'six', model: 'nano-banana' }));
  await stage.says(again, 'Nothing was spent');
  expect(own.platform.credits).toBe(500 - 3 * price);
  expect(spentByServer()).toBe(price);
  // Managers see what the server spent.
  const budget = messageOf(await ada.command(channel, 'budget show'));
  await stage.says(budget, '7 credits');
  expect(textOf(budget)).not.toContain(`<@${ben.user.id}>`);
  const exported = messageOf(await ada.command(channel, 'budget export'));
  await stage.says(exported, '1 ');
  // History says whose credits they were, and the ledger keeps no name that would outlive the person's.
  const history = messageOf(await ada.command(channel, 'history'));
  await stage.says(history, 'paid by their own account');
  const ledger = stage.rows().filter(({ key }) => /:ledger:[^:]+:\w{8}:/.test(key));
  expect(ledger.filter(({ value }) => value.includes('"account":"own"'))).toHaveLength(3);
  expect(ledger.some(({ value }) => value.includes('person-'))).toBe(false);
});

test('every other rule holds for own accounts: approval, blocked words, the pause between starts', async () => {
  const { world } = stage.discord;
  const leads = world.addRole(stage.guild, 'Leads', [], [stage.ada.user]);
  const approvals = world.addChannel(stage.guild, 'approvals');
  const rule = { above: 5, kind: null, role: null, approvers: leads.id, channel: approvals.id };
  await settings({ approvals: [rule], blocked: { people: [], words: ['gull'] } }, { cooldown: 600 });
  await stage.startBot(withKey);
  const { ada, ben, channel } = stage;
  const own = await connectOwn(ben);
  const word = messageOf(await ben.command(channel, 'image', { prompt: 'a loud gull', model: 'nano-banana' }));
  expect(word.content).toContain('gull');
  const card = await confirmed(ben, 'a fox');
  await stage.says(card, 'Waiting for');
  const ask = await stage.message((message) => labels(message).some((label) => label.startsWith('Approve')), approvals);
  expect(textOf(ask)).toContain('from their own account');
  expect(textOf(ask)).not.toContain('left after this');
  expect(own.platform.jobs.size).toBe(0);
  await ada.press(ask, 'Approve');
  await stage.says(card, '✅');
  expect(own.platform.credits).toBe(500 - price);
  const soon = messageOf(await ben.command(channel, 'image', { prompt: 'a wolf', model: 'nano-banana' }));
  expect(soon.content).toContain('<t:');
  expect(own.platform.jobs.size).toBe(1);
});

test('whoever presses pays: neither Again nor Confirm of somebody else spends a person’s own credits', async () => {
  const { world } = stage.discord;
  const helpers = world.addRole(stage.guild, 'Helpers', [], [stage.ada.user]);
  await settings({}, { pressers: [helpers.id] });
  await stage.startBot(withKey);
  const { ada, ben } = stage;
  const own = await connectOwn(ben);
  const card = await made(ben, 'a fox');
  // Again by somebody without an own account: the server's pays.
  const again = messageOf(await ada.press(card, 'Again'));
  await stage.says(again, 'Confirm ·');
  expect(textOf(again)).toContain('the bot pays');
  await ada.press(again, 'Confirm');
  await stage.says(again, '✅');
  expect(own.platform.credits).toBe(500 - price);
  expect(spentByServer()).toBe(price);
  // And by somebody with one: theirs.
  const adas = await connectOwn(ada, 300);
  const theirs = messageOf(await ada.press(card, 'Again'));
  await stage.says(theirs, 'Confirm ·');
  expect(textOf(theirs)).toContain('own account pays');
  await ada.press(theirs, 'Confirm');
  await stage.says(theirs, '✅');
  expect(adas.platform.credits).toBe(300 - price);
  // A role may confirm for others, but not with their credits; a forged id is refused alike.
  const open = await quoted(ben, 'a bear');
  const refused = messageOf(await ada.press(open, 'Confirm'));
  expect(refused.content).toContain('pays for this with their own account, so nobody else can confirm it');
  const id = buttonsOf(open).find(({ label }) => label.startsWith('Confirm'))?.custom_id ?? '';
  await ada.pressRaw(open, id.replace(/:\w{8}$/, `:${idIn(open)}`));
  expect(whispered(ada)).toContain('nobody else can confirm it');
  expect(own.platform.jobs.size).toBe(1);
  // What does not spend stays theirs to press.
  await ada.press(open, 'Cancel');
  await stage.says(open, 'Cancelled');
  expect(spentByServer()).toBe(price);
});

test('/preferences chooses who pays; a price that was shown for the other is confirmed anew', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  const none = messageOf(await ben.command(channel, 'preferences', { account: 'own' }));
  await stage.says(none, 'You have connected no account of your own');
  const own = await connectOwn(ben);
  const card = await quoted(ben, 'a fox');
  expect(textOf(card)).toContain('own account pays');
  await stage.says(
    messageOf(await ben.command(channel, 'preferences', { account: 'server' })),
    'The account of the server pays',
  );
  const confirm = buttonsOf(card).find(({ label }) => label.startsWith('Confirm'))?.custom_id ?? '';
  await ben.press(card, 'Confirm');
  await stage.says(card, 'Another account pays for this now');
  expect(textOf(card)).toContain('the bot pays');
  expect(own.platform.jobs.size + stage.kubeez.platform.jobs.size).toBe(0);
  expect(confirm).toContain(idIn(card));
  await ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  expect(spentByServer()).toBe(price);
  expect(own.platform.credits).toBe(500);
});

test('/preferences says so where the server lets nobody pay for themselves', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  stage.guild.admins.add(stage.ada.user.id);
  await connectOwn(ben);
  const preferences = async (values = {}) => {
    const answer = messageOf(await ben.command(channel, 'preferences', values));
    await stage.says(answer, 'I mention you');
    return textOf(answer);
  };
  const forbidden = 'This server does not let people pay for themselves, so here the server’s account pays.';
  expect(await preferences()).not.toContain(forbidden);
  await allow('no');
  expect(await preferences()).toContain(forbidden);
  expect(await preferences({ account: 'server' })).not.toContain(forbidden);
  await disconnectOwn(ben);
  expect(await preferences({ account: 'own' })).toContain(forbidden);
});

test('switched off by a manager between price and Confirm: the server’s price is shown, and paid only when confirmed', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await settings();
  await stage.startBot(withKey);
  const own = await connectOwn(stage.ben);
  const card = await quoted(stage.ben, 'a fox');
  await allow('no');
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, 'Another account pays for this now');
  expect(labels(card)[0]).toBe('Confirm · 7 credits');
  expect(own.platform.jobs.size + stage.kubeez.platform.jobs.size).toBe(0);
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  expect([own.platform.credits, spentByServer()]).toEqual([500, price]);
});

test('switched off while it waits in line: nothing starts on either account before it is confirmed anew', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await settings();
  await stage.startBot(withKey);
  stage.holdJobs();
  const { ben } = stage;
  const own = await connectOwn(ben);
  // The account takes ten at once.
  for (let index = 0; index < 10; index++) await confirmed(ben, `picture ${index}`);
  await stage.discord.world.until(() => own.platform.jobs.size === 10, 'ten jobs');
  const card = await confirmed(ben, 'the eleventh');
  await stage.says(card, '1st in line');
  await allow('no');
  const [first] = own.platform.jobs.keys();
  own.platform.finish(first ?? '');
  await stage.says(card, 'Another account pays for this now');
  expect(own.platform.jobs.size).toBe(10);
  expect(stage.kubeez.platform.jobs.size).toBe(0);
  // What was paid goes on with the account that paid.
  for (const id of own.platform.jobs.keys()) own.platform.finish(id);
  await stage.discord.world.until(
    () =>
      stage.discord.world.messagesIn(stage.channel.id).filter((message) => textOf(message).includes('✅')).length ===
      10,
    'ten results',
  );
  expect(spentByServer()).toBe(0);
});

test('another account in the place of one’s own between price and Confirm is confirmed anew', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben } = stage;
  const first = await connectOwn(ben, 500);
  const card = await quoted(ben, 'a fox');
  stage.clock.advance(1000);
  const second = await connectOwn(ben, 300);
  await ben.press(card, 'Confirm');
  await stage.says(card, 'Another account pays for this now');
  expect(first.platform.jobs.size + second.platform.jobs.size).toBe(0);
  await ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  expect([first.platform.credits, second.platform.credits]).toEqual([500, 300 - price]);
});

test('disconnected while a paid job runs: it waits, is never paid by anybody else, and comes when connected again', async () => {
  await settings();
  await stage.startBot(withKey);
  stage.holdJobs();
  const { ben, channel } = stage;
  const own = await connectOwn(ben);
  const card = await confirmed(ben, 'a fox');
  await stage.says(card, ' s · ');
  await disconnectOwn(ben, '1 request here is still running with it');
  await stage.inTime(stage.says(card, 'Kubeez rejected the sign-in of the account that pays here'), 5000);
  for (const id of own.platform.jobs.keys()) own.platform.finish(id);
  const form = formOf(await ben.command(channel, 'connect', { mine: true }));
  await stage.says(messageOf(await ben.submit(channel, form, { token: own.token })), 'Connected:');
  await stage.inTime(stage.says(card, '✅'), 5000);
  expect(textOf(card)).toContain('own account pays');
  expect([own.platform.jobs.size, own.platform.credits, spentByServer()]).toEqual([1, 500 - price, 0]);
});

test('disconnected between Confirm and start: the server’s account pays nothing that was not confirmed for it', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  const own = await connectOwn(ben);
  const card = await quoted(ben, 'a fox');
  let isFirst = true;
  // The price is read once more after Confirm; before it comes, the account is gone.
  stage.kubeez.gates.after = async (tool) => {
    if (tool !== 'get_balance' || !isFirst) return;
    isFirst = false;
    await ben.command(channel, 'connect', { mine: true, off: true });
    const isKept = () => stage.rows().some(({ key }) => key.includes('account:person-'));
    await expect.poll(isKept).toBe(false);
  };
  await ben.press(card, 'Confirm');
  await stage.says(card, 'Nothing was spent.');
  expect([own.platform.jobs.size, spentByServer()]).toEqual([0, 0]);
  if (!textOf(card).includes('the bot pays')) await ben.press(card, 'Confirm');
  await stage.says(card, 'the bot pays');
  await stage.says(card, 'Another account pays for this now');
  expect([own.platform.jobs.size, spentByServer()]).toEqual([0, 0]);
});

test('a refused own account is told to its owner alone', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  const own = await connectOwn(ben);
  stage.kubeez.refuse(own.token);
  stage.kubeez.forgetSessions();
  const card = messageOf(await ben.command(channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.says(card, 'Kubeez rejected the sign-in of the account that pays here');
  const dm = await stage.discord.world.until(() => ben.directMessages()[0], 'a DM');
  expect(dm.content).toContain('Kubeez no longer accepts your own account');
  expect(stage.ada.directMessages()).toEqual([]);
  // The server's account can pay in its place, if they say so: at the next try, with a Confirm of its own.
  await ben.command(channel, 'preferences', { account: 'server' });
  await stage.inTime(stage.says(card, 'the bot pays'), 5000);
  await stage.says(card, 'Confirm ·');
  expect(spentByServer()).toBe(0);
});

test('a sign-in by browser names whose requests it pays for', async () => {
  await settings();
  const port = await freePort();
  await stage.startBot({ ...withKey, HTTP_PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` });
  const { ben, channel } = stage;
  const link = await signInLink(stage, { by: ben, isOwn: true });
  const page = await comeBack(link);
  expect(page.text).toContain('asked to pay with it for what they make with this bot in Discord');
  expect(await pressOnPage(page, 'yes')).toContain('You now pay for your own requests with this Kubeez account');
  expect(textOf(await made(ben, 'a fox'))).toContain('own account pays');
  expect(spentByServer()).toBe(0);
  const off = messageOf(await ben.command(channel, 'connect', { mine: true, off: true }));
  await stage.says(off, 'revoked its sign-in');
  expect(stage.kubeez.oauth.revoked).toBe(1);
});

test('/privacy shows, exports and forgets it; from then on the server pays', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  const own = await connectOwn(ben);
  const shown = messageOf(await ben.command(channel, 'privacy show'));
  await stage.says(shown, 'Your own account');
  await stage.says(messageOf(await ben.command(channel, 'privacy export')), 'I sent you the file by DM.');
  const [file] = ben.directMessages().at(-1)?.attachments ?? [];
  const exported = await (await fetch(file?.url ?? '')).text();
  expect(JSON.parse(exported).ownAccount).toMatchObject([{ connectedAt: expect.any(Number) }]);
  expect(exported).not.toContain(own.token);
  const question = messageOf(await ben.command(channel, 'privacy forget'));
  await stage.says(question, 'Remove everything');
  await ben.press(question, 'Forget me');
  await stage.says(question, 'Done.');
  expect(stage.rows().some(({ key }) => key.includes('account:person-'))).toBe(false);
  expect(textOf(await quoted(ben, 'a fox'))).toContain('the bot pays');
  expect(own.platform.jobs.size).toBe(0);
});

test('results of an own account can be worked on by others: the file is brought to the account that pays', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ada, ben, channel } = stage;
  const own = await connectOwn(ben);
  const film = messageOf(await ben.command(channel, 'video', { prompt: 'a fox runs', sound: true }));
  await stage.says(film, 'Confirm ·');
  await ben.press(film, 'Confirm');
  await stage.says(film, '✅');
  await stage.saved(film, 'delivered');
  const before = own.platform.credits;
  const captions = messageOf(await ada.press(film, 'Caption'));
  await stage.says(captions, 'Confirm ·');
  await ada.press(captions, 'Confirm');
  await stage.says(captions, '✅');
  expect(own.platform.credits).toBe(before);
  expect(spentByServer()).toBeGreaterThan(0);
});

test('Again by somebody else on a request with uploaded files: they are brought to the account that pays then', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ada, ben, channel } = stage;
  const own = await connectOwn(ben);
  const card = messageOf(await ben.command(channel, 'captions', { file: await film() }));
  await stage.says(card, 'Confirm ·');
  await ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  await stage.saved(card, 'delivered');
  const before = own.platform.credits;
  const again = messageOf(await ada.press(card, 'Again'));
  await stage.says(again, 'Confirm ·');
  expect(textOf(again)).toContain('the bot pays');
  await ada.press(again, 'Confirm');
  await stage.says(again, '✅');
  expect(own.platform.credits).toBe(before);
  expect(spentByServer()).toBeGreaterThan(0);
});

test('an account that is taken away while files are with it: the request ends with a sentence, and nothing is spent', async () => {
  await settings();
  await stage.startBot(withKey);
  const { ben, channel } = stage;
  await connectOwn(ben);
  const card = messageOf(await ben.command(channel, 'captions', { file: await film() }));
  await stage.says(card, 'Confirm ·');
  await disconnectOwn(ben);
  await ben.press(card, 'Confirm');
  await stage.says(card, 'what it works from is with the one before. Ask for it again. Nothing was spent.');
  const again = messageOf(await ben.press(card, 'Again'));
  await stage.says(again, 'Confirm ·');
  expect(textOf(again)).toContain('the bot pays');
  expect(spentByServer()).toBe(0);
});
