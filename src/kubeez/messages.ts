import { isObject, readJson } from './json.ts';

/** The id of the MCP request in an HTTP request's body; undefined when it holds none. */
export function requestIn(body: unknown): string | number | undefined {
  const message = typeof body === 'string' ? readJson(body) : undefined;
  if (!isObject(message) || !('method' in message) || !('id' in message)) return undefined;
  return typeof message.id === 'string' || typeof message.id === 'number' ? message.id : undefined;
}

/**
 * A message of JSON-RPC in the exact form that the MCP SDK reads: it refuses a message with one member too many (such
 * as `error: null` beside a result), and whatever was asked for would be lost with it.
 *
 * @param asked the request that this message answers
 */
export function inStrictForm(message: unknown, asked: string | number | undefined): unknown {
  if (Array.isArray(message)) return message.map((one) => inStrictForm(one, message.length === 1 ? asked : undefined));
  if (!isObject(message)) return message;
  const { id, method, params, result, error }: Record<string, unknown> = { ...message };
  if (typeof method === 'string') {
    return { jsonrpc: '2.0', ...(id === undefined ? {} : { id }), method, ...(isObject(params) ? { params } : {}) };
  }
  const head = { jsonrpc: '2.0', id: asked ?? id };
  if (result === undefined && error !== undefined && error !== false) return { ...head, error: errorOf(error) };
  return { ...head, result: isObject(result) && !Array.isArray(result) ? result : { structuredContent: result } };
}

function errorOf(error: unknown): object {
  const { code, message, data }: Record<string, unknown> = isObject(error) ? { ...error } : { message: error };
  const number = Math.trunc(Number(code));
  return {
    code: Number.isFinite(number) ? number : -32_603,
    message: typeof message === 'string' ? message : JSON.stringify(error),
    ...(data === undefined ? {} : { data }),
  };
}
