import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Wire, WireSettings } from './wire.ts';
import { openStateless } from './wireWithoutSessions.ts';
import { openSession } from './wireWithSessions.ts';

/** Which form of MCP the server was last found to speak: with sessions until another is known. All accounts share it. */
export interface Era {
  hasSessions: boolean;
}

/**
 * Opens a wire in the form that the server spoke last; in the other one where it says that it does not speak that.
 * Nothing that is asked here has an effect, so it may be asked twice.
 *
 * @throws as {@link Wire.request}
 */
export async function openWire(era: Era, settings: WireSettings): Promise<Wire> {
  const { hasSessions } = era;
  const open = (withSessions: boolean) => (withSessions ? openSession(settings) : openStateless(settings));
  try {
    return await open(hasSessions);
  } catch (error) {
    if (!isForeign(error)) throw error;
    const wire = await open(!hasSessions).catch((other) => {
      // A server that speaks neither is told of as always; one that is away now may speak the other.
      throw isForeign(other) ? error : other;
    });
    era.hasSessions = !hasSessions;
    settings.log.info({ hasSessions: era.hasSessions }, 'Kubeez speaks another form of MCP now');
    return wire;
  }
}

/** Statuses with which a server may answer what it does not understand. */
const statuses = [400, 404, 405, 406, 410, 415, 422, 426, 501];

/** Whether an answer may mean that this form of MCP is not spoken. */
function isForeign(error: unknown): boolean {
  if (error instanceof StreamableHTTPError) return statuses.includes(error.code ?? 0);
  if (error instanceof McpError) return ![ErrorCode.RequestTimeout, ErrorCode.ConnectionClosed].includes(error.code);
  // The SDK's word for a revision in the answer to `initialize` that it does not know.
  return error instanceof Error && /protocol version is not supported/.test(error.message);
}
