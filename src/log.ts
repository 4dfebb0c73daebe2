import { type DestinationStream, type Logger, pino } from 'pino';

import { Secrets } from './secrets.ts';
import { currentlyAbout, currentTrace, traceOf } from './trace.ts';

export type { Logger };

/** Names under which a secret could reach a log line; pino blanks them wherever they stand, three levels deep. */
const secrets = ['token', 'url', 'uploadUrl', 'authorization', 'Authorization', 'interactionToken', 'reply', 'upload'];

/**
 * Makes the one root logger: JSON lines, secrets and upload links blanked.
 *
 * @param known what else is blanked, wherever it stands in a line
 */
export function createLogger(level: string, destination?: DestinationStream, known = new Secrets()): Logger {
  const options = {
    level,
    hooks: { streamWrite: (line: string) => known.blank(line) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
    serializers: { err: describeError },
    mixin: traceIn,
  };
  // At once: what waits to be written when nobody reads any more (EPIPE) would keep the process from ending.
  return pino(options, destination ?? pino.destination({ dest: 1, sync: true }));
}

/** The trace of a line: that of the flow it names, otherwise that of the current work; and what that is about. */
function traceIn(line: object): object {
  const trace = 'flow' in line && typeof line.flow === 'string' ? traceOf(line.flow) : currentTrace();
  return { ...(trace === undefined ? {} : { trace }), ...currentlyAbout() };
}

/**
 * An error as a log line may show it: discord.js errors carry the request's address and body, which hold the
 * interaction's token and upload links, so only these parts are kept.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  const status = 'status' in error ? error.status : undefined;
  return {
    type: error.name,
    message: withoutLinks(error.message),
    code,
    status,
    stack: withoutLinks(error.stack ?? ''),
    cause: error.cause instanceof Error ? describeError(error.cause) : undefined,
  };
}

/** Blanks web addresses in a text: an upload link or an interaction's address is a key. */
function withoutLinks(text: string): string {
  return text.replace(/https?:\/\/[^\s"')]+/g, '[link]');
}
