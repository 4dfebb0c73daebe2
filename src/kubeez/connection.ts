import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type CallToolResult, CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import type { Logger } from '../log.ts';
import { failureOf, KubeezError, refusalOf } from './errors.ts';
import type { Tool } from './tools.ts';

export interface ConnectionSettings {
  url: string;
  token: string;
  log: Logger;
}

/** How long the server has to accept a connection, in milliseconds. */
const connectTimeout = 15_000;

/** One MCP session with the server (Streamable HTTP, bearer token), made when needed and again when it is gone. */
export class Connection {
  readonly #settings: ConnectionSettings;
  #session: Promise<Client> | undefined;
  /** The session's client, once it is connected. */
  #client: Client | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
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
    tool: Tool,
    args: Record<string, unknown>,
    schema: Schema,
    timeout: number,
    paid = false,
  ): Promise<z.infer<Schema>> {
    // Connecting costs nothing: while it fails, nothing of the call has left the house.
    const session = await this.#connected();
    let result: CallToolResult;
    try {
      result = await this.#callOn(session, tool, args, timeout, paid);
    } catch (error) {
      if (!(error instanceof KubeezError) || error.code !== 'noSession') throw error;
      this.#forget(session);
      result = await this.#callOn(await this.#connected(), tool, args, timeout, paid);
    }
    if (result.isError) throw refusalOf(textOf(result));
    const parsed = schema.safeParse(dataOf(result));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5);
    this.#settings.log.error({ tool, problems }, 'Kubeez answered in an unknown form');
    throw new KubeezError(paid ? 'lost' : 'badAnswer', '', parsed.error);
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    this.#client = undefined;
    await session?.close();
  }

  async #callOn(session: Client, name: Tool, args: Record<string, unknown>, timeout: number, paid: boolean) {
    try {
      return await session.request({ method: 'tools/call', params: { name, arguments: args } }, CallToolResultSchema, {
        timeout,
      });
    } catch (error) {
      const failure = failureOf(error, paid);
      // A connection that broke is not used again; the next call makes a new one.
      if (['outage', 'lost', 'unauthorized'].includes(failure.code)) this.#forget(session);
      throw failure;
    }
  }

  #connected(): Promise<Client> {
    if (!this.#session) {
      const session = this.#connect();
      this.#session = session;
      session.then(
        (client) => {
          if (this.#session === session) this.#client = client;
        },
        () => {
          if (this.#session === session) this.#session = undefined;
        },
      );
    }
    return this.#session;
  }

  async #connect(): Promise<Client> {
    const { url, token, log } = this.#settings;
    const client = new Client({ name: 'kubeez-discord', version: '0.1.0' });
    client.onerror = (err) => log.debug({ err }, 'Kubeez connection');
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    try {
      // The SDK's transport declares its optional members without `| undefined`, which our compiler settings tell apart.
      await client.connect(transport as Parameters<Client['connect']>[0], { timeout: connectTimeout });
      return client;
    } catch (error) {
      await client.close().catch(() => undefined);
      const failure = failureOf(error, false);
      throw failure.code === 'noSession' ? new KubeezError('outage', '', error) : failure;
    }
  }

  #forget(client: Client): void {
    if (this.#client !== client) return;
    this.#session = undefined;
    this.#client = undefined;
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
