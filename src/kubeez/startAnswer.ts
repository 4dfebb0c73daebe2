import type { z } from 'zod';
import { startedSchema } from './answers.ts';
import { KubeezError, knownRefusalIn, paidRefusalOf } from './errors.ts';
import { isRefused, readResult, type ToolResult } from './result.ts';

export type StartAnswer = z.infer<typeof startedSchema>;

/**
 * Reads the answer to a paid call: an id that can mean nothing else proves that a job was started, whatever else is said;
 * a known refusal proves that none was, also where the server does not mark it as an error; all else proves nothing.
 * Throws KubeezError.
 *
 * @param said all that the result says in words, without secrets
 */
export function readStart(result: ToolResult, said: string): StartAnswer {
  const parsed = readResult(result, startedSchema);
  const answer = parsed.success ? parsed.data : undefined;
  const namesJob = answer !== undefined && answer.ids.length > 0;
  const known = knownRefusalIn(said);
  if (isRefused(result)) {
    if (namesJob && answer.isSure && !known) return answer;
    throw known ?? paidRefusalOf(said);
  }
  if (namesJob) return answer;
  // A result may hold any words: only beside the word of an error do they count.
  if (known && (!answer || /"error"\s*:\s*[^n\s]/.test(said))) throw known;
  if (answer) return answer;
  throw new KubeezError('lost', '', parsed.error);
}
