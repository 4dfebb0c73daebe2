import { McpServer, type RegisteredTool } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { commonTools } from './commonTools.ts';
import type { Define } from './define.ts';
import { documentedTools } from './documentedTools.ts';
import { newerTools } from './newerTools.ts';
import { type Job, type Platform, ToolRefusal } from './platform.ts';
import { checkSources } from './sources.ts';

type CallOrigin = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Whether a tool counts as a read, and what comes after its effect (a lost answer, for instance). */
export interface Hooks {
  /** Called before and after every tool, with its name and the call's key ({@link callKey}). */
  before(tool: string, call: string): Promise<void> | void;
  /** What it gives is said in place of the tool's own answer. */
  after(tool: string, call: string): Promise<CallToolResult | undefined>;
  /** Told which jobs a call began, as soon as it has. */
  onBegun?(call: string, jobs: Job[]): void;
  /** Told that a call was refused. */
  onRefused?(call: string): void;
}

/** What tells a call of a tool from all others: a request's id is unique within its session only. */
export const callKey = (session: unknown, request: unknown) => `${session} ${request}`;

/** A tool: what it says of itself, and what a call of it answers; `call` is its key ({@link callKey}). */
export interface Tool {
  description: string;
  schema: z.ZodObject;
  /** Whether a call of it costs credits. */
  isPaid: boolean;
  answer(request: unknown, call: string): Promise<CallToolResult>;
}

/**
 * The tools of one generation or, mixed, those of both. Like those of many a server they refuse arguments they do not
 * know.
 */
export function toolsOf(platform: Platform, hooks: Hooks): Map<string, Tool> {
  const tools = new Map<string, Tool>();

  const define: Define = (name, description, inputSchema, kind, answerOf) => {
    // A mixture has the older form of what both have.
    if (tools.has(name)) return;
    const schema = z.strictObject(inputSchema);
    const answer = async (request: unknown, call: string) => {
      await hooks.before(name, call);
      let result: CallToolResult;
      try {
        if (kind === 'read') platform.countRead();
        const asked = schema.parse(request);
        if (kind !== 'read') await checkSources(platform, asked);
        const known = platform.jobs.size;
        const answering = answerOf(asked);
        // Jobs are begun before anything is waited for, so that these are of this call.
        hooks.onBegun?.(call, [...platform.jobs.values()].slice(known));
        result = resultOf(await answering, platform.settings.structured);
      } catch (error) {
        if (!(error instanceof ToolRefusal)) throw error;
        hooks.onRefused?.(call);
        const { status, code, message } = error;
        result = { isError: true, content: [{ type: 'text', text: JSON.stringify({ error: code, status, message }) }] };
      }
      return (await hooks.after(name, call)) ?? result;
    };
    tools.set(name, { description, schema, isPaid: kind === 'pay', answer });
  };

  const { generation } = platform.settings;
  commonTools(define, platform);
  if (generation !== 'newer') documentedTools(define, platform);
  if (generation !== 'documented') newerTools(define, platform);
  return tools;
}

/** Makes the server of one session, with the platform's tools; `paid` are those that cost credits. */
export function createTools(
  platform: Platform,
  hooks: Hooks,
): { server: McpServer; tools: Map<string, RegisteredTool>; paid: string[] } {
  const server = new McpServer({ name: 'kubeez-stand-in', version: '1.0.0' });
  const tools = new Map<string, RegisteredTool>();
  const paid: string[] = [];
  for (const [name, { description, schema, isPaid, answer }] of toolsOf(platform, hooks)) {
    if (isPaid) paid.push(name);
    const work = (request: unknown, { sessionId, requestId }: CallOrigin) =>
      answer(request, callKey(sessionId, requestId));
    tools.set(name, server.registerTool(name, { description, inputSchema: schema }, work));
  }
  for (const name of platform.settings.withdrawn) tools.get(name)?.disable();
  return { server, tools, paid };
}

function resultOf(answer: object, structured: boolean): CallToolResult {
  const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(answer) }];
  return structured ? { content, structuredContent: { ...answer } } : { content };
}
