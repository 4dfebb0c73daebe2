import { randomUUID } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { partsOf, songsOf, statusOf } from './jobAnswers.ts';
import type { Job, Platform } from './platform.ts';

/** The name of MCP's extension in the capabilities of both sides. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** A call that was answered with a task. */
export interface CallTask {
  id: string;
  createdAt: number;
  /** When it was asked for, in milliseconds since 1970. */
  askedAt: number[];
  /** What its call has begun. */
  jobs: Job[];
  /** The tool's own answer, once there is one. */
  answer: CallToolResult | null;
  /** How it ended where it has no answer; tests set it. */
  ended: { status: 'failed' | 'cancelled'; statusMessage?: string; error?: { code: number; message: string } } | null;
}

/** Makes the task of a call that was just begun. */
export function newTask(platform: Platform): CallTask {
  const id = randomUUID();
  const task: CallTask = { id, createdAt: platform.clock.now(), askedAt: [], jobs: [], answer: null, ended: null };
  platform.tasks.set(id, task);
  return task;
}

/** What is said of a task wherever it is told of. */
export function taskOf(platform: Platform, task: CallTask) {
  return {
    taskId: task.id,
    status: 'working',
    createdAt: new Date(task.createdAt).toISOString(),
    lastUpdatedAt: new Date(task.createdAt).toISOString(),
    ttlMs: 3_600_000,
    pollIntervalMs: platform.settings.taskPause,
  };
}

/** How a task stands, with its result once it is completed. */
export function detailedTask(platform: Platform, task: CallTask): Record<string, unknown> {
  const { ended, answer, jobs } = task;
  const told = taskOf(platform, task);
  if (ended) return { ...told, ...ended };
  const isWaiting = platform.settings.tasks === 'result' && jobs.some((job) => platform.clock.now() < job.readyAt);
  if (!answer || isWaiting) return told;
  const hasResult = platform.settings.tasks === 'result' && !answer.isError;
  return { ...told, status: 'completed', result: hasResult ? resultOf(platform, task, answer) : answer };
}

/** The result of a call whose jobs are over, as the tools that tell of jobs have it. */
function resultOf(platform: Platform, { jobs }: CallTask, answer: CallToolResult): CallToolResult {
  const [job] = jobs;
  // The tool has waited for its result.
  if (!job || job.kind === 'captions') return answer;
  const told = jobs.length > 1 ? { generations: jobs.map((one) => statusOf(platform, one)) } : endOf(platform, job);
  return { content: [{ type: 'text', text: JSON.stringify(told) }] };
}

function endOf(platform: Platform, job: Job): object {
  if (job.kind === 'music') return songsOf(platform, job);
  return job.kind === 'separation' ? partsOf(platform, job) : statusOf(platform, job);
}
