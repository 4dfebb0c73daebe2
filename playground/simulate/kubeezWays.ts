import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Fetch } from '../../src/kubeez/http.ts';
import type { Platform } from '../kubeez/platform.ts';
import { createTools } from '../kubeez/tools.ts';
import type { Life } from './life.ts';
import type { Troubles } from './troubles.ts';
import { sleep } from './virtualTime.ts';

const messageSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.looseObject({ name: z.string().optional(), arguments: z.looseObject({}).optional() }).optional(),
});
type Message = z.infer<typeof messageSchema>;

/** Told of every call of a tool that the platform heard, and of how it was answered. */
type OnCalled = (tool: string, how: string) => void;

interface Session {
  transport: Transport;
  waiting: Map<string | number, (answer: JSONRPCMessage) => void>;
}

/** Kubeez' MCP server (Streamable HTTP) as processes reach it: every request may get lost, late or refused on its way. */
export class KubeezWays {
  readonly #platform: Platform;
  readonly #troubles: Troubles;
  readonly #onCalled: OnCalled;
  readonly #sessions = new Map<string, Session>();
  #opened = 0;

  constructor(platform: Platform, troubles: Troubles, onCalled: OnCalled) {
    this.#platform = platform;
    this.#troubles = troubles;
    this.#onCalled = onCalled;
  }

  forgetSessions(): void {
    this.#sessions.clear();
  }

  fetchFor(life: Life): Fetch {
    return async (_, request) => {
      if (request.method === 'GET') return new Response(null, { status: 405 });
      if (request.method === 'DELETE') return new Response(null, { status: 200 });
      const aborted = new Promise<never>((_, fail) => {
        request.signal?.addEventListener('abort', () => fail(request.signal?.reason));
      });
      aborted.catch(() => {});
      return Promise.race([this.#answer(request, life), aborted]);
    };
  }

  async #answer(request: RequestInit, life: Life): Promise<Response> {
    const troubles = this.#troubles;
    const message = messageSchema.parse(JSON.parse(String(request.body)));
    const name = message.params?.name ?? message.method;
    const isPaid = isPaidTool(name);
    const take = async () => {
      life.mayDie(`before ${name}`);
      await life.goesOn();
      const answer = await this.#take(message, new Headers(request.headers).get('mcp-session-id'));
      if (message.method === 'tools/call') this.#onCalled(name, wordOf(answer));
      life.mayDie(`after ${name}`);
      await life.goesOn();
      return answer;
    };
    await sleep(troubles.travelTakes());
    await life.goesOn();
    const answer = await this.#troubled(take, message, name, isPaid);
    await sleep(troubles.travelTakes());
    await life.goesOn();
    return answer.status === 202
      ? new Response(null, { status: 202 })
      : new Response(answer.body, { status: answer.status, headers: answer.headers });
  }

  async #take(message: Message, id: string | null): Promise<Answer> {
    if (message.method === 'initialize') {
      const key = `session-${++this.#opened}`;
      const session = await openSession(this.#platform);
      this.#sessions.set(key, session);
      return { ...(await ask(session, message)), headers: { ...json, 'mcp-session-id': key } };
    }
    const session = this.#sessions.get(id ?? '');
    if (!session) return refusedSession(404);
    return ask(session, message);
  }

  async #troubled(take: () => Promise<Answer>, message: Message, name: string, isPaid: boolean): Promise<Answer> {
    const troubles = this.#troubles;
    const { chance } = troubles;
    if (troubles.isKubeezOut) return page(503);
    // What strikes the notes beside calls would never be noticed.
    const trouble = message.id === undefined ? undefined : troubles.kubeezTrouble(isPaid);
    if (trouble) this.#onCalled(name, `trouble: ${trouble}`);
    const isCall = message.method === 'tools/call';
    switch (trouble) {
      case 'cut':
        throw reset();
      case 'lost':
        await take();
        await sleep(chance.skewed(10, 30_000));
        throw reset();
      case 'hangs':
        await take();
        return new Promise(() => {});
      case 'late':
        await sleep(troubles.delay());
        return take();
      case 'doubled': {
        const { status, headers, body } = await take();
        const event = `event: message\ndata: ${body}\n\n`;
        return { status, headers: { ...headers, 'content-type': 'text/event-stream' }, body: event + event };
      }
      case 'malformed': {
        const answer = await take();
        return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length * chance.fraction())) };
      }
      case 'oddShape':
        return isCall ? oddly(await take(), chance.below(5)) : take();
      case 'errorPage':
        return page(chance.pick([500, 502, 503, 504]));
      case 'errorPageAfter':
        await take();
        return page(chance.pick([500, 502, 504]));
      case 'tooMany':
        return { status: 429, headers: json, body: '{"message":"Too many requests"}' };
      case 'tooManyWait':
        return { status: 429, headers: { ...json, 'retry-after': '20' }, body: '{"message":"Too many requests"}' };
      case 'tooManyText':
        return isCall ? toolError(message, 'Rate limit exceeded, please wait.') : take();
      case 'tooManyError':
        return rpcError(message, 'Rate limit exceeded, please wait.');
      case 'toolErrorBefore':
        return isCall ? toolError(message, chance.pick(errorTexts)) : take();
      case 'toolErrorAfter': {
        const answer = await take();
        return isCall ? { ...toolError(message, chance.pick(errorTexts)), headers: answer.headers } : answer;
      }
      case 'sessionGone':
        this.#sessions.clear();
        return take();
      case 'sessionOdd':
        return message.method === 'initialize' ? take() : refusedSession(400);
      default:
        return take();
    }
  }
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const json = { 'content-type': 'application/json' };

/** Words with which tools have been seen to fail, whether or not they had done their work. */
const errorTexts = [
  '504 Gateway Timeout',
  'Service unavailable (503)',
  'Internal server error',
  'fetch failed',
  'Rate limit exceeded. Too many requests, wait for the next minute.',
  '{"error":"upstream_error","message":"The provider did not answer."}',
  'Unknown error',
];

const paid = /^(generate_(?!cost)|regenerate|create_ad|start_|make_)/;
const isPaidTool = (name: string) => paid.test(name);

const reset = () =>
  Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' }),
  });
const page = (status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<h1>${status}</h1>`,
});
const refusedSession = (status: number): Answer => ({
  status,
  headers: json,
  body: JSON.stringify({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null }),
});
const toolError = ({ id }: Message, text: string): Answer => ({
  status: 200,
  headers: json,
  body: JSON.stringify({ jsonrpc: '2.0', id, result: { isError: true, content: [{ type: 'text', text }] } }),
});
const rpcError = ({ id }: Message, message: string): Answer => ({
  status: 200,
  headers: json,
  body: JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } }),
});

const resultSchema = z.looseObject({ result: z.looseObject({ content: z.array(z.looseObject({})) }) });

/** The same answer in a form that servers have been seen to give. */
function oddly(answer: Answer, how: number): Answer {
  const parsed = resultSchema.safeParse(JSON.parse(answer.body));
  if (!parsed.success) return answer;
  const { result, ...rest } = parsed.data;
  const { content } = result;
  const forms = [
    { ...result, content: content.map((block) => ({ ...block, annotations: null })) },
    { ...result, content: [{ type: 'text', text: 'Here is your result:' }, ...content] },
    { ...result, structuredContent: {} },
    { ...result, structuredContent: null },
    { ...result, _meta: null },
  ];
  return { ...answer, body: JSON.stringify({ ...rest, result: forms[how] }) };
}

const wordOf = ({ status, body }: Answer) =>
  status === 200 ? (body.includes('"isError":true') ? `refused ${body.slice(0, 300)}` : 'done') : `HTTP ${status}`;

async function openSession(platform: Platform): Promise<Session> {
  const waiting: Session['waiting'] = new Map();
  const transport: Transport = {
    start: async () => {},
    close: async () => {},
    send: async (message) => {
      if ('id' in message && message.id !== undefined) waiting.get(message.id)?.(message);
    },
  };
  const { server } = createTools(platform, { before: () => {}, after: async () => undefined });
  await server.connect(transport);
  return { transport, waiting };
}

async function ask({ transport, waiting }: Session, message: Message): Promise<Answer> {
  const { id } = message;
  const told = { jsonrpc: '2.0', ...message } as JSONRPCMessage;
  if (id === undefined) {
    transport.onmessage?.(told);
    return { status: 202, headers: {}, body: '' };
  }
  const answer = await new Promise<JSONRPCMessage>((resolve) => {
    waiting.set(id, resolve);
    transport.onmessage?.(told);
  });
  waiting.delete(id);
  return { status: 200, headers: json, body: JSON.stringify(answer) };
}
