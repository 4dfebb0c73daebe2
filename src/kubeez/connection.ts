import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { failureOf, KubeezError, refusalOf } from './errors.ts';
import { Http, type SignIn } from './http.ts';
import { bindTools, type Capability, type Tools, toolSchema } from './tools.ts';

export interface ConnectionSettings {
  url: string;
  signIn: SignIn;
  log: Logger;
  /** Whether a connection is held open on which the server tells of changes; others see them when they connect anew. */
  isListening: boolean;
  /** The time, in milliseconds since 1970. */
  now(): number;
  /** By how much everything is waited for longer than usual; less than 1: shorter. */
  waitFactor?: number;
  /** Told when the server does not let the account in. */
  onRefused?: () => void;
  /** Told when the server's tools are known, or known anew. */
  onTools?: (tools: Tools) => void;
}

/** A session and what the server offers in it. */
interface Session {
  client: Client;
  tools: Tools;
}

/** How long the server has to accept a connection, in milliseconds. */
const connectTimeout = 15_000;
/** No server has more; a list without an end is not read to it. */
const toolsMost = 1000;

/** One MCP session with the server (Streamable HTTP, bearer token), made when needed and again when it is gone. */
export class Connection {
  readonly waitFactor: number;
  readonly #settings: ConnectionSettings;
  readonly #http: Http;
  #session: Promise<Session> | undefined;
  /** The session, once it is connected. */
  #open: Session | undefined;
  #tools: Tools | undefined;
  #lastUsed = 0;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#http = new Http(settings);
    this.waitFactor = settings.waitFactor ?? 1;
  }

  /**
   * Calls a tool once and parses what it says. A session the server no longer knows (404) proves that the call was
   * not accepted, so it alone is followed by a second try in a new session.
   *
   * @param timeout milliseconds to wait for the answer
   * @param paid whether the call costs credits: then whatever does not prove a refusal is thrown as `lost`
   * @throws KubeezError
   */
  async call<Schema extends z.ZodType>(
    tool: Capability,
    args: Record<string, unknown>,
    schema: Schema,
    timeout: number,
    paid = false,
  ): Promise<z.infer<Schema>> {
    // Connecting costs nothing: while it fails, nothing of the call has left the house.
    this.#knock();
    const session = await this.#connected();
    let result: CallToolResult;
    try {
      result = await this.#callOn(session, tool, args, timeout, paid);
    } catch (error) {
      if (!(error instanceof KubeezError) || error.code !== 'noSession') throw error;
      this.#forget(session);
      result = await this.#callOn(await this.#connected(), tool, args, timeout, paid);
    }
    if (result.isError) {
      const refusal = refusalOf(textOf(result));
      // A token may be let in and yet lack the scope for this.
      if (refusal.code === 'unauthorized') this.#settings.onRefused?.();
      throw refusal;
    }
    const parsed = schema.safeParse(dataOf(result));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5);
    this.#settings.log.error({ tool, problems }, 'Kubeez answered in an unknown form');
    throw new KubeezError(paid ? 'lost' : 'badAnswer', '', parsed.error);
  }

  /** Whether the server offers this, as far as is known: undefined before it was reached once. */
  offers(capability: Capability): boolean | undefined {
    return this.#tools?.has(capability);
  }

  /** Connects if need be and finds out what the server offers. Throws KubeezError. */
  async tools(): Promise<Tools> {
    this.#knock();
    return (await this.#connected()).tools;
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    this.#open = undefined;
    await session?.client.close();
  }

  /** Closes a session that nobody has used for `milliseconds`; the next call opens another. */
  async closeIdle(milliseconds: number): Promise<void> {
    if (this.#open && Date.now() - this.#lastUsed >= milliseconds) await this.close();
  }

  /** Throws `busy` while the server wants to be left alone: what is asked now would only be refused again. */
  #knock(): void {
    if (this.#http.isClosed) throw new KubeezError('busy');
  }

  #timeout(milliseconds: number): { timeout: number } {
    return { timeout: milliseconds * this.waitFactor };
  }

  async #callOn(
    session: Session,
    capability: Capability,
    args: Record<string, unknown>,
    timeout: number,
    paid: boolean,
  ): Promise<CallToolResult> {
    const tool = session.tools.get(capability);
    if (!tool) throw new KubeezError('notOffered', capability);
    this.#lastUsed = Date.now();
    const params = { name: tool.name, arguments: tool.fit(args) };
    try {
      return await session.client.request(
        { method: 'tools/call', params },
        CallToolResultSchema,
        this.#timeout(timeout),
      );
    } catch (error) {
      const failure = failureOf(error, paid);
      if (failure.code === 'unauthorized') this.#settings.onRefused?.();
      // A connection that broke is not used again; the next call makes a new one.
      if (['outage', 'lost', 'unauthorized'].includes(failure.code)) this.#forget(session);
      throw failure;
    }
  }

  #connected(): Promise<Session> {
    if (!this.#session) {
      const session = this.#connect();
      this.#session = session;
      session.then(
        (open) => {
          if (this.#session === session) this.#open = open;
        },
        () => {
          if (this.#session === session) this.#session = undefined;
        },
      );
    }
    return this.#session;
  }

  async #connect(): Promise<Session> {
    const { url, log } = this.#settings;
    const client = new Client({ name: 'kubeez-discord', version: '0.1.0' });
    client.onerror = (err) => log.debug({ err }, 'Kubeez connection');
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      fetch: (address, request) => this.#http.fetch(address, request),
    });
    try {
      // The SDK's transport declares its optional members without `| undefined`, which our compiler settings tell apart.
      await client.connect(transport as Parameters<Client['connect']>[0], this.#timeout(connectTimeout));
      const session: Session = { client, tools: await this.#listTools(client) };
      client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
        session.tools = await this.#listTools(client);
        log.info({ tools: [...session.tools.keys()] }, 'Kubeez has other tools now');
      });
      this.#lastUsed = Date.now();
      return session;
    } catch (error) {
      await client.close().catch(() => undefined);
      const failure = failureOf(error, false);
      if (failure.code === 'unauthorized') this.#settings.onRefused?.();
      throw failure.code === 'noSession' ? new KubeezError('outage', '', error) : failure;
    }
  }

  async #listTools(client: Client): Promise<Tools> {
    const listed: z.infer<typeof toolSchema>[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor }, this.#timeout(connectTimeout));
      listed.push(...z.array(toolSchema).parse(page.tools));
      cursor = page.nextCursor;
    } while (cursor !== undefined && listed.length < toolsMost);
    this.#tools = bindTools(listed);
    this.#settings.onTools?.(this.#tools);
    return this.#tools;
  }

  #forget({ client }: Session): void {
    if (this.#open?.client !== client) return;
    this.#session = undefined;
    this.#open = undefined;
    // Other calls may still wait on this session; closing it at once would lose their answers.
    setTimeout(() => void client.close().catch(() => undefined), 120_000).unref();
  }
}

function textOf(result: CallToolResult): string {
  return result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** The answer as data: `structuredContent`, or else the JSON in the text. */
function dataOf(result: CallToolResult): unknown {
  if (result.structuredContent) {
    const { result: wrapped, ...others } = result.structuredContent;
    // SDKs wrap a bare list as { result: [...] }.
    return wrapped !== undefined && Object.keys(others).length === 0 ? wrapped : result.structuredContent;
  }
  try {
    return JSON.parse(textOf(result));
  } catch {
    return undefined;
  }
}
