import { z } from 'zod';
import { type KubeezError, paidRefusalOf } from './errors.ts';
import type { Task } from './media.ts';
import { resultSchema, type ToolResult } from './result.ts';

/**
 * MCP's tasks (extension `io.modelcontextprotocol/tasks`, 2026-07-28): a server may answer a call with a task's id in place
 * of the tool's own answer, which `tasks/get` has once the task is completed.
 */

/** What a client that follows tasks says of itself, with each request that may be answered with one or is about one. */
export const followsTasks = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** However seldom a server wants to be asked for a task. Milliseconds. */
const rarest = 10 * 60_000;

/** Milliseconds that a server wants between two looks; one that says nothing that can be read leaves it to the bot. */
const pauseSchema = z
  .number()
  .nonnegative()
  .catch(0)
  .transform((pause) => Math.min(pause, rarest));

const handleSchema = z
  .object({ resultType: z.literal('task'), taskId: z.string().min(1), pollIntervalMs: pauseSchema })
  .transform(({ taskId, pollIntervalMs }): Task => ({ id: taskId, pause: pollIntervalMs }));

/** The task that a call was answered with; undefined where the answer is the tool's own. */
export const taskIn = (result: ToolResult): Task | undefined => handleSchema.safeParse(result).data;

const words = z.string().optional().catch(undefined);
const stateSchema = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['working', 'input_required']), pollIntervalMs: pauseSchema }),
  z.object({ status: z.literal('completed'), result: resultSchema.catch({}) }),
  z.object({
    status: z.enum(['failed', 'cancelled']),
    statusMessage: words,
    error: z.object({ message: words }).optional().catch(undefined),
  }),
]);

/** What `tasks/get` says: that the task goes on, what its call is answered with, or why it has no answer. */
export type TaskState = { task: Task } | { result: ToolResult } | { failure: KubeezError };

/**
 * Reads an answer to `tasks/get`; undefined where it cannot be read. A task that failed or was cancelled is a call whose
 * answer was lost: words of a refusal are a claim, as everywhere.
 *
 * @param blank gives words without secrets
 */
export function readTask(
  id: string,
  answer: Record<string, unknown>,
  blank: (words: string) => string,
): TaskState | undefined {
  const { data } = stateSchema.safeParse(answer);
  if (!data) return undefined;
  switch (data.status) {
    case 'working':
    // Nothing is asked of the bot, because it says of itself that it answers no questions: it can only wait.
    case 'input_required':
      return { task: { id, pause: data.pollIntervalMs } };
    case 'completed':
      return { result: data.result };
    default:
      return { failure: paidRefusalOf(blank(data.error?.message ?? data.statusMessage ?? '')) };
  }
}
