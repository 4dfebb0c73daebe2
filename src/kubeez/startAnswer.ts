import type { z } from 'zod';
import { startedSchema } from './answers.ts';
import { KubeezError, paidRefusalOf, refusalIn } from './errors.ts';
import { isRefused, readResult, type ToolResult } from './result.ts';

export type StartAnswer = z.infer<typeof startedSchema>;

/**
 * Reads the answer to a paid call: an id that can mean nothing else proves that a job was started, whatever else is said.
 * A refusal counts also where the server does not mark it as an error. Throws KubeezError.
 *
 * @param said all that the result says in words, without secrets
 */
export function readStart(result: ToolResult, said: string): StartAnswer {
  const parsed = readResult(result, startedSchema);
  const answer = parsed.success ? parsed.data : undefined;
  const namesJob = answer !== undefined && answer.ids.length > 0;
  if (isRefused(result)) {
    if (namesJob && answer.isSure) return answer;
    throw paidRefusalOf(said);
  }
  const refusal = refusalIn(said);
  // Beside the word of a refusal, only what can mean nothing else is taken for a job.
  if (namesJob && (answer.isSure || !refusal)) return answer;
  // A result may hold any words: only beside the word of an error do they count.
  if (refusal && (!answer || namesJob || /"error"\s*:\s*[^n\s]/.test(said))) throw refusal;
  if (answer) return answer;
  throw new KubeezError('lost', '', parsed.error);
}
