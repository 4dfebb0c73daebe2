import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Agent } from 'undici';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { Secrets } from '../secrets.ts';
import { traceparent } from '../trace.ts';
import { failureOf, KubeezError, provesNothing, refusalIn, refusalOf } from './errors.ts';
import { connectTimeout, type Fetch, Http, type SignIn } from './http.ts';
import { OddAnswers } from './oddAnswers.ts';
import { isRefused, readResult, resultSchema, type ToolResult, textOf } from './result.ts';
import { isSessionGone, mayBeSessionGone } from './sessionGone.ts';
import { readStart, type StartAnswer } from './startAnswer.ts';
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
  /** The sockets to use, when they are shared with other accounts. */
  sockets?: Agent;
  /** How requests go out; over the network when left out. */
  fetch?: Fetch | undefined;
  /** What is blanked in the server's words: it may echo a token in an error. */
  secrets?: Secrets;
  /** Keeps what answers that cannot be read are made of. */
  oddAnswers?: OddAnswers;
  /** Told when the server does not let the account in. */
  onRefused?: () => void;
  /** Told what became of each call that costs credits. */
  onPaidCall?: ((outcome: PaidOutcome) => void) | undefined;
  /** Told when the server's tools are known, or known anew. */
  onTools?: (tools: Tools) => void;
}

/** `lost`: nothing proves whether it was accepted. */
type PaidOutcome = 'accepted' | 'refused' | 'lost';

/** A session and what the server offers in it. */
interface Session {
  client: Client;
  tools: Tools;
  /** Calls that wait for an answer. */
  calls: number;
  /** No new call goes over it; it is closed when its last call has ended. */
  isForgotten: boolean;
  /**
   * When it took the place of one that the server seemed to have forgotten, in milliseconds since 1970; undefined when it
   * did not, or once a call was answered in it.
   */
  replacedAt: number | undefined;
}

/**
 * If a new session refuses the call as well, sessions were not the cause; the next new one is opened only after this.
 * Milliseconds.
 */
const replacementTrusted = 30_000;

/** The most tools, and pages of them, that are read: a server may never end its list. */
const maxTools = 1000;
const maxPages = 50;

/**
 * A page of `tools/list`, read entry by entry; the SDK would refuse the page for one bad entry, and compile every
 * output schema.
 */
const toolsPageSchema = z.looseObject({
  tools: z.array(z.unknown()),
  nextCursor: z.string().min(1).optional().catch(undefined),
});

/** One MCP session with the server (Streamable HTTP, bearer token), made when needed and again when it is gone. */
export class Connection {
  readonly waitFactor: number;
  readonly secrets: Secrets;
  readonly #settings: ConnectionSettings;
  readonly #http: Http;
  readonly #oddAnswers: OddAnswers;
  /** Calls of tools that were sent. */
  #sent = 0;
  #session: Promise<Session> | undefined;
  /** The session, once it is connected. */
  #open: Session | undefined;
  #tools: Tools | undefined;
  #lastUsed = 0;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#http = new Http(settings);
    this.#oddAnswers = settings.oddAnswers ?? new OddAnswers();
    this.waitFactor = settings.waitFactor ?? 1;
    this.secrets = settings.secrets ?? new Secrets();
    if ('token' in settings.signIn) this.secrets.add(settings.signIn.token);
  }

  /**
   * Calls a tool that costs nothing, once, and parses what it says.
   *
   * @param timeout milliseconds to wait for the answer
   * @throws KubeezError
   */
  async call<Schema extends z.ZodType>(
    tool: Capability,
    args: Record<string, unknown>,
    schema: Schema,
    timeout: number,
  ): Promise<z.infer<Schema>> {
    const result = await this.#send(tool, args, timeout, false);
    const said = this.secrets.blank(textOf(result));
    if (isRefused(result)) throw this.#noticed(refusalOf(said));
    const parsed = readResult(result, schema);
    if (parsed.success) return parsed.data;
    const unmarked = refusalIn(said);
    if (unmarked) throw this.#noticed(unmarked);
    this.#logOdd(tool, result, parsed.error);
    throw new KubeezError('badAnswer', '', parsed.error);
  }

  /**
   * Calls a tool that costs credits, once. Whatever does not prove that nothing was accepted is thrown as `lost` or as a
   * claim.
   *
   * @param timeout milliseconds to wait for the answer
   * @throws KubeezError
   */
  async start(tool: Capability, args: Record<string, unknown>, timeout: number): Promise<StartAnswer> {
    let outcome: PaidOutcome = 'lost';
    try {
      const answer = await this.#start(tool, args, timeout);
      outcome = 'accepted';
      return answer;
    } catch (error) {
      if (error instanceof KubeezError && !provesNothing(error)) outcome = 'refused';
      throw error;
    } finally {
      this.#settings.onPaidCall?.(outcome);
    }
  }

  async #start(tool: Capability, args: Record<string, unknown>, timeout: number): Promise<StartAnswer> {
    const result = await this.#send(tool, args, timeout, true);
    try {
      return readStart(result, this.secrets.blank(textOf(result)));
    } catch (error) {
      if (!(error instanceof KubeezError)) throw error;
      if (error.cause instanceof z.ZodError) this.#logOdd(tool, result, error.cause);
      throw this.#noticed(error);
    }
  }

  /** A token may be let in and yet lack the scope for a tool: whoever has to know is told. */
  #noticed(refusal: KubeezError): KubeezError {
    if (refusal.code === 'unauthorized') this.#settings.onRefused?.();
    return refusal;
  }

  #logOdd(tool: Capability, result: ToolResult, { issues }: z.ZodError): void {
    const problems = issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5);
    const shape = this.#oddAnswers.note(tool, result, this.#settings.now());
    this.#settings.log.error({ tool, problems, shape }, 'Kubeez answered in an unknown form');
  }

  /**
   * Sends a call. Where the server may no longer know the session, there is a second try in a new one; for a paid call
   * only where that is certain, because then it was not accepted.
   */
  async #send(tool: Capability, args: Record<string, unknown>, timeout: number, paid: boolean): Promise<ToolResult> {
    // Connecting costs nothing: while it fails, the call was never sent.
    this.#assertOpen();
    const session = await this.#connected();
    let result: ToolResult;
    try {
      result = await this.#callOn(session, tool, args, timeout, paid);
    } catch (error) {
      if (!(error instanceof SessionGone)) throw error;
      this.#forget(session);
      const next = await this.#connected();
      next.replacedAt = Date.now();
      result = await this.#callOn(next, tool, args, timeout, paid).catch((again) => {
        throw again instanceof SessionGone ? again.failure : again;
      });
    }
    return result;
  }

  /** Whether the server offers this, as far as is known: undefined before it was reached once. */
  offers(capability: Capability): boolean | undefined {
    return this.#tools?.has(capability);
  }

  /** Connects if need be and finds out what the server offers. Throws KubeezError. */
  async tools(): Promise<Tools> {
    this.#assertOpen();
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
    if (this.#open?.calls === 0 && this.#settings.now() - this.#lastUsed >= milliseconds) await this.close();
  }

  /** Throws `busy` while the server wants to be left alone: what is asked now would only be refused again. */
  #assertOpen(): void {
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
  ): Promise<ToolResult> {
    const tool = session.tools.get(capability);
    if (!tool) throw new KubeezError('notOffered', capability);
    const _meta = { traceparent: traceparent(`${this.#settings.now()} ${this.#sent++}`) };
    const params = { name: tool.name, arguments: tool.fit(args), _meta };
    session.calls++;
    try {
      const result = await session.client.request(
        { method: 'tools/call', params },
        resultSchema,
        this.#timeout(timeout),
      );
      if (isRefused(result) && isSessionGone(textOf(result)) && !paid && mayBeReplaced(session))
        throw new SessionGone(refusalOf(this.secrets.blank(textOf(result))));
      session.replacedAt = undefined;
      return result;
    } catch (error) {
      if (error instanceof SessionGone) throw error;
      const failure = failureOf(this.secrets.blankError(error), paid);
      if (mayBeSessionGone(error, paid) && mayBeReplaced(session)) throw new SessionGone(failure);
      if (failure.code === 'unauthorized') this.#settings.onRefused?.();
      // A connection that broke is not used again; the next call makes a new one.
      if (['outage', 'lost', 'unauthorized', 'noSession'].includes(failure.code)) this.#forget(session);
      throw failure;
    } finally {
      this.#lastUsed = this.#settings.now();
      session.calls--;
      if (session.isForgotten) this.#closeWhenDone(session);
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
      const tools = await this.#listTools(client);
      const session: Session = { client, tools, calls: 0, isForgotten: false, replacedAt: undefined };
      client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
        session.tools = await this.#listTools(client);
        log.info({ tools: [...session.tools.keys()] }, 'Kubeez has other tools now');
      });
      this.#lastUsed = this.#settings.now();
      return session;
    } catch (error) {
      await client.close().catch(() => undefined);
      const failure = failureOf(this.secrets.blankError(error), false);
      if (failure.code === 'unauthorized') this.#settings.onRefused?.();
      throw failure.code === 'noSession' ? new KubeezError('outage', '', error) : failure;
    }
  }

  async #listTools(client: Client): Promise<Tools> {
    const listed: z.infer<typeof toolSchema>[] = [];
    const cursors = new Set<string | undefined>();
    let cursor: string | undefined;
    do {
      cursors.add(cursor);
      const params = cursor === undefined ? {} : { cursor };
      const page = await client
        .request({ method: 'tools/list', params }, toolsPageSchema, this.#timeout(connectTimeout))
        .catch((error) => {
          // A further page that is refused takes nothing away from those that came.
          if (cursor === undefined || !isAnswered(error)) throw error;
          return { tools: [], nextCursor: undefined };
        });
      for (const tool of page.tools) {
        const read = toolSchema.safeParse(tool);
        if (read.success) listed.push(read.data);
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined && !cursors.has(cursor) && cursors.size < maxPages && listed.length < maxTools);
    this.#tools = bindTools(listed);
    this.#settings.onTools?.(this.#tools);
    return this.#tools;
  }

  /** Calls still under way keep their session: one that is closed loses their answers. */
  #forget(session: Session): void {
    session.isForgotten = true;
    if (this.#open === session) {
      this.#session = undefined;
      this.#open = undefined;
    }
    this.#closeWhenDone(session);
  }

  #closeWhenDone({ client, calls }: Session): void {
    if (calls === 0) void client.close().catch(() => undefined);
  }
}

/** Whether the server itself answered with an error. */
const isAnswered = (error: unknown) =>
  error instanceof McpError && ![ErrorCode.RequestTimeout, ErrorCode.ConnectionClosed].includes(error.code);

const mayBeReplaced = ({ replacedAt }: Session) =>
  replacedAt === undefined || Date.now() - replacedAt >= replacementTrusted;

/** Thrown for a call that a session refused which the server may no longer know. */
class SessionGone extends Error {
  readonly failure: KubeezError;

  constructor(failure: KubeezError) {
    super('The session may be gone', { cause: failure });
    this.failure = failure;
  }
}
