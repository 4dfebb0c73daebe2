import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../playground/freePort.ts';
import { type KubeezStandIn, startKubeez } from '../../playground/kubeez/server.ts';
import { MovableClock } from '../clock.ts';

/** Documents of clients, which the stand-in's sign-in takes only as a strict server would. */
let kubeez: KubeezStandIn;
let site: Server;
let respond: (answer: ServerResponse, path: string) => void;

const id = 'https://client.example/client.json';
const callback = 'https://client.example/callback';
const good = {
  client_id: id,
  client_name: 'A client',
  redirect_uris: [callback],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

const json = (document: object, type = 'application/json') => sent(JSON.stringify(document), type);
const sent =
  (text: string, type = 'application/json', status = 200) =>
  (answer: ServerResponse) =>
    void answer.writeHead(status, { 'content-type': type }).end(text);

beforeEach(async () => {
  kubeez = await startKubeez({ clock: new MovableClock() });
  const port = await freePort();
  site = createServer((request, answer) => respond(answer, request.url ?? ''));
  await new Promise<void>((resolve) => site.listen(port, '127.0.0.1', resolve));
  kubeez.oauth.documents.leadsTo.set('https://client.example', `http://127.0.0.1:${port}`);
});
afterEach(async () => {
  site.close();
  await kubeez.close();
});

/** What the sign-in page answers a client. */
async function page(client = id, redirect = callback): Promise<number> {
  const address = new URL('/authorize', kubeez.platform.origin);
  address.search = new URLSearchParams({
    client_id: client,
    redirect_uri: redirect,
    response_type: 'code',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  }).toString();
  return (await fetch(address, { redirect: 'manual' })).status;
}

test('a document that is as it should be', async () => {
  respond = json(good);
  expect(await page()).toBe(200);
  respond = json({ ...good, logo_uri: 'https://client.example/logo.png' }, 'application/client+json; charset=utf-8');
  expect(await page()).toBe(200);
  kubeez.oauth.settings.takesDocuments = false;
  expect(await page()).toBe(400);
});

const { client_name: _name, token_endpoint_auth_method: _method, ...incomplete } = good;
const wrong: Record<string, typeof respond> = {
  'about another client': json({ ...good, client_id: 'https://client.example/other.json' }),
  'about the same, written differently': json({ ...good, client_id: 'https://CLIENT.example/client.json' }),
  'with other addresses to come back to': json({ ...good, redirect_uris: ['https://client.example/other'] }),
  'without any address to come back to': json({ ...good, redirect_uris: [] }),
  'without a name': json({ ...incomplete, token_endpoint_auth_method: 'none' }),
  'without a word on how it signs in': json({ ...incomplete, client_name: 'A client' }),
  'with a secret': json({ ...good, client_secret: 'open to all' }),
  'of a client that has no codes': json({ ...good, grant_types: ['client_credentials'] }),
  'that is no JSON': sent('<h1>Welcome</h1>'),
  'that is said to be a page': json(good, 'text/html'),
  'that is not there': sent(JSON.stringify(good), 'application/json', 404),
  'that is larger than 5 KB': json({ ...good, note: 'x'.repeat(5 * 1024) }),
  'that lies elsewhere': (answer, path) =>
    path === '/elsewhere' ? json(good)(answer) : void answer.writeHead(302, { location: '/elsewhere' }).end(),
};

test.each(Object.entries(wrong))('a document %s is refused', async (_, answer) => {
  respond = answer;
  expect(await page()).toBe(400);
});

test.each([
  'http://client.example/client.json',
  'https://client.example/',
  'https://client.example/client.json#part',
  'https://somebody:secret@client.example/client.json',
  'https://client.example/folder/../client.json',
])('%s is no address of a client', async (address) => {
  respond = json({ ...good, client_id: address });
  expect(await page(address)).toBe(400);
  expect(kubeez.oauth.documents.asked).toBe(1);
});
