import type { RESTOptions, ResponseLike } from 'discord.js';
import inject from 'light-my-request';
import type { Api } from '../discord/api.ts';
import type { Life } from './life.ts';
import type { Troubles } from './troubles.ts';
import { awaitedByTime, sleep } from './virtualTime.ts';

type MakeRequest = RESTOptions['makeRequest'];

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Told of every request that reached Discord, and how it was answered. */
type OnAnswered = (request: string, status: number, body: Buffer) => void;

/** Discord's REST API as one process reaches it: every request may get lost, late or refused on its way. */
export const discordWays =
  (api: Api, life: Life, troubles: Troubles, onAnswered: OnAnswered): MakeRequest =>
  async (address, { method = 'GET', headers, body }) => {
    const { pathname, search } = new URL(address);
    const take = async (): Promise<Answer> => {
      const sent = await awaitedByTime(sentAs(headers, body));
      life.mayDie(`before ${method} ${shortened(pathname)}`);
      await life.goesOn();
      const answer = await awaitedByTime(
        inject(api.app, {
          method: method as 'GET',
          url: pathname + search,
          headers: sent.headers,
          payload: sent.payload,
        }),
      );
      onAnswered(`${method} ${shortened(pathname)}`, answer.statusCode, answer.rawPayload);
      life.mayDie(`after ${method} ${shortened(pathname)}`);
      return { status: answer.statusCode, headers: textHeaders(answer.headers), body: answer.rawPayload };
    };
    await sleep(troubles.travelTakes());
    await life.goesOn();
    const answer = await troubled(take, troubles);
    await sleep(troubles.travelTakes());
    await life.goesOn();
    return asResponse(answer);
  };

async function troubled(take: () => Promise<Answer>, troubles: Troubles): Promise<Answer> {
  if (troubles.isDiscordOut) return { status: 503, headers: {}, body: Buffer.from('upstream connect error') };
  switch (troubles.discordTrouble()) {
    case 'cut':
      throw reset();
    case 'lost':
      await take();
      throw reset();
    case 'late': {
      await sleep(troubles.delay());
      return take();
    }
    case 'serverError':
      return { status: troubles.chance.pick([500, 502, 503, 520]), headers: {}, body: Buffer.from('<html>') };
    case 'serverErrorAfter':
      await take();
      return { status: troubles.chance.pick([500, 502, 504]), headers: {}, body: Buffer.from('<html>') };
    case 'tooMany':
      return tooMany(troubles.chance.skewed(1, 8), 'shared');
    case 'tooManyGlobal':
      return tooMany(troubles.chance.skewed(1, 3), 'global');
    default:
      return take();
  }
}

const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

function tooMany(seconds: number, scope: string): Answer {
  const body = { message: 'You are being rate limited.', retry_after: seconds, global: scope === 'global' };
  const headers = {
    'content-type': 'application/json',
    'retry-after': String(seconds),
    'x-ratelimit-scope': scope,
    ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : {}),
  };
  return { status: 429, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** A body as it would go over the wire: a form becomes bytes, with their type. */
async function sentAs(headers: unknown, body: unknown): Promise<{ headers: Record<string, string>; payload: Buffer }> {
  const given = Object.fromEntries(new Headers(headers as Record<string, string>));
  if (!(body instanceof FormData))
    return { headers: given, payload: Buffer.from(typeof body === 'string' ? body : '') };
  const form = new Response(body);
  const payload = Buffer.from(await form.arrayBuffer());
  return { headers: { ...given, 'content-type': form.headers.get('content-type') ?? '' }, payload };
}

const textHeaders = (headers: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function asResponse({ status, headers, body }: Answer): ResponseLike {
  const text = body.toString();
  return {
    status,
    statusText: String(status),
    ok: status >= 200 && status < 300,
    headers: new Headers(headers),
    body: null,
    bodyUsed: false,
    text: async () => text,
    json: async () => JSON.parse(text),
    arrayBuffer: async () => new Uint8Array(body).buffer,
  };
}

/** An address without the tokens of interactions. */
const shortened = (path: string) => path.replace('/api/v10', '').replace(/[\w-]{40,}/g, '…');
