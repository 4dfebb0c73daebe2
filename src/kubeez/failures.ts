import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { OAuthError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { codeIn, type KubeezCode, KubeezError, paidRefusalOf, shown } from './errors.ts';
import { isSessionGone } from './sessionGone.ts';

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

/**
 * The error behind a call that threw.
 *
 * @param paid whatever does not prove a refusal is `lost`
 * @param hasSession whether it was made in a session, which a 404 may say is gone
 */
export function failureOf(error: unknown, paid: boolean, hasSession: boolean): KubeezError {
  if (error instanceof KubeezError) return error;
  if (error instanceof UnauthorizedError || error instanceof OAuthError)
    return new KubeezError('unauthorized', '', error);
  if (error instanceof StreamableHTTPError) {
    if (neverCame(error)) return new KubeezError('noSession', '', error);
    // What a bad request means, or a 404 without a session, depends on who says it on the way to the tool: only words prove
    // something.
    if (paid && (error.code === 400 || (error.code === 404 && !hasSession))) return paidRefusalOf(error.message);
    const code = statusCodes[error.code ?? 0];
    if (code) return new KubeezError(code, '', error);
  }
  if (error instanceof McpError) return paid ? paidRpcFailure(error) : rpcFailure(error);
  // Where no connection could be made, nothing was sent.
  return new KubeezError(paid && !isUnconnected(error) ? 'lost' : 'outage', '', error);
}

/** Refusals that a server may word as a JSON-RPC error. */
const rpcRefusals: KubeezCode[] = ['busy', 'insufficient', 'unauthorized', 'moderation'];

function rpcFailure(error: McpError): KubeezError {
  const said = codeIn(error.message);
  if (said && rpcRefusals.includes(said)) return new KubeezError(said, shown(error.message), error);
  if (error.code === ErrorCode.InvalidParams) return new KubeezError('invalid', shown(error.message), error);
  if (error.code === ErrorCode.MethodNotFound) return new KubeezError('invalid', 'the tool is not offered', error);
  return new KubeezError('outage', '', error);
}

/** The SDK's own errors (no answer in time, a connection that broke) say so in words: servers use their codes as well. */
function paidRpcFailure(error: McpError): KubeezError {
  if (error.code === ErrorCode.MethodNotFound) return new KubeezError('invalid', 'the tool is not offered', error);
  return paidRefusalOf(error.message);
}

const unconnectedCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

function isUnconnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && unconnectedCodes.includes(String(error.code))) return true;
  return isUnconnected(error.cause);
}

/** Whether the server itself answered with an error. */
export const isAnswered = (error: unknown): boolean =>
  error instanceof McpError && ![ErrorCode.RequestTimeout, ErrorCode.ConnectionClosed].includes(error.code);

/** JSON-RPC's codes for a request of another revision of MCP: it is refused before anything looks for the tool. */
const otherRevision = /"code"\s*:\s*-320(20|22)\b/;

/** Whether a refusal proves that a request never came to the tool, because of its session or its revision of MCP. */
const neverCame = ({ code, message }: StreamableHTTPError): boolean =>
  code === 400 && (isSessionGone(message) || otherRevision.test(message));

/** Statuses with which a server may refuse every call of a session that it has lost. */
const statusesOfSessions = [400, 401, 403, 404, 405, 406, 409, 410, 412, 421, 422, 428, 440];

/**
 * Whether a call may have been refused because of its session. For a paid call it must be certain, for only then was
 * nothing accepted: HTTP 404 where there is one, or a 400 that says so. A read is free: any refusal is reason enough.
 */
export function mayBeSessionGone(error: unknown, paid: boolean, hasSession: boolean): boolean {
  if (error instanceof StreamableHTTPError) {
    const status = error.code ?? 0;
    if (paid) return (hasSession && status === 404) || neverCame(error);
    return statusesOfSessions.includes(status);
  }
  if (paid || !(error instanceof McpError)) return false;
  return error.code === ErrorCode.InvalidRequest || isSessionGone(error.message);
}

/** Codes of JSON-RPC with which a server says that it does not know a task, or nothing of tasks. */
const unknownTask: number[] = [ErrorCode.InvalidParams, ErrorCode.MethodNotFound];

/** Whether a server says that it does not know a task, or knows nothing of tasks. */
export function isUnknownTask(error: unknown): boolean {
  if (error instanceof McpError) return unknownTask.includes(error.code);
  // Servers may say so with a status as well.
  return error instanceof StreamableHTTPError && unknownTask.some((code) => error.message.includes(`${code}`));
}
