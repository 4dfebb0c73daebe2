import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { resultSchema } from './result.ts';
import { clientInfo, type Wire, type WireSettings } from './wire.ts';

/** One for all sessions: each client would make its own, which takes 2 ms and is never used, because zod reads the answers. */
const jsonSchemaValidator = new AjvJsonSchemaValidator();

/**
 * Opens a session (MCP up to 2025-11-25: `initialize`, a session's id, changes over a GET stream).
 *
 * @throws as {@link Wire.request}
 */
export async function openSession({ url, fetch, log, timeout, onToolsChanged }: WireSettings): Promise<Wire> {
  const client = new Client(clientInfo, { jsonSchemaValidator });
  client.onerror = (err) => log.debug({ err }, 'Kubeez connection');
  client.setNotificationHandler(ToolListChangedNotificationSchema, onToolsChanged);
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: (address, request) => fetch(address, request ?? {}),
  });
  try {
    // The SDK's transport declares its optional members without `| undefined`, which our compiler settings tell apart.
    await client.connect(transport as Parameters<Client['connect']>[0], { timeout });
  } catch (error) {
    await client.close().catch(() => undefined);
    throw error;
  }
  return {
    about: {
      name: client.getServerVersion()?.name ?? '',
      version: client.getServerVersion()?.version ?? '',
      protocol: transport.protocolVersion ?? '',
      hasSession: transport.sessionId !== undefined,
      tellsOfTools: client.getServerCapabilities()?.tools?.listChanged === true,
    },
    request: (method, params, limit) => client.request({ method, params }, resultSchema, { timeout: limit }),
    close: () => client.close(),
  };
}
