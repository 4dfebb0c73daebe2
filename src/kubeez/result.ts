import { z } from 'zod';
import { jobIdsInWords } from './jobIds.ts';
import { isObject, jsonIn } from './json.ts';

/** A tool's answer as it arrived: the SDK's own schema would refuse all of it for one bad part. */
export const resultSchema = z.looseObject({});

export type ToolResult = z.infer<typeof resultSchema>;

/** Whether the tool reports a failure. */
export const isRefused = (result: ToolResult) => result.isError === true;

/** All the text of a result. */
export const textOf = (result: ToolResult): string => textsOf(result).join('\n');

function textsOf({ content }: ToolResult): string[] {
  if (typeof content === 'string') return [content];
  const parts: unknown[] = Array.isArray(content) ? content : [content];
  return parts.flatMap((part) => {
    const text = typeof part === 'string' ? part : isObject(part) && 'text' in part ? part.text : undefined;
    return typeof text === 'string' ? [text] : [];
  });
}

/**
 * Finds what a schema describes in a result: in `structuredContent`, in the JSON of its texts, or in the result itself,
 * each with or without a wrapping such as `{ data: … }`. Several texts may be the entries of one list.
 */
export function readResult<Schema extends z.ZodType>(
  result: ToolResult,
  schema: Schema,
): z.ZodSafeParseResult<z.infer<Schema>> {
  let first: z.ZodSafeParseResult<z.infer<Schema>> | undefined;
  for (const reading of readingsOf(result)) {
    const read = schema.safeParse(reading);
    if (read.success) return read;
    first ??= read;
  }
  return first ?? schema.safeParse(undefined);
}

/** What a result may mean, the likeliest first; worked out only as far as it is asked for, because a catalogue is long. */
function* readingsOf(result: ToolResult): Generator<unknown> {
  const { structuredContent, content, isError: _, _meta: __, ...others } = result;
  yield* unwrapped(structuredContent);
  const texts = textsOf(result);
  const inTexts = texts.flatMap(jsonIn);
  if (inTexts.length > 1) yield inTexts.map((one) => unwrapped(one)[0]);
  for (const one of inTexts) yield* unwrapped(one);
  if (texts.length > 1) for (const one of jsonIn(texts.join(''))) yield* unwrapped(one);
  yield* unwrapped(others);
  if (isObject(content) && !Array.isArray(content)) yield* unwrapped(content);
  yield { generation_ids: jobIdsInWords(textOf(result)) };
}

const wrappings = ['result', 'data', 'response', 'generation', 'job', 'estimate', 'session'];
const maxDepth = 3;

/** The values inside the objects that servers wrap answers in, the innermost first; other fields of a wrapper are kept. */
function unwrapped(value: unknown, depth = 0): unknown[] {
  if (!isObject(value)) return [];
  if (Array.isArray(value) || depth === maxDepth) return [value];
  const fields: Record<string, unknown> = { ...value };
  const inner = wrappings.map((name) => fields[name]).find(isObject);
  if (inner === undefined) return [value];
  if (Array.isArray(inner)) return [value, inner];
  return [
    ...unwrapped({ ...fields, ...Object.fromEntries(wrappings.map((name) => [name, undefined])), ...inner }, depth + 1),
    value,
  ];
}
