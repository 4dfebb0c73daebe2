import { z } from 'zod';

/** Where an argument is in a call, and the header that repeats it. */
export interface ParamHeader {
  path: string[];
  name: string;
}

const propertySchema = z.object({
  'x-mcp-header': z.string().min(1).optional().catch(undefined),
  properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** The headers that a tool wants with a call (`x-mcp-header` in its input schema). */
export function paramHeaders(inputSchema: unknown, path: string[] = []): ParamHeader[] {
  const read = propertySchema.safeParse(inputSchema);
  if (!read.success) return [];
  const { 'x-mcp-header': name, properties = {} } = read.data;
  const own = name === undefined ? [] : [{ path, name: `Mcp-Param-${name}` }];
  return [...own, ...Object.entries(properties).flatMap(([key, inner]) => paramHeaders(inner, [...path, key]))];
}

/** A call's arguments as those headers repeat them; one that was left out has none. */
export function repeated(headers: ParamHeader[], args: unknown): [name: string, value: string][] {
  return headers.flatMap(({ path, name }) => {
    const value = path.reduce(
      (inner: unknown, key) => Object.entries(inner ?? {}).find(([one]) => one === key)?.[1],
      args,
    );
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') return [];
    return [[name, headerValue(String(value))]];
  });
}

/** A text as a header takes it: what is not plain ASCII goes as `=?base64?…?=`, as MCP has it. */
export function headerValue(text: string): string {
  const isPlain = /^[\t\x20-\x7e]*$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/i.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
