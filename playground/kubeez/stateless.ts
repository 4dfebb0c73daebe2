import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallToolResult, McpHttpHandler } from '@modelcontextprotocol/server';
import type { Response as Answer, Request as Asked } from 'express';
import { z } from 'zod';
import type { Job, Platform } from './platform.ts';
import { detailedTask, newTask, taskOf, tasksExtension } from './tasks.ts';
import { callKey, type Hooks, type Tool, toolsOf } from './tools.ts';

/** The stand-in as MCP 2026-07-28 has servers: no sessions, every request stands alone. It is the SDK's, version 2, and as strict. */
export class StatelessServer {
  readonly #hooks: Hooks;
  /** Told what a call has begun, by its key. */
  readonly #begun = new Map<string, (jobs: Job[]) => void>();
  readonly #handlers = new Map<Platform, Promise<McpHttpHandler>>();

  constructor(hooks: Hooks) {
    this.#hooks = {
      ...hooks,
      onBegun: (call, jobs) => {
        hooks.onBegun?.(call, jobs);
        this.#begun.get(call)?.(jobs);
      },
    };
  }

  /** Whether a request is of this form of MCP. */
  async understands(asked: Asked): Promise<boolean> {
    const { isLegacyRequest } = await server();
    return !(await isLegacyRequest(webRequest(asked), asked.body));
  }

  /**
   * Answers a request.
   *
   * @param onCall told the key of a call ({@link callKey}) before the tool is run
   */
  async serve(asked: Asked, answer: Answer, account: Platform, onCall: (key: string) => void): Promise<void> {
    const handler = await this.#handlerOf(account);
    // Ids of requests are unique to whoever asks; there is no session to tell those apart.
    const asker = randomUUID();
    onCall(callKey(asker, asked.body?.id));
    const authInfo = { token: asker, clientId: '', scopes: [] };
    const response = await handler.fetch(webRequest(asked), { parsedBody: asked.body, authInfo });
    answer.status(response.status);
    for (const [name, value] of response.headers) answer.setHeader(name, value);
    if (!response.body || !/event-stream/.test(response.headers.get('content-type') ?? '')) {
      answer.end(await response.text());
      return;
    }
    answer.flushHeaders();
    // Whoever asked may leave at any time.
    await pipeline(Readable.from(response.body), answer).catch(() => undefined);
  }

  /** Tells everybody who listens that the tools are others now. */
  async changed(): Promise<void> {
    for (const handler of this.#handlers.values()) (await handler).notify.toolsChanged();
  }

  #handlerOf(account: Platform): Promise<McpHttpHandler> {
    const known = this.#handlers.get(account) ?? this.#makeHandler(account);
    this.#handlers.set(account, known);
    return known;
  }

  async #makeHandler(account: Platform): Promise<McpHttpHandler> {
    const { createMcpHandler, McpServer, ProtocolError } = await server();
    const { streams, breaksStreams } = account.settings;
    return createMcpHandler(
      ({ authInfo }) => {
        const hasTasks = account.settings.tasks !== 'none';
        const capabilities = hasTasks ? { extensions: { [tasksExtension]: {} } } : {};
        const mcp = new McpServer({ name: 'kubeez-stand-in', version: '1.0.0' }, { capabilities });
        for (const [name, tool] of toolsOf(account, this.#hooks)) {
          if (account.settings.withdrawn.includes(name)) continue;
          const { description, schema, answer } = tool;
          mcp.registerTool(name, { description, inputSchema: withHeader(schema) }, (request, { mcpReq }) => {
            const call = callKey(authInfo?.token, mcpReq.id);
            // Whoever says that they follow tasks has to do so, whatever they call.
            return hasTasks && followsTasks(mcpReq.envelope)
              ? this.#inTask(account, tool, request, call)
              : answer(request, call);
          });
        }
        if (!hasTasks) return mcp;
        mcp.server.setRequestHandler('tasks/get', { params: askedTaskSchema }, ({ taskId }, { mcpReq }) => {
          if (!followsTasks(mcpReq.envelope)) {
            const requiredCapabilities = { extensions: { [tasksExtension]: {} } };
            throw new ProtocolError(-32_021, 'Missing required client capability', { requiredCapabilities });
          }
          account.countRead();
          const task = account.tasks.get(taskId);
          if (!task) throw new ProtocolError(-32_602, 'Failed to retrieve task: Task not found');
          task.askedAt.push(account.clock.now());
          account.changed();
          return detailedTask(account, task);
        });
        return mcp;
      },
      { legacy: 'reject', responseMode: streams || breaksStreams ? 'sse' : 'auto' },
    );
  }

  /** Answers a call with a task as soon as it has begun something, or has its answer. */
  async #inTask(account: Platform, tool: Tool, request: unknown, call: string): Promise<CallToolResult> {
    const task = newTask(account);
    const begun = new Promise<void>((resolve) => {
      this.#begun.set(call, (jobs) => {
        task.jobs.push(...jobs);
        // What comes right after it, such as an answer that gets lost, comes first.
        setImmediate(resolve);
      });
    });
    const answering = tool.answer(request, call).then((answer) => {
      task.answer = answer;
      account.changed();
    });
    await Promise.race([answering, begun]).finally(() => this.#begun.delete(call));
    return { content: [], ...taskOf(account, task), resultType: 'task' };
  }
}

const askedTaskSchema = z.looseObject({ taskId: z.string() });

const followingSchema = z.object({
  'io.modelcontextprotocol/clientCapabilities': z.object({
    extensions: z.object({ [tasksExtension]: z.looseObject({}) }),
  }),
});

/** Whether whoever sent a request says that it follows tasks. */
const followsTasks = (envelope: unknown) => followingSchema.safeParse(envelope).success;

/** Loaded when a server of this form is wanted: most stages have none. */
const server = () => import('@modelcontextprotocol/server');

/** The model is wanted in a header as well, so that what stands before a server can tell calls apart. */
function withHeader(schema: z.ZodObject): z.ZodObject {
  const { model } = schema.shape;
  return model instanceof z.ZodType ? schema.extend({ model: model.meta({ 'x-mcp-header': 'Model' }) }) : schema;
}

function webRequest({ method, headers, originalUrl, body }: Asked): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`http://stand-in${originalUrl}`, {
    method,
    headers: pairs,
    ...(hasBody ? { body: JSON.stringify(body ?? {}) } : {}),
  });
}
