import { get as httpGet, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { fileTypeFromBuffer } from 'file-type';
import { isPublicAddress, publicLookup } from './publicAddress.ts';

export type Download =
  | { ok: true; data: Buffer; mime: string; extension: string }
  /** `tooLarge`: more than was allowed; `unavailable`: try later; `refused`: not an address to download from. */
  | { ok: false; why: 'tooLarge' | 'unavailable' | 'refused' };

export type Opened = { ok: true; response: IncomingMessage } | { ok: false; why: 'unavailable' | 'refused' };

const timeLimit = 120_000;
const redirectsMost = 3;
/** Somebody waits for a price while the first bytes of a file are read. */
const headTimeLimit = 2000;
/** Bytes in which a file shows its type. */
const headBytes = 4100;

/** Fetches results of the platform: public https only, or the configured origins; bounded in size and time. */
export class Downloads {
  readonly #origins: ReadonlySet<string>;
  readonly #timeLimit: number;
  readonly #headTimeLimit: number;
  readonly #lookup: LookupFunction;

  /**
   * @param origins extra origins (`KUBEEZ_MEDIA_ORIGINS`)
   * @param waitFactor by how much a file is waited for longer than usual; less than 1: shorter
   * @param resolve resolves names; the system's resolver, except in tests
   */
  constructor(origins: string[], waitFactor = 1, resolve?: LookupFunction) {
    this.#origins = new Set(origins);
    this.#timeLimit = timeLimit * waitFactor;
    this.#headTimeLimit = headTimeLimit * waitFactor;
    this.#lookup = publicLookup(resolve);
  }

  /** Reads a file of at most `maxBytes`. Its type is told from its bytes, not from what the server says. Never throws. */
  async fetch(address: string, maxBytes: number): Promise<Download> {
    const opened = await this.open(address);
    if (!opened.ok) return opened;
    try {
      return await read(opened.response, maxBytes);
    } catch {
      return { ok: false, why: 'unavailable' };
    } finally {
      opened.response.destroy();
    }
  }

  /**
   * Tells a file's MIME type from its first bytes: null when they fit none, undefined when they do not come within two
   * seconds. Never throws.
   */
  async typeOf(address: string): Promise<string | null | undefined> {
    const opened = await this.open(address, {
      headers: { range: `bytes=0-${headBytes - 1}` },
      signal: AbortSignal.timeout(this.#headTimeLimit),
    });
    if (!opened.ok) return undefined;
    try {
      return (await fileTypeFromBuffer(await readHead(opened.response)))?.mime ?? null;
    } catch {
      return undefined;
    } finally {
      opened.response.destroy();
    }
  }

  /** Begins to read a file, wherever its address leads; whoever gets the stream must read or destroy it. Never throws. */
  async open(address: string, options: RequestOptions = {}): Promise<Opened> {
    let url = address;
    for (let hop = 0; hop <= redirectsMost; hop++) {
      const answer = await this.#once(url, options);
      if (!answer.ok) return answer;
      const { statusCode = 0, headers } = answer.response;
      if (statusCode === 200 || statusCode === 206) return answer;
      answer.response.destroy();
      if (statusCode < 300 || statusCode >= 400 || !headers.location) return { ok: false, why: 'unavailable' };
      url = new URL(headers.location, url).href;
    }
    return { ok: false, why: 'refused' };
  }

  /** How an address may be talked to; undefined when it may not. */
  rulesFor(address: string): { lookup?: LookupFunction } | undefined {
    const url = new URL(address);
    if (this.#origins.has(url.origin)) return {};
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    const isRefused = isIP(literal) !== 0 && !isPublicAddress(literal);
    return url.protocol === 'https:' && !isRefused ? { lookup: this.#lookup } : undefined;
  }

  #once(address: string, options: RequestOptions): Promise<Opened> {
    const rules = this.rulesFor(address);
    if (!rules) return Promise.resolve({ ok: false, why: 'refused' });
    const get = address.startsWith('https:') ? httpsGet : httpGet;
    return new Promise((resolve) => {
      const request = get(
        address,
        { signal: AbortSignal.timeout(this.#timeLimit), ...options, ...rules },
        (response) => {
          // Without a listener a connection that breaks while nobody reads would end the process.
          response.on('error', () => request.destroy());
          resolve({ ok: true, response });
        },
      );
      request.on('error', () => resolve({ ok: false, why: 'unavailable' }));
    });
  }
}

/** The first bytes of a file; a server may ignore that only they were asked for. */
async function readHead(response: IncomingMessage): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const piece of response) {
    head = Buffer.concat([head, piece]);
    if (head.length >= headBytes) break;
  }
  return head;
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Download> {
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  if (length > maxBytes) return { ok: false, why: 'tooLarge' };
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    bytes += piece.length;
    if (bytes > maxBytes) return { ok: false, why: 'tooLarge' };
    pieces.push(piece);
  }
  if (length >= 0 && bytes !== length) return { ok: false, why: 'unavailable' };
  const data = Buffer.concat(pieces);
  const type = await fileTypeFromBuffer(data);
  // An error page in place of a file: the CDN has not got it yet.
  if (!type || !/^(image|video|audio)\//.test(type.mime)) return { ok: false, why: 'unavailable' };
  return { ok: true, data, mime: type.mime, extension: type.ext };
}
