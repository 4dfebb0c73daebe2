import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { t } from '../text/text.ts';

type Trouble = 'unknownName' | 'refused' | 'slow' | 'certificate' | 'other';

/** Codes of Node, of undici and of TLS for a connection that did not come about, or broke. */
const codes: [RegExp, Trouble][] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'unknownName'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(ETIMEDOUT|UND_ERR_\w+_TIMEOUT)$/, 'slow'],
  [/CERT|SELF_SIGNED|^UNABLE_TO_/, 'certificate'],
  [/^(ECONN|EHOST|ENET|EPIPE|EPROTO|ERR_SSL_|ERR_TLS_|UND_ERR_)/, 'other'],
];

/** The sentence for an address that could not be reached; undefined when the error says nothing of that. */
export function unreachable(error: unknown, address: string): string | undefined {
  const trouble = troubleOf(error);
  return trouble && t('doctor.unreachable', { address: new URL(address).origin, trouble });
}

function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined;
  // A request that was given up for its time: by discord.js, and by the SDK of MCP.
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'slow';
  if (error instanceof McpError && error.code === ErrorCode.RequestTimeout) return 'slow';
  const code = 'code' in error ? String(error.code) : '';
  const known = codes.find(([pattern]) => pattern.test(code))?.[1];
  if (known) return known;
  // Of an address with several machines each one's error.
  const others = error instanceof AggregateError ? error.errors : [];
  return [error.cause, ...others].map(troubleOf).find(Boolean);
}
