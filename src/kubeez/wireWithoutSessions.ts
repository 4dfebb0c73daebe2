import { setTimeout as sleep } from 'node:timers/promises';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { fetchWithinOrigin } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { eventsOf } from './eventsOf.ts';
import type { Fetch } from './http.ts';
import { readJson } from './json.ts';
import { headerValue, type ParamHeader, paramHeaders, repeated } from './paramHeaders.ts';
import { followsTasks } from './tasks.ts';
import { clientInfo, type Wire, type WireAbout, type WireSettings } from './wire.ts';

/** The revision of MCP that is spoken here. */
const revision = '2026-07-28';
/** JSON-RPC's code for a revision that the other side does not speak. */
const unsupportedRevision = -32_022;

const messageSchema = z.looseObject({
  id: z.unknown().optional(),
  method: z.string().optional(),
  result: z.looseObject({}).optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});
type Message = z.infer<typeof messageSchema>;

const discoveredSchema = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: z
    .object({ tools: z.object({ listChanged: z.boolean().optional() }).optional() })
    .optional()
    .catch(undefined),
  serverInfo: z.object({ name: z.string(), version: z.string() }).optional().catch(undefined),
});

const listedSchema = z.object({ tools: z.array(z.unknown()) });
const toolSchema = z.object({ name: z.string(), inputSchema: z.unknown().optional() });

/**
 * Finds out whether the server speaks MCP without sessions (2026-07-28: every request stands alone, changes are told on a
 * stream that is asked for).
 *
 * @throws as {@link Wire.request}
 */
export async function openStateless(settings: WireSettings): Promise<Wire> {
  const wire = new StatelessWire(settings);
  const discovered = discoveredSchema.safeParse(await wire.request('server/discover', {}, settings.timeout));
  if (!discovered.success || !discovered.data.supportedVersions.includes(revision))
    throw new McpError(unsupportedRevision, `The server does not speak ${revision}`);
  const { capabilities, serverInfo } = discovered.data;
  const tellsOfTools = capabilities?.tools?.listChanged === true;
  wire.about = { ...wire.about, ...serverInfo, tellsOfTools };
  if (settings.isListening && tellsOfTools) void wire.listen();
  return wire;
}

class StatelessWire implements Wire {
  about: WireAbout = { name: '', version: '', protocol: revision, hasSession: false, tellsOfTools: false };
  readonly #settings: WireSettings;
  readonly #fetch: Fetch;
  readonly #open = new Set<AbortController>();
  /** By tool, what of its arguments headers repeat. */
  readonly #headers = new Map<string, ParamHeader[]>();
  #asked = 0;
  #isClosed = false;

  constructor(settings: WireSettings) {
    this.#settings = settings;
    this.#fetch = fetchWithinOrigin((address, request) => settings.fetch(address, request ?? {}));
  }

  async request(
    method: string,
    params: Record<string, unknown>,
    timeout: number,
    takesTask = false,
  ): Promise<Record<string, unknown>> {
    const capabilities = takesTask || method === 'tasks/get' ? followsTasks : {};
    const { result, error } = await this.#send(method, params, () => undefined, timeout, capabilities);
    if (error) throw new McpError(error.code, error.message, error.data);
    // A task in place of the answer is known by this alone. Of all else it is known what it is the answer to, and the rest
    // is the same in both forms of MCP.
    const { resultType, ...said } = result ?? {};
    if (resultType === 'task') return { resultType, ...said };
    if (method === 'tools/list') this.#noteHeaders(said);
    return said;
  }

  /** Hears of changes until the wire is closed, or the server tells of none. Throws nothing. */
  async listen(): Promise<void> {
    const { log, pause, onToolsChanged } = this.#settings;
    while (!this.#isClosed) {
      try {
        const filter = { notifications: { toolsListChanged: true } };
        const { error } = await this.#send('subscriptions/listen', filter, ({ method }) => {
          if (method === 'notifications/tools/list_changed') onToolsChanged();
        });
        if (error) return;
      } catch (err) {
        log.debug({ err }, 'Kubeez connection');
        if (err instanceof StreamableHTTPError && [400, 404, 405].includes(err.code ?? 0)) return;
      }
      await sleep(pause, undefined, { ref: false });
      // Nobody told of what changed meanwhile.
      if (!this.#isClosed) onToolsChanged();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const asking of this.#open) asking.abort(new McpError(ErrorCode.ConnectionClosed, 'Connection closed'));
  }

  /** Sends a request once and waits for its answer; other messages on the way to it are handed on. */
  async #send(
    method: string,
    params: Record<string, unknown>,
    onMessage: (message: Message) => void,
    timeout?: number,
    capabilities: object = {},
  ): Promise<Message> {
    const asking = new AbortController();
    this.#open.add(asking);
    const ended = new Promise<never>((_, reject) => {
      asking.signal.addEventListener('abort', () => reject(asking.signal.reason), { once: true });
    });
    const late = () => asking.abort(new McpError(ErrorCode.RequestTimeout, 'Request timed out'));
    const timer = timeout === undefined ? undefined : setTimeout(late, timeout);
    try {
      return await Promise.race([this.#answer(method, params, onMessage, asking.signal, capabilities), ended]);
    } finally {
      clearTimeout(timer);
      this.#open.delete(asking);
    }
  }

  async #answer(
    method: string,
    params: Record<string, unknown>,
    onMessage: (message: Message) => void,
    signal: AbortSignal,
    capabilities: object,
  ): Promise<Message> {
    const id = ++this.#asked;
    const _meta = {
      ...(typeof params._meta === 'object' ? params._meta : {}),
      'io.modelcontextprotocol/protocolVersion': revision,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    };
    const response = await this.#fetch(this.#settings.url, {
      method: 'POST',
      headers: this.#headersOf(method, params),
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
      signal,
    });
    if (!response.ok)
      throw new StreamableHTTPError(response.status, `Error POSTing to endpoint: ${await response.text()}`);
    for await (const message of messagesOf(response)) {
      if (message.id === id && message.method === undefined) return message;
      onMessage(message);
    }
    // What became of the request is not known. MCP would have it sent again: it may have been paid.
    throw new McpError(ErrorCode.ConnectionClosed, 'Connection closed');
  }

  #headersOf(method: string, params: Record<string, unknown>): [string, string][] {
    const tool = typeof params.name === 'string' ? params.name : undefined;
    // By the task's id whatever stands before a server finds the machine that has it.
    const name = method === 'tasks/get' ? String(params.taskId) : tool;
    return [
      ['content-type', 'application/json'],
      ['accept', 'application/json, text/event-stream'],
      ['mcp-protocol-version', revision],
      ['mcp-method', method],
      ...(tool === undefined ? [] : repeated(this.#headers.get(tool) ?? [], params.arguments)),
      ...(name === undefined ? [] : [['mcp-name', headerValue(name)] satisfies [string, string]]),
    ];
  }

  #noteHeaders(page: unknown): void {
    for (const tool of listedSchema.safeParse(page).data?.tools ?? []) {
      const { data } = toolSchema.safeParse(tool);
      if (data) this.#headers.set(data.name, paramHeaders(data.inputSchema));
    }
  }
}

/** The messages of an answer, which is one or a stream of them. */
async function* messagesOf(response: Response): AsyncGenerator<Message> {
  const type = response.headers.get('content-type') ?? '';
  if (/^application\/json\b/i.test(type)) yield* messagesIn(await response.text());
  else if (/^text\/event-stream\b/i.test(type) && response.body)
    for await (const data of eventsOf(response.body)) yield* messagesIn(data);
  else {
    await response.body?.cancel();
    throw new StreamableHTTPError(-1, `Unexpected content type: ${type}`);
  }
}

function messagesIn(text: string): Message[] {
  const said = readJson(text);
  return (Array.isArray(said) ? said : [said]).flatMap((one): Message[] => {
    const { data } = messageSchema.safeParse(one);
    return data ? [data] : [];
  });
}
