import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { freePort } from '../../playground/freePort.ts';
import { Seal } from '../../src/accounts/seal.ts';
import { comeBack, openPage, pressOnPage, sayYes, signInLink, waysBack } from '../signIn.ts';
import { formOf, hasSessions, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const stateKey = randomBytes(32).toString('base64');
/** No account of the bot's own: every server has to connect one. */
const without = { KUBEEZ_TOKEN: '', STATE_KEY: stateKey };

async function withCallback(): Promise<Record<string, string>> {
  const port = await freePort();
  return { ...without, HTTP_PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` };
}

const says = (message: { content: string }, text: string) =>
  stage.discord.world
    .until(() => message.content.includes(text), text)
    .catch(() => {
      throw new Error(`It says “${message.content}”, not “${text}”`);
    });

async function make(prompt: string): Promise<void> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), 'a price');
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
}

test('without any account commands explain /connect; only who manages the server may use it', async () => {
  await stage.startBot(without);
  const refused = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox' }));
  expect(refused.content).toBe(
    'This server has no Kubeez account yet. Somebody who manages it can connect one with /connect. Nothing was spent. (KD-206)',
  );
  const stranger = messageOf(await stage.ben.command(stage.channel, 'connect'));
  expect(stranger.content).toBe('Only somebody who may manage this server can do that. (KD-608)');
});

test('a token of one’s own: tried, sealed, used, forgotten', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot(without);
  const { ada, channel } = stage;
  const own = stage.kubeez.addAccount(500);
  const form = formOf(await ada.command(channel, 'connect'));
  const wrong = messageOf(await ada.submit(channel, form, { token: 'no-such-token' }));
  await says(wrong, 'Kubeez does not accept that token. Nothing was changed.');
  const right = messageOf(await ada.submit(channel, form, { token: own.token }));
  await says(right, 'Connected: this server now pays with its own account, which has 500 credits.');
  await make('a fox');
  expect(own.platform.credits).toBe(493);
  expect(stage.kubeez.platform.credits).toBe(1000);
  // The token lies nowhere in the open.
  const record = await stage.readRecord(`account:${stage.guild.id}`);
  expect(record).not.toContain(own.token);
  expect(stage.log.join('')).not.toContain(own.token);
  const off = messageOf(await ada.command(channel, 'connect', { off: true }));
  await says(off, 'I have forgotten this server’s account. The token itself still works: delete it');
  const again = messageOf(await ada.command(channel, 'image', { prompt: 'a fox' }));
  expect(again.content).toContain('has no Kubeez account yet');
});

test('a sign-in by browser: the page says what was connected, the state is used once, tokens are renewed and revoked', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  const env = await withCallback();
  const bot = await stage.startBot(env);
  const link = await signInLink(stage);
  expect(await sayYes(link)).toContain(
    '“Paper Moon Studio” now pays with this Kubeez account. It has 1,000 credits. You can close this page.',
  );
  await make('a fox');
  expect(stage.kubeez.platform.credits).toBe(1000);
  // A second use of the same state, and one that never was.
  expect(await sayYes(link)).toContain('That link was used already');
  const forged = await fetch(`${env.PUBLIC_URL}/oauth/callback?code=x&state=${'y'.repeat(43)}`);
  expect(await forged.text()).toContain('That link was used already');

  // Its hour is over: the bot renews it by itself, also after a restart.
  stage.kubeez.oauth.expireAll();
  await make('a wolf');
  expect(stage.kubeez.oauth.renewed).toBe(1);
  await bot.stop();
  stage.kubeez.oauth.expireAll();
  await stage.startBot(env);
  await make('a bear');
  const off = messageOf(await stage.ada.command(stage.channel, 'connect', { off: true }));
  await says(off, 'I have forgotten this server’s account and revoked its sign-in.');
  expect(stage.kubeez.oauth.revoked).toBe(1);
});

/** A server whose sign-in is done, by Ada. */
async function signedIn(): Promise<Record<string, string>> {
  stage.guild.admins.add(stage.ada.user.id);
  const env = await withCallback();
  await stage.startBot(env);
  expect(await sayYes(await signInLink(stage))).toContain('now pays with this Kubeez account');
  return env;
}

/** The newest private answer that Ada got. */
const privateAnswer = () => stage.ada.sees(stage.channel).findLast(({ ephemeralFor }) => ephemeralFor !== null);

test('a forwarded sign-in link: the page names the server and who asked, and connects nothing before Connect is pressed', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot(await withCallback());
  const page = await comeBack(await signInLink(stage));
  expect(page.text).toContain('Connect this Kubeez account?');
  expect(page.text).toContain('Ada (@ada) asked to connect it to the Discord server “Paper Moon Studio”.');
  const refused = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox' }));
  expect(refused.content).toContain('has no Kubeez account yet');
  expect(await pressOnPage(page, 'no')).toContain('Nothing was changed.');
  expect(await pressOnPage(page, 'yes')).toContain('That link was used already');
  const still = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox' }));
  expect(still.content).toContain('has no Kubeez account yet');
});

test('only the browser that saw the page can press its button, once', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot(await withCallback());
  const page = await comeBack(await signInLink(stage));
  const used = 'That link was used already';
  // Without the cookie, with a wrong one, without the form’s secret: somebody who only knows the address.
  expect(await pressOnPage({ ...page, cookie: '' }, 'yes')).toContain(used);
  expect(await pressOnPage({ ...page, cookie: `kubeez-sign-in=${'x'.repeat(43)}` }, 'yes')).toContain(used);
  expect(await pressOnPage({ ...page, fields: { state: page.fields.state ?? '' } }, 'yes')).toContain(used);
  // From another site’s page.
  const body = new URLSearchParams({ ...page.fields, answer: 'yes' });
  const action = page.address.split('?')[0] ?? '';
  const headers = { cookie: page.cookie, 'sec-fetch-site': 'cross-site' };
  expect((await fetch(action, { method: 'POST', body, headers })).status).toBe(403);
  // Opened again: the page that was shown last counts.
  const again = await openPage(page.address);
  expect(await pressOnPage(page, 'yes')).toContain(used);
  const both = await Promise.all([pressOnPage(again, 'yes'), pressOnPage(again, 'yes')]);
  expect(both.filter((text) => text.includes('now pays with this Kubeez account'))).toHaveLength(1);
  expect(both.filter((text) => text.includes(used))).toHaveLength(1);
});

test('Discord tells the end of a sign-in, too: in the private answer, or by DM once that can no longer be edited', async () => {
  await signedIn();
  await stage.discord.world.until(
    () =>
      privateAnswer()?.content === 'Connected: this server now pays with that Kubeez account. It has 1,000 credits.',
    'the result',
  );
  expect(JSON.stringify(privateAnswer()?.components)).toBe('[]');
  // Connected already: it says so, and by whom.
  const page = await comeBack(await signInLink(stage));
  expect(privateAnswer()?.content).toMatch(
    new RegExp(`^This server already pays with an account that <@${stage.ada.user.id}> connected <t:\\d+:R>`),
  );
  stage.discord.interactions.age(20 * 60_000);
  await pressOnPage(page, 'yes');
  const dm = await stage.discord.world.until(() => stage.ada.directMessages()[0], 'a DM');
  expect(dm.content).toBe('Connected: this server now pays with that Kubeez account. It has 1,000 credits.');
});

test('a permission that is not given on Kubeez’s page is told in Discord', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot(await withCallback());
  const { no } = await waysBack(await signInLink(stage));
  expect((await openPage(no)).text).toContain('Kubeez was not given permission. Nothing was changed.');
  expect(privateAnswer()?.content).toBe('Kubeez was not given permission, so no account was connected. (KD-602)');
});

test('a token that would take the place of another account says whose', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot(without);
  const { ada, channel } = stage;
  const form = formOf(await ada.command(channel, 'connect'));
  await says(messageOf(await ada.submit(channel, form, { token: stage.kubeez.addAccount(500).token })), 'Connected');
  const again = formOf(await ada.command(channel, 'connect'));
  expect(JSON.stringify(again)).toContain('Replaces the account that Ada (@ada) connected on');
  const answer = messageOf(await ada.submit(channel, again, { token: stage.kubeez.addAccount(300).token }));
  await says(answer, `which has 300 credits. It takes the place of the one that <@${ada.user.id}> connected.`);
});

test('many calls find the sign-in expired at the same moment: it is renewed once, and the grant lives', async () => {
  await signedIn();
  await make('a fox');
  stage.kubeez.oauth.expireAll();
  await Promise.all(Array.from({ length: 12 }, () => stage.ada.command(stage.channel, 'balance')));
  await make('a wolf');
  expect(stage.kubeez.oauth).toMatchObject({ renewed: 1, replayed: 0 });
  stage.kubeez.oauth.expireAll();
  await make('a bear');
  expect(stage.kubeez.oauth).toMatchObject({ renewed: 2, replayed: 0 });
});

test.each([503, 429, 500, 'cut', 'html', 'retryAfter'] as const)(
  'a token endpoint in trouble (%s) is an outage: nobody is told to sign in again, and all goes on after it',
  async (how) => {
    await signedIn();
    stage.holdJobs();
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
    await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), 'a price');
    await stage.ada.press(card, 'Confirm');
    const accounts = () => stage.log.filter((line) => line.includes('Kubeez refuses the sign-in')).length;
    await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a running job');
    const fault = { tool: /^\/token$/, how, times: how === 'retryAfter' ? 1 : 3 };
    stage.kubeez.faults.push(fault);
    stage.kubeez.oauth.expireAll();
    await stage.inTime(stage.discord.world.until(() => stage.kubeez.oauth.renewed === 1, 'a renewal'));
    expect(fault.times).toBe(0);
    stage.kubeez.platform.settings.hold = false;
    const [account] = stage.kubeez.oauth.accounts();
    for (const id of account?.jobs.keys() ?? []) account?.finish(id);
    await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
    expect(accounts()).toBe(0);
    expect(stage.ada.directMessages()).toEqual([]);
  },
);

test('a registration the server forgot is dropped: /connect makes another by itself', async () => {
  await signedIn();
  expect(stage.kubeez.oauth.registered).toBe(1);
  stage.kubeez.oauth.forgetClients();
  expect(await sayYes(await signInLink(stage))).toContain('now pays with this Kubeez account');
  expect(stage.kubeez.oauth.registered).toBe(2);
  await make('a fox');
  // It is used again as long as the server knows it.
  await sayYes(await signInLink(stage));
  expect(stage.kubeez.oauth.registered).toBe(2);
});

test('a sign-in whose registration the server forgot cannot be renewed: one notice, and a new sign-in mends it', async () => {
  await signedIn();
  await make('a fox');
  stage.kubeez.oauth.forgetClients();
  stage.kubeez.oauth.expireAll();
  await stage.ada.command(stage.channel, 'balance');
  const notice = await stage.discord.world.until(() => stage.ada.directMessages()[0], 'a notice');
  expect(notice.content).toContain('you connected for the server “Paper Moon Studio”');
  await sayYes(await signInLink(stage));
  await make('a wolf');
  expect(stage.kubeez.oauth).toMatchObject({ registered: 2, replayed: 0 });
});

// Without sessions there is nothing with which the rest of an answer could be asked for.
test.runIf(hasSessions)(
  'answers that a server breaks off and completes later (Last-Event-ID) reach servers’ accounts as well',
  async () => {
    stage.kubeez.platform.settings.breaksStreams = true;
    await signedIn();
    await make('a fox');
    expect(stage.kubeez.streams.broken).toBeGreaterThan(3);
  },
);

test('a sign-in that ends: one notice to whoever connected it, flows wait and go on when it works again', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  const env = await withCallback();
  await stage.startBot(env);
  await sayYes(await signInLink(stage));
  stage.holdJobs();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a running job');
  stage.kubeez.oauth.endAll();
  stage.kubeez.forgetSessions();
  const notice = await stage.discord.world.until(() => stage.ada.directMessages()[0], 'a notice');
  expect(notice.content).toContain('Kubeez no longer accepts the account that you connected');
  const waiting = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'a wolf', model: 'nano-banana' }),
  );
  await stage.discord.world.until(
    () => textOf(waiting).includes('This goes on by itself as soon as the sign-in works'),
    'a wait',
  );
  expect(stage.ada.directMessages()).toHaveLength(1);
  // Connected again: whoever waited goes on.
  await sayYes(await signInLink(stage));
  await stage.cardInTime('Confirm · 7');
  expect(textOf(waiting)).toContain('Confirm · 7');
  expect(textOf(card)).not.toContain('❌');
});

test.each(['scope', 'denied'] as const)(
  'a token that lost a scope (%s): one notice, nothing is spent meanwhile, and all goes on once it has it again',
  async (how) => {
    stage.guild.admins.add(stage.ada.user.id);
    const env = await withCallback();
    await stage.startBot(env);
    await sayYes(await signInLink(stage));
    const fault = { tool: /^generate_media$/, how, times: Number.POSITIVE_INFINITY };
    stage.kubeez.faults.push(fault);
    const cards = await Promise.all(
      ['a fox', 'a wolf'].map(async (prompt) =>
        messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' })),
      ),
    );
    const all = (text: string) =>
      stage.discord.world.until(() => cards.every((card) => textOf(card).includes(text)), text);
    // Both first: once a start was refused, prices wait as well.
    await all('Confirm ·');
    for (const card of cards) await stage.ada.press(card, 'Confirm');
    await all('Kubeez rejected the sign-in of the account that pays here. This goes on by itself');
    await stage.discord.world.until(() => stage.ada.directMessages()[0], 'a notice');
    stage.clock.advance(61_000);
    const refusals = () => stage.log.filter((line) => line.includes('submitRefused')).length;
    await stage.discord.world.until(() => refusals() === 4, 'another try of each');
    await all('Kubeez rejected the sign-in of the account that pays here. This goes on by itself');
    expect(stage.ada.directMessages()).toHaveLength(1);
    fault.times = 0;
    stage.clock.advance(61_000);
    await all('✅');
    expect(stage.ada.directMessages()).toHaveLength(1);
  },
);

test('a server’s own account is used there, and nowhere else; flows under way stay with theirs', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.startBot({ STATE_KEY: stateKey });
  stage.holdJobs();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  const job = await stage.job();
  const own = stage.kubeez.addAccount(500);
  const form = formOf(await stage.ada.command(stage.channel, 'connect'));
  await says(messageOf(await stage.ada.submit(stage.channel, form, { token: own.token })), 'Connected');
  stage.kubeez.platform.finish(job.id);
  await stage.card('✅');
  expect(own.platform.credits).toBe(500);
  const dm = stage.discord.world.dmWith(stage.ada.user);
  await stage.ada.command(dm, 'image', { prompt: 'a fox', model: 'nano-banana' });
  expect(textOf(await stage.card('Confirm', dm))).toContain('986 left after this');
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' });
  await stage.card('493 left after this');
});

test('what is sealed opens with any key that is kept, and with no other', () => {
  const [old, current, other] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const sealed = new Seal([old]).close('secret ✓');
  expect(new Seal([current, old]).open(sealed)).toBe('secret ✓');
  expect(new Seal([current]).open(sealed)).toBeUndefined();
  expect(new Seal([other]).open('nonsense')).toBeUndefined();
  const last = sealed.slice(0, -6) + (sealed.endsWith('AAAA==') ? 'BBBB==' : 'AAAA==');
  expect(new Seal([old]).open(last)).toBeUndefined();
});
