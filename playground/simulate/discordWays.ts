import type { RESTOptions, ResponseLike } from 'discord.js';
import { type Api, fromJson, inForm } from '../discord/api.ts';
import type { World } from '../discord/world.ts';
import type { Life } from './life.ts';
import { largeImage } from './samples.ts';
import type { Troubles } from './troubles.ts';
import { awaitedByTime, sleep } from './virtualTime.ts';

type MakeRequest = RESTOptions['makeRequest'];

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

interface Listener {
  /** Told of every request that reached Discord, and how it was answered. */
  onAnswered(request: string, status: number, body: string): void;
  /** Told of a message that was edited by bot token: what it showed before and after, as JSON. */
  onEdit(before: string, after: string, id: string): void;
}

/** Discord's REST API as one process reaches it: every request may get lost, late or refused on its way. */
export const discordWays =
  (api: Api, world: World, life: Life, troubles: Troubles, { onAnswered, onEdit }: Listener): MakeRequest =>
  async (address, { method = 'GET', headers, body }) => {
    const { pathname, searchParams } = new URL(address);
    const path = pathname.replace('/api/v10', '');
    const take = async (): Promise<Answer> => {
      life.mayDie(`before ${method} ${shortened(path)}`);
      await life.goesOn();
      const edited = method === 'PATCH' && /^\/channels\/\d+\/messages\/(\d+)$/.exec(path)?.[1];
      const before = edited && shownBy(edited, world);
      const answered = await awaitedByTime(
        api.answer({
          method,
          path,
          query: searchParams,
          authorization: new Headers(headers as Record<string, string>).get('authorization') ?? undefined,
          body: () => (body instanceof FormData ? inForm(body, bytesIn) : { json: jsonIn(body), files: [] }),
        }),
      );
      if (edited && before && answered.status === 200) onEdit(before, shownBy(edited, world), edited);
      const hasContent = answered.json !== undefined;
      const text = hasContent ? JSON.stringify(answered.json) : '';
      onAnswered(`${method} ${shortened(path)}`, answered.status, text);
      life.mayDie(`after ${method} ${shortened(path)}`);
      return { status: answered.status, headers: { ...answered.headers, ...(hasContent ? jsonType : {}) }, body: text };
    };
    await sleep(troubles.travelTakes());
    await life.goesOn();
    const refusal = refusalOf(method, path, body, troubles);
    const answer = refusal ?? (await troubled(`${method} ${path}`, take, troubles));
    await sleep(troubles.travelTakes());
    await life.goesOn();
    return asResponse(answer);
  };

/** Refusals that are no fault of a network, nor of the bot. */
function refusalOf(method: string, path: string, body: unknown, troubles: Troubles): Answer | undefined {
  const refused = (status: number, code: number, message: string) => ({
    status,
    headers: jsonType,
    body: JSON.stringify({ message, code }),
  });
  if (method === 'PUT' && troubles.machines.has('commandsRefused') && !troubles.isCalm)
    return refused(400, 30034, 'Max number of daily application command creates has been reached (200)');
  if (path === '/gateway/bot' && troubles.isDownAtStart()) return { status: 520, headers: {}, body: '<html>' };
  // Results alone: when Discord refuses a file of the bot's own, such as Details, that is told as an error.
  const isOfCard = path.startsWith('/channels/');
  const unwanted = isOfCard && body instanceof FormData ? troubles.fileRefusal : undefined;
  return unwanted && refused(...unwanted, 'Made to be refused');
}

async function troubled(request: string, take: () => Promise<Answer>, troubles: Troubles): Promise<Answer> {
  if (troubles.isDiscordOut) return { status: 503, headers: {}, body: 'upstream connect error' };
  switch (troubles.discordTrouble(request)) {
    case 'cut':
      throw reset();
    case 'lost':
      await take();
      throw reset();
    case 'late': {
      await troubles.holdUp(troubles.delay());
      return take();
    }
    case 'serverError':
      return { status: troubles.chance.pick([500, 502, 503, 520]), headers: {}, body: '<html>' };
    case 'serverErrorAfter':
      await take();
      return { status: troubles.chance.pick([500, 502, 504]), headers: {}, body: '<html>' };
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
  return { status: 429, headers, body: JSON.stringify(body) };
}

function shownBy(id: string, world: World): string {
  const { content, embeds, components, attachments } = world.messages.get(id) ?? {};
  return JSON.stringify([content, embeds, components, attachments]);
}

const jsonType = { 'content-type': 'application/json' };

/** A large picture is known by its size: it would be copied twice more. */
const bytesIn = async (file: Blob) =>
  file.size === largeImage.length ? largeImage : Buffer.from(await file.arrayBuffer());

const jsonIn = (body: unknown) => (typeof body === 'string' && body !== '' ? fromJson(body) : undefined);

function asResponse({ status, headers, body }: Answer): ResponseLike {
  return {
    status,
    statusText: String(status),
    ok: status >= 200 && status < 300,
    headers: new Headers(headers),
    body: null,
    bodyUsed: false,
    text: async () => body,
    json: async () => JSON.parse(body),
    arrayBuffer: async () => new Uint8Array(Buffer.from(body)).buffer,
  };
}

/** An address without the tokens of interactions. */
const shortened = (path: string) => path.replace(/[\w-]{40,}/g, '…');
