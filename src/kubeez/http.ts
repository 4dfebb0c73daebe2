/** A server is left alone for this long at most, in milliseconds. */
const pauseMost = 5 * 60_000;

interface Settings {
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
    if (!this.#settings.isListening && asksForStream(request)) return new Response(null, { status: 405 });
    const response = await fetch(address, request);
    if (response.status === 429) this.#closedUntil = this.#settings.now() + pauseOf(response.headers);
    return response;
  }
}

const asksForStream = (request?: RequestInit) =>
  request?.method === 'GET' && new Headers(request.headers).get('accept') === 'text/event-stream';

/** Milliseconds that a refusal asks to wait for: Retry-After in seconds or as a date (RFC 9110). */
function pauseOf(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(pause) ? 0 : Math.min(pauseMost, Math.max(0, pause));
}
