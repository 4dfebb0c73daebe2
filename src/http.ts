import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Answer, Page } from './accounts/signIn.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { nearest } from './text/languages.ts';
import { speaking, spokenLanguage, t } from './text/text.ts';

interface Settings {
  /** Whether browsers reach the bot by https. */
  isHttps: boolean;
  /** Who the bot is to a sign-in server; undefined where it does not say so. */
  clientDocument: string | undefined;
  clock: Clock;
  log: Logger;
}

/** What is behind the paths, once the bot has made its parts. */
export interface Pages {
  /** Whether the bot is connected. */
  isWell(): boolean;
  /** Why the bot cannot do its work right now, in one word; undefined while it can. */
  obstacle(): Promise<string | undefined>;
  /** What it tells of itself, in the form in which Prometheus reads it. */
  metrics(): Promise<string>;
  /** Where a sign-in with Kubeez comes back to. */
  arrived(query: URLSearchParams): Promise<Page>;
  /** A button of its page was pressed. */
  answered(answer: Answer): Promise<Page>;
}

/** The bot's port. */
export interface Http {
  /**
   * What is behind the paths from now on; undefined while nothing is: then it says that it is alive, and not ready. A spare
   * is ready: all it has to do is to wait.
   */
  show(pages: Pages | 'spare' | undefined): void;
  close(): void;
}

/** Milliseconds until a port that is taken is tried again: the process before may still have it. */
const portRetry = 5_000;

/** Where a sign-in comes back to, after the bot's own address. */
const callbackPath = '/oauth/callback';
/** Where the bot says who it is to a sign-in server. */
const documentPath = '/oauth/client.json';

/**
 * Both as they are reached from outside. There is no document without https: sign-in servers would not take it.
 *
 * @param publicUrl where browsers reach the bot
 */
export function signInAddresses(publicUrl: string): { callback: string; document: string | undefined } {
  const callback = new URL(callbackPath, publicUrl);
  const document = callback.protocol === 'https:' ? new URL(documentPath, callback).href : undefined;
  return { callback: callback.href, document };
}

const cookieName = 'kubeez-sign-in';
/** Bytes that the page's form may send. */
const maxBody = 4096;

/**
 * Answers whoever watches over the process (`GET /healthz`, `/readyz`, `/metrics`, and `/health` as ever), a sign-in server
 * that asks who the bot is, and the browser that comes back from a sign-in. A port that cannot be had is tried again: the
 * rest of the bot does not need it.
 */
export function serveHttp(port: number, { isHttps, clientDocument, clock, log }: Settings): Http {
  let pages: Pages | 'spare' | undefined;
  const server = createServer((request, response) => {
    if (clientDocument !== undefined && request.url === documentPath) return showDocument(clientDocument, response);
    const language = nearest(request.headers['accept-language']) ?? 'en';
    void speaking(language, () => respond(request, response, pages, isHttps)).catch(() => response.destroy());
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
    show(shown) {
      pages = shown;
    },
    close() {
      cancel();
      server.close();
    },
  };
}

/** For the sign-in server: also while another process acts, whose sign-ins it is asked about. */
function showDocument(document: string, response: ServerResponse): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' };
  response.writeHead(200, { ...headers, 'x-content-type-options': 'nosniff' }).end(document);
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  shown: Pages | 'spare' | undefined,
  isHttps: boolean,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local');
  const pages = shown === 'spare' ? undefined : shown;
  if (url.pathname === callbackPath && !pages) return refuse(response, 503);
  if (pages && url.pathname === callbackPath && request.method === 'GET') {
    return show(await pages.arrived(url.searchParams), isHttps, response);
  }
  if (pages && url.pathname === callbackPath && request.method === 'POST') {
    // No other page may press our button.
    if ((request.headers['sec-fetch-site'] ?? 'same-origin') !== 'same-origin') return refuse(response, 403);
    const body = await bodyOf(request);
    if (body === undefined) return refuse(response, 413);
    const [state, form, answer] = ['state', 'form', 'answer'].map((name) => body.get(name) ?? '');
    const given = { state: state ?? '', form: form ?? '', cookie: cookieOf(request), isYes: answer === 'yes' };
    return show(await pages.answered(given), isHttps, response);
  }
  const { status, text } = await watchedPage(url.pathname, shown);
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}

/** What is said to whoever watches over the process. */
async function watchedPage(
  path: string,
  shown: Pages | 'spare' | undefined,
): Promise<{ status: number; text: string }> {
  if (shown === 'spare' && ['/health', '/readyz'].includes(path)) return { status: 200, text: 'spare\n' };
  const pages = shown === 'spare' ? undefined : shown;
  switch (path) {
    case '/health':
      return pages?.isWell() ? { status: 200, text: 'ok\n' } : { status: 503, text: 'no\n' };
    case '/healthz':
      return { status: 200, text: 'ok\n' };
    case '/readyz': {
      const obstacle = pages ? await pages.obstacle() : 'starting';
      return obstacle === undefined ? { status: 200, text: 'ok\n' } : { status: 503, text: `${obstacle}\n` };
    }
    case '/metrics':
      return pages ? { status: 200, text: await pages.metrics() } : { status: 503, text: 'starting\n' };
    default:
      return { status: 404, text: 'no\n' };
  }
}

function show({ status, title, paragraphs, question }: Page, isHttps: boolean, response: ServerResponse): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      // Nothing of the address, which holds the code, is passed on or kept; nobody shows this page inside another.
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy':
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'unsafe-inline'",
      'x-frame-options': 'DENY',
      ...(question
        ? {
            'set-cookie': `${cookieName}=${question.cookie}; HttpOnly; SameSite=Strict; Path=${callbackPath}; Max-Age=900${isHttps ? '; Secure' : ''}`,
          }
        : {}),
    })
    .end(
      [
        `<!doctype html><html lang="${spokenLanguage()}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
        '<style>body{font:1rem/1.5 system-ui;max-width:36rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style>',
        `<title>${escaped(title)}</title><h1>${escaped(title)}</h1>`,
        ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
        ...(question ? [formFor(question)] : []),
      ].join('\n'),
    );
}

const formFor = ({ state, form }: { state: string; form: string }) =>
  `<form method="post" action="${callbackPath}"><input type="hidden" name="state" value="${escaped(state)}">` +
  `<input type="hidden" name="form" value="${escaped(form)}">` +
  `<button name="answer" value="yes">${escaped(t('button.connect'))}</button> ` +
  `<button name="answer" value="no">${escaped(t('button.doNotConnect'))}</button></form>`;

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end('no\n');
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let body = '';
  for await (const piece of request) {
    body += piece;
    if (body.length > maxBody) return undefined;
  }
  return new URLSearchParams(body);
}

function cookieOf(request: IncomingMessage): string {
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '&quot;');
