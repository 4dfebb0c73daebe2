/** A server is left alone for this long at most, in milliseconds. */
const pauseMost = 5 * 60_000;

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
}

/** What goes over HTTP below MCP: who is asked to wait (429 with Retry-After) does. */
export class Http {
  readonly #settings: Settings;
  #closedUntil = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Whether the server wants to be left alone. */
  get isClosed(): boolean {
    return this.#settings.now() < this.#closedUntil;
  }

  async fetch(address: string | URL, request?: RequestInit): Promise<Response> {
    // Who does not listen is told in the server's place that there is nothing to listen to, so that nothing is kept open.
    if (!this.#settings.isListening && asksToListen(request)) return new Response(null, { status: 405 });
    const { signIn } = this.#settings;
    if ('token' in signIn) return this.#send(address, signIn.token, request);
    const token = await signIn.tokens.token();
    const response = await this.#send(address, token, request);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    return this.#send(address, await signIn.tokens.renew(token), request);
  }

  async #send(address: string | URL, token: string, request?: RequestInit): Promise<Response> {
    const headers = new Headers(request?.headers);
    headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(address, { ...request, headers });
    if (response.status === 429) this.#closedUntil = this.#settings.now() + pauseOf(response.headers);
    return response;
  }
}

/** Whether the server is asked to tell of changes; with the id of an event it is asked for the rest of an answer. */
function asksToListen(request?: RequestInit): boolean {
  const headers = new Headers(request?.headers);
  return request?.method === 'GET' && headers.get('accept') === 'text/event-stream' && !headers.has('last-event-id');
}

/** Milliseconds that a refusal asks to wait for: Retry-After in seconds or as a date (RFC 9110). */
export function pauseOf(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(pause) ? 0 : Math.min(pauseMost, Math.max(0, pause));
}
