import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';

/** Words for a session that a server does not know; an upload session is another thing. */
const gone =
  /(?<!upload )\bsession\b.{0,40}\b(not found|unknown|invalid|expired|terminated|closed|missing|required|does not exist)|\b(no|unknown|invalid|expired|bad|missing|stale)\b.{0,20}(?<!upload )\bsession\b|not (yet )?initiali[sz]ed|(call|send) initiali[sz]e/i;

/** Whether a server's words say that it does not know the session. */
export const isSessionGone = (text: string): boolean => gone.test(text);

/** JSON-RPC's codes for a request of another revision of MCP: it is refused before anything looks for the tool. */
const otherRevision = /"code"\s*:\s*-320(20|22)\b/;

/** Whether a refusal proves that a request never came to the tool, because of its session or its revision of MCP. */
export const neverCame = ({ code, message }: StreamableHTTPError): boolean =>
  code === 400 && (gone.test(message) || otherRevision.test(message));

/** Statuses with which a server may refuse every call of a session that it has lost. */
const statuses = [400, 401, 403, 404, 405, 406, 409, 410, 412, 421, 422, 428, 440];

/**
 * Whether a call may have been refused because of its session. For a paid call it must be certain, for only then was
 * nothing accepted: HTTP 404 where there is one, or a 400 that says so. A read is free: any refusal is reason enough.
 */
export function mayBeSessionGone(error: unknown, paid: boolean, hasSession: boolean): boolean {
  if (error instanceof StreamableHTTPError) {
    const status = error.code ?? 0;
    if (paid) return (hasSession && status === 404) || neverCame(error);
    return statuses.includes(status);
  }
  if (paid || !(error instanceof McpError)) return false;
  return error.code === ErrorCode.InvalidRequest || isSessionGone(error.message);
}
