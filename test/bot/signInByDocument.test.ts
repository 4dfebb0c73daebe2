import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../playground/freePort.ts';
import { openPage, pressOnPage, sayYes, signInLink, waysBack } from '../signIn.ts';
import { messageOf, useStage } from '../stage.ts';

/** A bot that browsers reach by https says at an address of its own who it is, and needs no registration. */
const stage = useStage();

const publicUrl = 'https://bot.example';
const documentAddress = `${publicUrl}/oauth/client.json`;
const connected = 'now pays with this Kubeez account';

const proxies: Server[] = [];
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close();
});

/** Starts a bot to which a proxy with TLS leads from its https address. */
async function started(env: Record<string, string> = {}) {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules: { ownAccounts: true } });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const { oauth } = stage.kubeez;
  oauth.documents.leadsTo.set(publicUrl, origin);
  await stage.startBot({
    KUBEEZ_TOKEN: '',
    STATE_KEY: randomBytes(32).toString('base64'),
    HTTP_PORT: String(port),
    PUBLIC_URL: publicUrl,
    ...env,
  });
  const leadTo = (address: string) => address.replace(publicUrl, origin);
  return { oauth, origin, leadTo };
}

const clientOf = (link: string) => new URL(link).searchParams.get('client_id');

/** Somebody asks for their balance, for which the sign-in of who pays for them has to be renewed. */
async function renewed(by = stage.ada): Promise<void> {
  const before = stage.kubeez.oauth.renewed;
  await by.command(stage.channel, 'balance');
  await expect.poll(() => stage.kubeez.oauth.renewed).toBe(before + 1);
}

test('the address of its document is the bot’s client id: signed in, renewed and revoked without any registration', async () => {
  const { oauth, origin, leadTo } = await started();
  const answer = await fetch(`${origin}/oauth/client.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual({
    client_id: documentAddress,
    client_name: 'Kubeez for Discord',
    redirect_uris: [`${publicUrl}/oauth/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  });
  const link = await signInLink(stage);
  expect(clientOf(link)).toBe(documentAddress);
  expect(await sayYes(link, leadTo)).toContain(connected);
  oauth.expireAll();
  await renewed();
  const off = messageOf(await stage.ada.command(stage.channel, 'connect', { off: true }));
  await stage.says(off, 'revoked its sign-in');
  expect(oauth).toMatchObject({ registered: 0, revoked: 1 });
});

test('a server that does not take documents is asked to register the bot', async () => {
  const { oauth, leadTo } = await started();
  oauth.settings.takesDocuments = false;
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
  expect(oauth).toMatchObject({ registered: 1, documents: { asked: 0 } });
});

test('a bot without https has no document, and registers', async () => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const { oauth } = await started({ HTTP_PORT: String(port), PUBLIC_URL: origin });
  expect((await fetch(`${origin}/oauth/client.json`)).status).toBe(404);
  expect(await sayYes(await signInLink(stage))).toContain(connected);
  expect(oauth).toMatchObject({ registered: 1, documents: { asked: 0 } });
});

test('a server that registers nobody takes the document', async () => {
  const { oauth, leadTo } = await started();
  oauth.settings.registers = false;
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
});

test('a proxy that leads nothing but the callback to the bot: the document is refused, and the bot registers', async () => {
  const { oauth, leadTo } = await started();
  const port = await freePort();
  const proxy = createServer((_, answer) => answer.writeHead(404).end());
  await new Promise<void>((resolve) => proxies.push(proxy.listen(port, '127.0.0.1', resolve)));
  oauth.documents.leadsTo.set(publicUrl, `http://127.0.0.1:${port}`);
  const link = await signInLink(stage);
  expect(clientOf(link)).not.toBe(documentAddress);
  expect(await sayYes(link, leadTo)).toContain(connected);
  expect(oauth).toMatchObject({ registered: 1, documents: { asked: 1 } });
  // The registration is kept, and the document is not tried at each sign-in.
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
  expect(oauth).toMatchObject({ registered: 1, documents: { asked: 1 } });
  // A server that has forgotten the registration in the meantime is asked for another.
  oauth.forgetClients();
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
  expect(oauth.registered).toBe(2);
});

test('a sign-in page that gives no answer about the document: the bot registers', async () => {
  const { oauth, leadTo } = await started();
  stage.kubeez.faults.push({ tool: /^\/authorize$/, how: 'cut', times: 1 });
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
  expect(oauth.registered).toBe(1);
});

test('a document that is refused only when the code is exchanged: the next sign-in goes by registration', async () => {
  const { oauth, origin, leadTo } = await started();
  const page = await openPage(leadTo((await waysBack(await signInLink(stage))).yes));
  oauth.documents.leadsTo.set(publicUrl, `${origin}/elsewhere`);
  expect(await pressOnPage(page, 'yes')).toContain('Kubeez did not finish the sign-in. Use /connect again.');
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
  expect(oauth.registered).toBe(1);
});

test('a sign-in is renewed as the client that it was granted to, whichever the bot is by now', async () => {
  const { oauth, origin, leadTo } = await started();
  const { ada, ben } = stage;
  oauth.settings.takesDocuments = false;
  expect(await sayYes(await signInLink(stage), leadTo)).toContain(connected);
  // From now on the server takes documents: whoever signs in next does so by that.
  oauth.settings.takesDocuments = true;
  const own = await signInLink(stage, { by: ben, isOwn: true });
  expect(clientOf(own)).toBe(documentAddress);
  expect(await sayYes(own, leadTo)).toContain('You now pay for your own requests');
  oauth.expireAll();
  await renewed(ada);
  await renewed(ben);
  // And once the document was refused, by the registration again, which the bot still has.
  oauth.documents.leadsTo.set(publicUrl, `${origin}/elsewhere`);
  const again = await signInLink(stage);
  expect(clientOf(again)).not.toBe(documentAddress);
  expect(await sayYes(again, leadTo)).toContain(connected);
  oauth.documents.leadsTo.set(publicUrl, origin);
  oauth.expireAll();
  await renewed(ada);
  await renewed(ben);
  expect(oauth).toMatchObject({ registered: 1, replayed: 0, renewed: 4 });
});
