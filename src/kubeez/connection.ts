import type { Agent } from 'undici';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { Secrets } from '../secrets.ts';
import { traceparent } from '../trace.ts';
import type { Era } from './era.ts';
import { KubeezError, provesNothing, refusalIn, refusalOf } from './errors.ts';
import { connectTimeout, type Fetch, Http, type SignIn } from './http.ts';
import type { Task } from './media.ts';
import { OddAnswers, shapeOf } from './oddAnswers.ts';
import { isRefused, readResult, type ToolResult, textOf } from './result.ts';
import { isSessionGone } from './sessionGone.ts';
import { readStart, type StartAnswer } from './startAnswer.ts';
import { readTask, type TaskState, taskIn } from './tasks.ts';
import { bindTools, type Capability, type Listed, type Tools, toolSchema } from './tools.ts';
import type { Wire, WireAbout } from './wire.ts';

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
  /** Which form of MCP the server speaks, as far as that is known; its own when left out. */
  era?: Era;
  /** Told when the server does not let the account in. */
  onRefused?: () => void;
  /** Told what became of each call that costs credits. */
  onPaidCall?: ((outcome: PaidOutcome) => void) | undefined;
  /** Told when the server's tools are known, or known anew. */
  onTools?: (tools: Tools) => void;
  /** Told with each new connection what the server says of itself; for the doctor. */
  onServer?: (about: ServerAbout) => void;
}

/** What a server says of itself, and of its tools. */
export interface ServerAbout extends WireAbout {
  /** The names of all its tools. */
  tools: string[];
  /** Whether what it says of a tool speaks of uploads without a browser. */
  speaksOfDirectUpload: boolean;
}

/** `task`: given in place of an answer, which is to be asked for ({@link Connection.task}); it has the only one of the `ids`. */
type StartOrTask = StartAnswer & { task?: Task };

const nothingElse = { isSure: true, seconds: null, note: undefined, finished: undefined };

/** `lost`: nothing proves whether it was accepted. */
type PaidOutcome = 'accepted' | 'refused' | 'lost';

/** What is asked of a server. `paid`: whether it costs credits. */
type Asked =
  | { method: 'tools/call'; tool: Capability; args: Record<string, unknown>; paid: boolean }
  | { method: 'tasks/get'; task: string; paid: false };

type Mcp = typeof import('./mcp.ts');

/**
 * Loads what speaks MCP. The SDK, with its schemas, takes about as long to load as all of the bot's own: a start logs in
 * first, and the first connection waits for it.
 */
export const loadMcp = (): Promise<Mcp> => import('./mcp.ts');

/** A session, or what stands for one where MCP has none, and what the server offers in it. */
interface Session {
  mcp: Mcp;
  wire: Wire;
  tools: Tools;
  /** When the list of tools is no longer to be relied on, in milliseconds since 1970. */
  staleAt: number;
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

/** A list of tools is relied on for at least so long, whatever the server says of it. Milliseconds. */
const minListLife = 5 * 60_000;
/** After this, a stream of changes that ended is opened again. Milliseconds. */
const relistenPause = 30_000;

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
  ttlMs: z.number().optional().catch(undefined),
});

/**
 * The way to the server (MCP over Streamable HTTP, bearer token), with a session where the server has such: made when needed
 * and again when it is gone.
 */
export class Connection {
  readonly waitFactor: number;
  readonly secrets: Secrets;
  readonly #settings: ConnectionSettings;
  readonly #http: Http;
  readonly #oddAnswers: OddAnswers;
  readonly #era: Era;
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
    this.#era = settings.era ?? { hasSessions: true };
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
   * Calls a tool that costs nothing, once, and gives what it says as it arrived, refusals too; for the doctor.
   *
   * @param timeout milliseconds to wait for the answer
   * @throws KubeezError
   */
  ask(tool: Capability, args: Record<string, unknown>, timeout: number): Promise<ToolResult> {
    return this.#send(tool, args, timeout, false);
  }

  /**
   * Calls a tool that costs credits, once. Whatever does not prove that nothing was accepted is thrown as `lost` or as a
   * claim. A task that is given in place of the answer is to be asked for ({@link task}).
   *
   * @param timeout milliseconds to wait for the answer
   * @throws KubeezError
   */
  async start(tool: Capability, args: Record<string, unknown>, timeout: number): Promise<StartOrTask> {
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

  async #start(tool: Capability, args: Record<string, unknown>, timeout: number): Promise<StartOrTask> {
    const result = await this.#send(tool, args, timeout, true);
    const task = taskIn(result);
    return task ? { ...nothingElse, ids: [task.id], task } : this.startIn(tool, result);
  }

  /**
   * The answer to a paid call, from its result.
   *
   * @throws KubeezError as {@link start}
   */
  startIn(tool: Capability, result: ToolResult): StartAnswer {
    try {
      return readStart(result, this.secrets.blank(textOf(result)));
    } catch (error) {
      if (!(error instanceof KubeezError)) throw error;
      if (error.cause instanceof z.ZodError) this.#logOdd(tool, result, error.cause);
      throw this.#noticed(error);
    }
  }

  /**
   * Asks once how a task stands that a paid call was answered with. Costs nothing.
   *
   * @param timeout milliseconds to wait for the answer
   * @throws KubeezError for the question alone; what became of the call is no error here
   */
  async task(id: string, timeout: number): Promise<TaskState> {
    let said: ToolResult;
    try {
      said = await this.#sendTo({ method: 'tasks/get', task: id, paid: false }, timeout);
    } catch (error) {
      // Nobody will ever say what came of the call.
      if (!(error instanceof UnknownTask)) throw error;
      return { failure: new KubeezError('lost', '', error) };
    }
    const state = readTask(id, said, (words) => this.secrets.blank(words));
    if (state) return state;
    this.#settings.log.error({ shape: shapeOf(said) }, 'Kubeez told of a task in an unknown form');
    throw new KubeezError('badAnswer');
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
  #send(tool: Capability, args: Record<string, unknown>, timeout: number, paid: boolean): Promise<ToolResult> {
    return this.#sendTo({ method: 'tools/call', tool, args, paid }, timeout);
  }

  async #sendTo(asked: Asked, timeout: number): Promise<ToolResult> {
    // Connecting costs nothing: while it fails, the call was never sent.
    this.#assertOpen();
    const session = await this.#connected();
    let result: ToolResult;
    try {
      result = await this.#callOn(session, asked, timeout);
    } catch (error) {
      if (!(error instanceof SessionGone)) throw error;
      this.#forget(session);
      const next = await this.#connected();
      next.replacedAt = Date.now();
      result = await this.#callOn(next, asked, timeout).catch((again) => {
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
    await session?.wire.close();
  }

  /** Closes a session that nobody has used for `milliseconds`; the next call opens another. */
  async closeIdle(milliseconds: number): Promise<void> {
    if (this.#open?.calls === 0 && this.#settings.now() - this.#lastUsed >= milliseconds) await this.close();
  }

  /** Throws `busy` while the server wants to be left alone: what is asked now would only be refused again. */
  #assertOpen(): void {
    if (this.#http.isClosed) throw new KubeezError('busy');
  }

  #factored(milliseconds: number): number {
    return milliseconds * this.waitFactor;
  }

  async #callOn(session: Session, asked: Asked, timeout: number): Promise<ToolResult> {
    const { method, paid } = asked;
    const params = { ...paramsOf(asked, session.tools), _meta: this.#traced() };
    session.calls++;
    if (this.#settings.now() >= session.staleAt) void this.#listAnew(session);
    try {
      const result = await session.wire.request(method, params, this.#factored(timeout), paid);
      if (isRefused(result) && isSessionGone(textOf(result)) && !paid && mayBeReplaced(session))
        throw new SessionGone(refusalOf(this.secrets.blank(textOf(result))));
      session.replacedAt = undefined;
      return result;
    } catch (error) {
      if (error instanceof SessionGone) throw error;
      const { isUnknownTask, failureOf, mayBeSessionGone } = session.mcp;
      if (method === 'tasks/get' && isUnknownTask(error)) throw new UnknownTask(this.secrets.blankError(error));
      const { hasSession } = session.wire.about;
      const failure = failureOf(this.secrets.blankError(error), paid, hasSession);
      if (mayBeSessionGone(error, paid, hasSession) && mayBeReplaced(session)) throw new SessionGone(failure);
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

  #traced(): { traceparent: string } {
    return { traceparent: traceparent(`${this.#settings.now()} ${this.#sent++}`) };
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
    const { url, log, isListening } = this.#settings;
    const mcp = await loadMcp();
    let session: Session | undefined;
    let wire: Wire | undefined;
    try {
      wire = await mcp.openWire(this.#era, {
        url,
        fetch: (address, request) => this.#http.fetch(address, request),
        log,
        timeout: this.#factored(connectTimeout),
        pause: this.#factored(relistenPause),
        isListening,
        onToolsChanged: () => session && void this.#listAnew(session),
      });
      session = {
        mcp,
        wire,
        ...(await this.#listTools(mcp, wire)),
        calls: 0,
        isForgotten: false,
        replacedAt: undefined,
      };
      this.#lastUsed = this.#settings.now();
      return session;
    } catch (error) {
      await wire?.close().catch(() => undefined);
      const failure = mcp.failureOf(this.secrets.blankError(error), false, false);
      if (failure.code === 'unauthorized') this.#settings.onRefused?.();
      throw failure.code === 'noSession' ? new KubeezError('outage', '', error) : failure;
    }
  }

  /** Reads the list of tools again. Throws nothing: until that works, the old one holds. */
  async #listAnew(session: Session): Promise<void> {
    session.staleAt = this.#settings.now() + minListLife;
    try {
      Object.assign(session, await this.#listTools(session.mcp, session.wire));
      this.#settings.log.info({ tools: [...session.tools.keys()] }, 'Kubeez has other tools now');
    } catch (error) {
      this.#settings.log.debug({ err: this.secrets.blankError(error) }, 'Kubeez connection');
    }
  }

  async #listTools({ isAnswered }: Mcp, wire: Wire): Promise<Pick<Session, 'tools' | 'staleAt'>> {
    const asked = this.#settings.now();
    let life = Number.POSITIVE_INFINITY;
    const listed: Listed[] = [];
    const cursors = new Set<string | undefined>();
    let cursor: string | undefined;
    do {
      cursors.add(cursor);
      const params = cursor === undefined ? {} : { cursor };
      const page = await wire
        .request('tools/list', params, this.#factored(connectTimeout))
        .then((said) => toolsPageSchema.parse(said))
        .catch((error) => {
          // A further page that is refused takes nothing away from those that came.
          if (cursor === undefined || !isAnswered(error)) throw error;
          return { tools: [], nextCursor: undefined, ttlMs: undefined };
        });
      life = Math.min(life, page.ttlMs ?? life);
      for (const tool of page.tools) {
        const read = toolSchema.safeParse(tool);
        if (read.success) listed.push(read.data);
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined && !cursors.has(cursor) && cursors.size < maxPages && listed.length < maxTools);
    this.#settings.onServer?.({
      ...wire.about,
      tools: listed.map(({ name }) => name),
      speaksOfDirectUpload: listed.some(({ description }) => /direct[ _-]?upload/i.test(description ?? '')),
    });
    this.#tools = bindTools(listed);
    this.#settings.onTools?.(this.#tools);
    return { tools: this.#tools, staleAt: asked + Math.max(minListLife, life) };
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

  #closeWhenDone({ wire, calls }: Session): void {
    if (calls === 0) void wire.close().catch(() => undefined);
  }
}

/** The parameters of a request, in the names that the server has for them. Throws KubeezError where it lacks the tool. */
function paramsOf(asked: Asked, tools: Tools): Record<string, unknown> {
  if (asked.method === 'tasks/get') return { taskId: asked.task };
  const tool = tools.get(asked.tool);
  if (!tool) throw new KubeezError('notOffered', asked.tool);
  return { name: tool.name, arguments: tool.fit(asked.args) };
}

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

/** Thrown where a server knows nothing of a task. */
class UnknownTask extends Error {
  constructor(cause: unknown) {
    super('The task is not known', { cause });
  }
}
