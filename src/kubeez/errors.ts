import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { OAuthError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * What went wrong, by what it means to a flow.
 * `lost`: a paid call may or may not have been accepted. Every other code proves that nothing was.
 */
export type KubeezCode =
  | 'outage'
  | 'busy'
  | 'unauthorized'
  | 'insufficient'
  | 'moderation'
  | 'invalid'
  | 'notFound'
  | 'noSession'
  | 'badAnswer'
  /** This server has no tool for that. */
  | 'notOffered'
  | 'lost';

export class KubeezError extends Error {
  override name = 'KubeezError';
  readonly code: KubeezCode;
  /** Words of the server, cut and without links, fit to be shown; empty when there are none. */
  readonly detail: string;

  constructor(code: KubeezCode, detail = '', cause?: unknown) {
    super(`Kubeez: ${code}${detail ? `: ${detail}` : ''}`, { cause });
    this.code = code;
    this.detail = detail;
  }
}

/** Whether the same call may well be answered a little later; none of these has had any effect. */
export const isPassing = (error: unknown): boolean =>
  error instanceof KubeezError && ['outage', 'busy', 'noSession'].includes(error.code);

/** By HTTP status, where the server refused the request as such. Source: kubeez.com/docs/limitations. */
const statusCodes: Record<number, KubeezCode> = {
  400: 'invalid',
  401: 'unauthorized',
  402: 'insufficient',
  403: 'unauthorized',
  404: 'noSession',
  422: 'invalid',
  429: 'busy',
};

/** Error texts in the order in which they are tried; the shape of errors over MCP is not documented. */
const patterns: [RegExp, KubeezCode][] = [
  [/\b429\b|rate.?limit|too many|concurren|quota.*minute/i, 'busy'],
  [/\b402\b|insufficient.?credit|not enough credit/i, 'insufficient'],
  // Before the next: forbidden content is no matter of signing in.
  [/moderat|safety|policy|nsfw|flagged/i, 'moderation'],
  [
    /\b401\b|unauthori[sz]ed|(invalid|expired).{0,20}token|\b403\b|forbidden|(missing|insufficient).{0,3}scope/i,
    'unauthorized',
  ],
  [/\b404\b|not.?found|unknown (generation|id)/i, 'notFound'],
  [/\b5\d\d\b|unavailable|internal (server )?error/i, 'outage'],
];

/** The error behind a tool's own refusal (`isError`): the tool ran and said no. */
export function refusalOf(text: string): KubeezError {
  return new KubeezError(codeIn(text) ?? 'invalid', shown(text));
}

const codeIn = (text: string) => patterns.find(([pattern]) => pattern.test(text))?.[1];

/** What a server's JSON-RPC error may say that proves a refusal. */
const refusals: KubeezCode[] = ['busy', 'insufficient', 'unauthorized', 'moderation'];

/** The error behind a call that threw. `paid`: whatever does not prove a refusal is `lost`. */
export function failureOf(error: unknown, paid: boolean): KubeezError {
  if (error instanceof KubeezError) return error;
  if (error instanceof UnauthorizedError || error instanceof OAuthError)
    return new KubeezError('unauthorized', '', error);
  if (error instanceof StreamableHTTPError) {
    const code = statusCodes[error.code ?? 0];
    if (code) return new KubeezError(code, '', error);
  }
  if (error instanceof McpError) {
    const said = codeIn(error.message);
    if (said && refusals.includes(said)) return new KubeezError(said, shown(error.message), error);
    if (error.code === ErrorCode.InvalidParams) return new KubeezError('invalid', shown(error.message), error);
    if (error.code === ErrorCode.MethodNotFound) return new KubeezError('invalid', 'the tool is not offered', error);
    if (!paid && error.code === ErrorCode.InternalError) return new KubeezError('outage', '', error);
  }
  return new KubeezError(paid ? 'lost' : 'outage', '', error);
}

/** A server's words as a card may show them: one line, no links, at most 300 characters; JSON is opened first. */
export function shown(text: string): string {
  const words = messageIn(text) ?? text;
  return words
    .replace(/https?:\/\/\S+/g, '')
    .replace(/^(MCP error -?\d+:|Error:)\s*/i, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

function messageIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    for (const key of ['message', 'detail', 'error', 'error_message']) {
      const words = Object.entries(value).find(([name]) => name === key)?.[1];
      if (typeof words === 'string') return words;
    }
  } catch {
    // Plain words, not JSON.
  }
  return undefined;
}
