import { Agent, fetch as fetchOver } from 'undici';
import { readJson } from './json.ts';
import { inStrictForm, requestIn } from './messages.ts';

/** The longest wait that a server may ask for, in milliseconds. */
const maxPause = 5 * 60_000;
/** How long the server has to accept a connection, in milliseconds. */
export const connectTimeout = 15_000;
/** The limit for everything that is not an MCP request (a notification, the addresses of a sign-in). Milliseconds. */
const otherTimeout = 30_000;
/** An answer, or one event of a stream, has at most so many bytes; a catalogue has some hundred thousand. */
const maxBytes = 16 * 1024 * 1024;

/** As the web's `fetch`, as far as it is used here. */
export type Fetch = (address: string | URL, request: RequestInit) => Promise<Response>;

/** Tokens that expire. Both functions throw KubeezError: `unauthorized` when the account is no longer let in. */
export interface TokenSource {
  token(): Promise<string>;
  /** The token to use in place of one that was refused. */
  renew(refused: string): Promise<string>;
}

/** How an account signs in: with a token of its own, or with tokens that are renewed. */
export type SignIn = { token: string } | { tokens: TokenSource };

interface Settings {
  signIn: SignIn;
  /** The time, in milliseconds since 1970. */
  now(): number;
  /** Whether a connection is held open on which the server tells of changes. */
  isListening: boolean;
  /** By how much everything is waited for longer than usual; less than 1: shorter. */
  waitFactor?: number;
  /** The sockets to use; its own when left out. Accounts share them, because most are silent most of the time. */
  sockets?: Agent;
  /** How requests go out; over the network when left out. */
  fetch?: Fetch | undefined;
}

/**
 * Sockets without a time limit of their own for an answer (the caller has one), and `waitFactor` times 15 seconds for a
 * connection.
 */
export const createSockets = (waitFactor: number) =>
  // Node's own fetch gives up after 300 seconds without headers or data; a paid call may be answered later. How long a
  // call is waited for is decided where it is made: its session is closed after that, which ends its request as well.
  new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectTimeout * waitFactor } });

/** The HTTP under MCP: waits when the server asks for it (429 with Retry-After). */
export class Http {
  readonly #settings: Settings;
  readonly #fetch: Fetch;
  readonly #otherTimeout: number;
  #closedUntil = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { waitFactor = 1, sockets = createSockets(waitFactor) } = settings;
    this.#otherTimeout = otherTimeout * waitFactor;
    this.#fetch = settings.fetch ?? overNetwork(sockets);
  }

  /** Whether the server wants to be left alone. */
  get isClosed(): boolean {
    return this.#settings.now() < this.#closedUntil;
  }

  async fetch(address: string | URL, request: RequestInit = {}): Promise<Response> {
    // Who does not listen is told in the server's place that there is nothing to listen to, so that nothing is kept open.
    if (!this.#settings.isListening && asksToListen(request)) return new Response(null, { status: 405 });
    const { signIn } = this.#settings;
    if ('token' in signIn) return this.#answered(address, signIn.token, request);
    const token = await signIn.tokens.token();
    const response = await this.#answered(address, token, request);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    return this.#answered(address, await signIn.tokens.renew(token), request);
  }

  async #answered(address: string | URL, token: string, request: RequestInit): Promise<Response> {
    const asked = requestIn(request.body);
    const isTimedElsewhere = asked !== undefined || asksForEvents(request);
    const response = await this.#send(address, token, request, isTimedElsewhere);
    if (response.status === 429) this.#closedUntil = this.#settings.now() + pauseOf(response.headers);
    return isTimedElsewhere ? readable(response, asked) : response;
  }

  async #send(
    address: string | URL,
    token: string,
    request: RequestInit,
    isTimedElsewhere: boolean,
  ): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${token}`);
    const signals = [
      ...(request.signal ? [request.signal] : []),
      ...(isTimedElsewhere ? [] : [AbortSignal.timeout(this.#otherTimeout)]),
    ];
    const { method = 'GET', body = null, redirect = 'follow' } = request;
    // A signal made of others is kept by Node for as long as they live, with everything that listens to it.
    const signal = signals.length > 1 ? AbortSignal.any(signals) : (signals[0] ?? null);
    return this.#fetch(address, { method, headers, body, redirect, signal });
  }
}

const overNetwork =
  (sockets: Agent): Fetch =>
  async (address, { method = 'GET', headers, body = null, redirect = 'follow', signal = null }) => {
    if (body !== null && typeof body !== 'string' && !(body instanceof URLSearchParams))
      throw new TypeError('Only text is sent to Kubeez');
    const response = await fetchOver(address, {
      method,
      headers: [...new Headers(headers)],
      body,
      redirect,
      signal,
      dispatcher: sockets,
    });
    const { status, statusText } = response;
    // It is Node's own stream: only its declarations by Node and by the browsers' library differ.
    return new Response(response.body as ReadableStream<Uint8Array> | null, {
      status,
      statusText,
      headers: [...response.headers],
    });
  };

const asksForEvents = (request: RequestInit) =>
  request.method === 'GET' && new Headers(request.headers).get('accept') === 'text/event-stream';

const serverTime = (headers: Headers) => Date.parse(headers.get('date') ?? '') || Date.now();

/**
 * Whether a request opens the stream for notifications; with the id of an event it asks for the rest of an answer
 * instead.
 */
const asksToListen = (request: RequestInit) =>
  asksForEvents(request) && !new Headers(request.headers).has('last-event-id');

/** Milliseconds that a refusal asks to wait for: Retry-After in seconds or as a date of the server's clock (RFC 9110). */
export function pauseOf(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - serverTime(headers);
  return Number.isNaN(pause) ? 0 : Math.min(maxPause, Math.max(0, pause));
}

/** An answer whose messages the MCP SDK can read. */
async function readable(response: Response, asked: string | number | undefined): Promise<Response> {
  const { status, body } = response;
  if (!response.ok || body === null || status === 202) return response;
  const headers = new Headers(response.headers);
  // The body is written anew, and was unpacked already.
  for (const name of ['content-length', 'content-encoding']) headers.delete(name);
  const type = headers.get('content-type') ?? '';
  if (/^text\/event-stream/i.test(type)) return new Response(readableEvents(body, asked), { status, headers });
  const text = await textOf(body);
  const message = readJson(text);
  if (message === undefined) return new Response(text, { status, headers });
  headers.set('content-type', 'application/json');
  const strict = inStrictForm(message, asked);
  // Where events were asked for, a body is read that ends.
  return asked === undefined
    ? new Response(JSON.stringify(strict), { status, headers })
    : new ReadAnswer(strict, { status, headers });
}

/** An answer whose message was read already: it is not written as text only to be read once more. */
class ReadAnswer extends Response {
  readonly #message: unknown;

  constructor(message: unknown, init: ResponseInit) {
    super(null, init);
    this.#message = message;
  }

  override async json(): Promise<unknown> {
    return this.#message;
  }

  override async text(): Promise<string> {
    return JSON.stringify(this.#message);
  }
}

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const reader = body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    bytes += piece.value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw new Error('An answer of Kubeez is too long to be read');
    }
    text += decoder.decode(piece.value, { stream: true });
  }
  return text + decoder.decode();
}

/** The events of a stream, each passed on as soon as it is whole. */
function readableEvents(body: ReadableStream<Uint8Array>, asked: string | number | undefined): ReadableStream {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        rest += decoder.decode(piece, { stream: true });
        const events = rest.split(/\r?\n\r?\n/);
        rest = events.pop() ?? '';
        if (rest.length > maxBytes) return controller.error(new Error('An event of Kubeez is too long to be read'));
        for (const event of events) controller.enqueue(encoder.encode(`${readableEvent(event, asked)}\n\n`));
      },
      flush: (controller) => controller.enqueue(encoder.encode(rest)),
    }),
  );
}

function readableEvent(event: string, asked: string | number | undefined): string {
  const lines = event.split(/\r?\n/);
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice('data:'.length));
  const message = data.length === 0 ? undefined : readJson(data.join('\n'));
  if (message === undefined) return event;
  const others = lines.filter((line) => !line.startsWith('data:'));
  return [...others, `data: ${JSON.stringify(inStrictForm(message, asked))}`].join('\n');
}
