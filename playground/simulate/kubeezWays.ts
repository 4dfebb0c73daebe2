import { type CallToolResult, LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Fetch } from '../../src/kubeez/http.ts';
import type { Platform } from '../kubeez/platform.ts';
import { type Tool, toolsOf } from '../kubeez/tools.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Life } from './life.ts';
import type { KubeezTrouble, Troubles } from './troubles.ts';
import { sleep } from './virtualTime.ts';

const messageSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.looseObject({ name: z.string().optional(), arguments: z.looseObject({}).optional() }).optional(),
});
type Message = z.infer<typeof messageSchema>;

/** Told of what becomes of calls. */
interface Listener {
  /** A tool was called, and answered like this. */
  onCalled(tool: string, how: string): void;
  /** A paid call is made; `all`: everything it says; `owner`: the person whose account pays, null for the bot's own. */
  onPaid(prompt: string, all: string, owner: string | null): void;
  /** The answer to a paid call, and the jobs it names, have arrived whole. */
  onArrived(prompt: string, jobs: string[], life: Life): void;
  /** The answer to a paid call will not arrive, and the bot knows that. */
  onLost(prompt: string, life: Life): void;
}

/** Kubeez' MCP server (Streamable HTTP) as processes reach it: every request may get lost, late or refused on its way. */
export class KubeezWays {
  readonly #troubles: Troubles;
  readonly #listener: Listener;
  readonly #accounts: KubeezAccounts;
  /** Sessions, and the account that each was opened for. */
  readonly #sessions = new Map<string, Platform>();
  readonly #tools = new Map<Platform, Map<string, Tool>>();
  #opened = 0;

  constructor(accounts: KubeezAccounts, troubles: Troubles, listener: Listener) {
    this.#troubles = troubles;
    this.#listener = listener;
    this.#accounts = accounts;
  }

  /** The tools of an account. */
  #toolsOf(account: Platform): Map<string, Tool> {
    const known = this.#tools.get(account);
    if (known) return known;
    const tools = toolsOf(account, { before: () => {}, after: async () => undefined });
    for (const name of account.settings.withdrawn) tools.delete(name);
    this.#tools.set(account, tools);
    return tools;
  }

  fetchFor(life: Life): Fetch {
    return async (_, request) => {
      if (request.method === 'GET') return new Response(null, { status: 405 });
      if (request.method === 'DELETE') return new Response(null, { status: 200 });
      const { signal } = request;
      let onAbort: (() => void) | undefined;
      const aborted = new Promise<never>((_, fail) => {
        onAbort = () => fail(signal?.reason);
        signal?.addEventListener('abort', onAbort);
      });
      aborted.catch(() => {});
      return Promise.race([this.#answer(request, life), aborted]).finally(() => {
        if (onAbort) signal?.removeEventListener('abort', onAbort);
      });
    };
  }

  /** As a server that was restarted: no session is known any more. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  async #answer(request: RequestInit, life: Life): Promise<Response> {
    const troubles = this.#troubles;
    const message = messageSchema.parse(JSON.parse(String(request.body)));
    const name = message.params?.name ?? message.method;
    const isPaid = isPaidTool(name);
    const headers = new Headers(request.headers);
    const account = this.#accounts.openedBy(headers.get('authorization')?.replace('Bearer ', '') ?? '');
    const take = async () => {
      life.mayDie(`before ${name}`);
      await life.goesOn();
      const given = account ? await this.#take(message, headers.get('mcp-session-id'), account) : page(401);
      const isOdd = message.method === 'tools/call' && (isPaid || !troubles.isPaidOdd);
      const answer = isOdd ? oddly(given, troubles.oddForm) : given;
      if (message.method === 'tools/call') this.#listener.onCalled(name, wordOf(answer));
      life.mayDie(`after ${name}`);
      await life.goesOn();
      return answer;
    };
    await sleep(troubles.travelTakes());
    await life.goesOn();
    const prompt = String(message.params?.arguments?.prompt ?? '');
    if (isPaid && account)
      this.#listener.onPaid(prompt, JSON.stringify(message.params?.arguments), this.#accounts.ownerOf(account));
    const isOver = () => request.signal?.aborted === true;
    const trouble = this.#troubleOf(message, name, isPaid);
    const answer = await this.#troubled(trouble, take, message).catch((error) => {
      if (isPaid && !isOver()) this.#listener.onLost(prompt, life);
      throw error;
    });
    await sleep(troubles.travelTakes());
    await life.goesOn();
    if (isPaid && !isOver()) {
      if (trouble === undefined || whole.includes(trouble)) this.#listener.onArrived(prompt, jobsIn(answer.body), life);
      else if (losing.includes(trouble)) this.#listener.onLost(prompt, life);
    }
    return answer.status === 202
      ? new Response(null, { status: 202 })
      : new Response(answer.body, { status: answer.status, headers: answer.headers });
  }

  async #take(message: Message, session: string | null, account: Platform): Promise<Answer> {
    if (message.method === 'initialize') {
      const key = `session-${++this.#opened}`;
      this.#sessions.set(key, account);
      return { ...answerOf(message, greeting), headers: { ...json, 'mcp-session-id': key } };
    }
    if (this.#sessions.get(session ?? '') !== account) return refusedSession(this.#troubles.unknownSession);
    if (message.id === undefined) return { status: 202, headers: {}, body: '' };
    if (message.method === 'tools/list')
      return answerOf(message, {
        tools: listOf(this.#toolsOf(account)),
        ...(this.#troubles.hasOddRows ? { nextCursor: null } : {}),
      });
    const { name = '', arguments: given = {} } = message.params ?? {};
    const tool = this.#toolsOf(account).get(name);
    if (!tool) return toolError(message, `MCP error -32602: Tool ${name} not found`);
    try {
      const result = await tool.answer(given, `${session} ${message.id}`);
      return answerOf(message, name === 'get_models' && this.#troubles.hasOddRows ? withOddRows(result) : result);
    } catch (error) {
      return toolError(message, `MCP error -32602: Input validation error: ${error}`);
    }
  }

  #troubleOf(message: Message, name: string, isPaid: boolean): KubeezTrouble | 'out' | undefined {
    if (this.#troubles.isKubeezOut) return 'out';
    // What strikes the notes beside calls would never be noticed.
    const trouble = message.id === undefined ? undefined : this.#troubles.kubeezTrouble(isPaid);
    if (trouble) this.#listener.onCalled(name, `trouble: ${trouble}`);
    return trouble;
  }

  async #troubled(
    trouble: KubeezTrouble | 'out' | undefined,
    take: () => Promise<Answer>,
    message: Message,
  ): Promise<Answer> {
    const troubles = this.#troubles;
    const { chance } = troubles;
    const isCall = message.method === 'tools/call';
    switch (trouble) {
      case 'out':
        return page(503);
      case 'cut':
        throw reset();
      case 'lost':
        await take();
        await troubles.holdUp(chance.skewed(10, 30_000));
        throw reset();
      case 'hangs':
        await take();
        return new Promise(() => {});
      case 'late':
        await troubles.holdUp(troubles.delay());
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
        this.forgetSessions();
        return take();
      case 'sessionOdd':
        return message.method === 'initialize' ? take() : refusedSession(400);
      default:
        return take();
    }
  }
}

/** Troubles with which an answer arrives all the same, and those after which nobody can know what became of a call. */
const whole: (KubeezTrouble | 'out')[] = ['late', 'doubled'];
const losing: (KubeezTrouble | 'out')[] = ['errorPage', 'errorPageAfter', 'out'];

const jobsIn = (body: string) => [...new Set(body.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g))];

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
function oddly(answer: Answer, how: number | undefined): Answer {
  if (how === undefined || answer.status !== 200) return answer;
  const parsed = resultSchema.safeParse(JSON.parse(answer.body));
  if (!parsed.success) return answer;
  const { result, ...rest } = parsed.data;
  const { content } = result;
  const forms = [
    { ...result, content: content.map((block) => ({ ...block, annotations: null })) },
    {
      content: [{ type: 'text', text: 'Here is your result:' }, ...content],
      ...(result.isError ? { isError: true } : {}),
    },
    { ...result, structuredContent: {} },
    { ...result, structuredContent: null },
    { ...result, _meta: null },
  ];
  return { ...answer, body: JSON.stringify({ ...rest, result: forms[how] }) };
}

const wordOf = ({ status, body }: Answer) =>
  status === 200 ? (body.includes('"isError":true') ? `refused ${body.slice(0, 300)}` : 'done') : `HTTP ${status}`;

/** What a session begins with. */
const greeting = {
  protocolVersion: LATEST_PROTOCOL_VERSION,
  capabilities: { tools: { listChanged: true } },
  serverInfo: { name: 'kubeez-stand-in', version: '1.0.0' },
};

const answerOf = ({ id }: Message, result: object): Answer => ({
  status: 200,
  headers: json,
  body: JSON.stringify({ jsonrpc: '2.0', id, result }),
});

/** Tools as they are listed: of what they take, the names alone are told, for nobody reads more. */
const listOf = (tools: Map<string, Tool>) =>
  [...tools].map(([name, { description, schema }]) => ({
    name,
    description,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(Object.keys(schema.shape).map((key) => [key, {}])),
    },
  }));

const modelsSchema = z.looseObject({ models: z.array(z.unknown()) });

/** A catalogue with entries that servers have been seen to have: no row at all, and rows without a price. */
function withOddRows(result: CallToolResult): CallToolResult {
  const [block] = result.content;
  if (block?.type !== 'text') return result;
  const { models, ...rest } = modelsSchema.parse(JSON.parse(block.text));
  const odd = { model_id: 'odd', model_type: 'text-to-image', cost_per_generation: null, generation_types: null };
  const answer = { ...rest, models: [null, odd, ...models, { ...odd, model_id: 7, cost_per_generation: 'free' }] };
  const content = [{ ...block, text: JSON.stringify(answer) }];
  return { content, ...(result.structuredContent ? { structuredContent: answer } : {}) };
}
