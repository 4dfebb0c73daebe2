import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** A page for a browser. */
export interface Page {
  status: number;
  title: string;
  text: string;
}

interface Paths {
  /** Whether the bot is connected. */
  isWell(): boolean;
  /** Where a sign-in with Kubeez comes back to. */
  signedIn(query: URLSearchParams): Promise<Page>;
  clock: Clock;
  log: Logger;
}

/** Milliseconds until a port that is taken is tried again: the process before may still have it. */
const portRetry = 5_000;

/** Where a sign-in comes back to, after the bot's own address. */
export const callbackPath = '/oauth/callback';

/**
 * Answers `GET /health` for whoever watches over the process, and the browser that comes back from a sign-in. A port that
 * cannot be had is tried again: the rest of the bot does not need it.
 */
export function serveHttp(port: number, paths: Paths): { close(): void } {
  const { clock, log } = paths;
  const server = createServer((request, answer) => {
    void answered(request, answer, paths).catch(() => answer.destroy());
  });
  let cancel = () => {};
  let isTold = false;
  server.on('error', (err) => {
    if (!isTold) log.error({ err, port }, 'HTTP_PORT cannot be used: no health check and no sign-ins; trying again');
    isTold = true;
    cancel = clock.wakeAt(clock.now() + portRetry, () => server.listen(port));
  });
  server.on('listening', () => {
    if (isTold) log.info({ port }, 'HTTP_PORT can be used now');
    isTold = false;
  });
  server.listen(port);
  return {
    close() {
      cancel();
      server.close();
    },
  };
}

async function answered(request: IncomingMessage, answer: ServerResponse, { isWell, signedIn }: Paths): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local');
  if (request.method === 'GET' && url.pathname === callbackPath) {
    const { status, title, text } = await signedIn(url.searchParams);
    // Nothing of the address, which holds the code, is passed on or kept.
    answer
      .writeHead(status, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'",
      })
      .end(`<!doctype html><title>${escaped(title)}</title><h1>${escaped(title)}</h1><p>${escaped(text)}</p>`);
    return;
  }
  const status = url.pathname !== '/health' ? 404 : isWell() ? 200 : 503;
  answer.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ok\n' : 'no\n');
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '&quot;');
