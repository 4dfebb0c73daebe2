import { isObject, jsonIn } from './json.ts';
import { type ToolResult, textOf } from './result.ts';
import type { Capability } from './tools.ts';

/** What something is made of: the kind of a value, those in a list, or the names in an object. No value is ever in it. */
export type Shape = string | Shape[] | { [name: string]: Shape };

/** An answer that could not be read. */
export interface SeenShape {
  tool: Capability;
  shape: Shape;
  /** How often it came. */
  times: number;
  /** When it came last, in milliseconds since 1970. */
  at: number;
}

/** More shapes than these tell nothing new. */
const mostShapes = 20;
const mostNames = 40;
const mostEntries = 20;
const deepest = 6;
/** What a server calls a field. Any other name, or one with many digits, may be a value: an id, an address, a word of somebody's. */
const fieldName = /^(?!.*\d{4})[A-Za-z_$][\w$-]{0,39}$/;

/** The shape of any value that JSON can hold: names and kinds, no values. */
export function shapeOf(value: unknown, depth = 0): Shape {
  if (!isObject(value)) return value === null ? 'null' : typeof value;
  if (depth === deepest) return '…';
  if (Array.isArray(value)) {
    const shapes = value.slice(0, mostEntries).map((entry) => shapeOf(entry, depth + 1));
    return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
  }
  const fields = Object.entries(value)
    .slice(0, mostNames)
    .map(([name, field]) => [fieldName.test(name) ? name : '…', shapeOf(field, depth + 1)] as const);
  return Object.fromEntries(fields);
}

/** The shape of what a tool answered; its text as the JSON in it, where there is any. */
export function shapeOfResult(result: ToolResult): Shape {
  const { content, ...others } = result;
  const inTexts = jsonIn(textOf(result));
  return shapeOf({ ...others, content: inTexts.length > 0 ? inTexts : content });
}

/** Answers that could not be read since the start, for whoever reports what the platform has changed. */
export class OddAnswers {
  readonly #seen = new Map<string, SeenShape>();

  /** Takes note of an answer; gives its shape. `at` in milliseconds since 1970. */
  note(tool: Capability, result: ToolResult, at: number): Shape {
    const shape = shapeOfResult(result);
    const key = `${tool} ${JSON.stringify(shape)}`;
    const { times = 0 } = this.#seen.get(key) ?? {};
    // What came last stands last.
    this.#seen.delete(key);
    this.#seen.set(key, { tool, shape, times: times + 1, at });
    for (const oldest of [...this.#seen.keys()].slice(0, -mostShapes)) this.#seen.delete(oldest);
    return shape;
  }

  /** The latest of them, the last one last. */
  shapesSeen(): SeenShape[] {
    return [...this.#seen.values()];
  }
}
