/** Text between quotes, or a number, or one of the words that Python writes in place of a number. */
const tokens = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\bInfinity\b|\bNaN\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** JavaScript rounds whole numbers of this length: they are ids, and are read as text. */
const longNumber = /^-?\d{16,}$/;
const mayBeOdd = /\bNaN\b|\bInfinity\b|\d{16}/;

/**
 * Reads JSON as servers write it; undefined when it is none. NaN and Infinity, which are no JSON, are read as null. A
 * null in an object is left out: some servers send one for whatever they have no value for.
 */
export function readJson(text: string): unknown {
  try {
    const json = mayBeOdd.test(text) ? text.replace(tokens, readable) : text;
    const value: unknown = JSON.parse(json);
    return json.includes('null') ? withoutNull(value) : value;
  } catch {
    return undefined;
  }
}

function readable(token: string): string {
  if (/^-?(NaN|Infinity)$/.test(token)) return 'null';
  return longNumber.test(token) ? `"${token}"` : token;
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutNull(one)]));
}

/** How many places of a text are searched for JSON, and the longest text that is searched. */
const maxPlaces = 50;
const maxSearched = 200_000;

/** The objects and lists in a text that is JSON, or has JSON in a code fence or between its words. */
export function jsonIn(text: string): object[] {
  const whole = readJson(text.trim());
  if (isObject(whole)) return [whole];
  // JSON that was written as text once more.
  if (typeof whole === 'string') return jsonIn(whole);
  const found: object[] = [];
  let at = 0;
  for (let place = 0; place < maxPlaces && at < Math.min(text.length, maxSearched); place++) {
    const start = text.slice(at, maxSearched).search(/[[{]/);
    if (start < 0) break;
    const piece = balanced(text.slice(at + start, maxSearched));
    const value = piece === undefined ? undefined : readJson(piece);
    if (isObject(value)) found.push(value);
    at += start + (isObject(value) ? (piece?.length ?? 1) : 1);
  }
  return found;
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The beginning of a text up to the bracket that closes its first one. */
function balanced(text: string): string | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    if (depth === 0) return text.slice(0, index + 1);
  }
  return undefined;
}
