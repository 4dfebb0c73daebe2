import { get as httpGet, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { decoded, type FileAnswer, isEncoded } from './contentEncoding.ts';
import { headBytes, type Keep, TooLarge } from './keptFiles.ts';
import { linkTo } from './links.ts';
import { isPublicAddress, publicLookup } from './publicAddress.ts';

export type Download<File> =
  | { ok: true; file: File; mime: string; extension: string }
  /**
   * `tooLarge`: more than was allowed; `unavailable`: try later; `unknownType`: neither picture, clip nor sound;
   * `refused`: not an address to download from.
   */
  | { ok: false; why: 'tooLarge' | 'unavailable' | 'unknownType' | 'refused' };

/** `body`: the bytes of the file, already decompressed. */
export type Opened = { ok: true; response: FileAnswer; body: Readable } | { ok: false; why: 'unavailable' | 'refused' };

/** `response` may also be any stream with the status and headers of an answer. */
export type Answered = { ok: true; response: FileAnswer } | { ok: false; why: 'unavailable' | 'refused' };

const timeLimit = 120_000;
const maxRedirects = 3;
/** How long reading the first bytes may take: somebody waits for a price meanwhile. */
const headTimeLimit = 2000;

/** Some hosts answer 403 to requests without a user agent. */
const headers = {
  'user-agent': 'kubeez-discord (a bot that brings results to Discord)',
  accept: '*/*',
  'accept-encoding': 'identity',
};

/** Fetches results of the platform: public https only, or the configured origins; bounded in size and time. */
export class Downloads {
  readonly #origins: ReadonlySet<string>;
  readonly #timeLimit: number;
  readonly #headTimeLimit: number;
  readonly #lookup: LookupFunction;
  readonly #ask: Ask;

  /**
   * @param origins extra origins (`KUBEEZ_MEDIA_ORIGINS`)
   * @param waitFactor by how much a file is waited for longer than usual; less than 1: shorter
   * @param resolve resolves names; the system's resolver, except in tests
   * @param ask asks for a file, once; over the network, except in the simulator
   */
  constructor(origins: string[], waitFactor = 1, resolve?: LookupFunction, ask: Ask = overNetwork) {
    this.#origins = new Set(origins);
    this.#timeLimit = timeLimit * waitFactor;
    this.#headTimeLimit = headTimeLimit * waitFactor;
    this.#lookup = publicLookup(resolve);
    this.#ask = ask;
  }

  /**
   * Reads a file of at most `maxBytes`. Its type is told from its bytes, not from what the server says. Never throws.
   *
   * @param keep where its bytes are kept
   */
  async fetch<File extends Buffer | Blob>(
    address: string,
    maxBytes: number,
    keep: Keep<File>,
  ): Promise<Download<File>> {
    const opened = await this.open(address);
    if (!opened.ok) return opened;
    try {
      return await read(opened.response, opened.body, maxBytes, keep);
    } catch (error) {
      return { ok: false, why: error instanceof TooLarge ? 'tooLarge' : 'unavailable' };
    } finally {
      opened.body.destroy();
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
      const head = await readHead(opened.body);
      const { fileTypeFromBuffer } = await import('./fileType.ts');
      return (await fileTypeFromBuffer(head))?.mime ?? null;
    } catch {
      return undefined;
    } finally {
      opened.body.destroy();
      opened.response.destroy();
    }
  }

  /** Begins to read a file, wherever its address leads; whoever gets the body must read or destroy it. Never throws. */
  async open(
    address: string,
    options: Pick<RequestOptions, 'signal'> & { headers?: { range: string } } = {},
  ): Promise<Opened> {
    let url = readUrl(address);
    for (let hop = 0; url && hop <= maxRedirects; hop++) {
      const answer = await this.#once(url, options);
      if (!answer.ok) return answer;
      const { response } = answer;
      const { statusCode = 0, headers } = response;
      // Part of a file is good only for whoever asked for a part.
      const isGood = statusCode === 200 || (statusCode === 206 && options.headers !== undefined);
      const body = isGood ? decoded(response) : undefined;
      // It may break before anybody reads it: without a listener that would end the process.
      body?.on('error', () => {});
      if (body) return { ok: true, response, body };
      response.destroy();
      if (statusCode < 300 || statusCode >= 400 || !headers.location) return { ok: false, why: 'unavailable' };
      // An address that cannot be read may be mended by the next try, unlike one that may not be asked.
      if (!URL.canParse(headers.location, url)) return { ok: false, why: 'unavailable' };
      url = new URL(headers.location, url);
    }
    return { ok: false, why: 'refused' };
  }

  /** How an address may be talked to; undefined when it may not. */
  rulesFor(address: string | URL): { lookup?: LookupFunction } | undefined {
    const url = readUrl(address);
    if (!url || !/^https?:$/.test(url.protocol)) return undefined;
    if (this.#origins.has(url.origin)) return {};
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    const isRefused = isIP(literal) !== 0 && !isPublicAddress(literal);
    return url.protocol === 'https:' && !isRefused ? { lookup: this.#lookup } : undefined;
  }

  /** A result's address as a message may link to it; undefined when it may not. */
  linkTo(address: string): string | undefined {
    return linkTo(address, this.#origins);
  }

  #once(url: URL, options: RequestOptions): Promise<Answered> {
    const rules = this.rulesFor(url);
    if (!rules) return Promise.resolve({ ok: false, why: 'refused' });
    const settings = { signal: AbortSignal.timeout(this.#timeLimit), ...options, ...rules };
    return this.#ask(url, { ...settings, headers: { ...headers, ...options.headers } });
  }
}

type Ask = (url: URL, options: RequestOptions) => Promise<Answered>;

const overNetwork: Ask = (url, options) => {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  return new Promise((resolve) => {
    const request = get(url, options, (response) => {
      // Without a listener a connection that breaks while nobody reads would end the process.
      response.on('error', () => request.destroy());
      resolve({ ok: true, response });
    });
    request.on('error', () => resolve({ ok: false, why: 'unavailable' }));
  });
};

const readUrl = (address: string | URL): URL | undefined => (URL.canParse(address) ? new URL(address) : undefined);

/** The first bytes of a file; a server may send all of it although only these were asked for. */
async function readHead(body: Readable): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const piece of body) {
    head = Buffer.concat([head, piece]);
    if (head.length >= headBytes) break;
  }
  return head;
}

async function read<File extends Buffer | Blob>(
  response: FileAnswer,
  body: Readable,
  maxBytes: number,
  keep: Keep<File>,
): Promise<Download<File>> {
  // Of a compressed body it would be another length; what is cut short there does not decode.
  const length = isEncoded(response) ? Number.NaN : Number(response.headers['content-length'] ?? Number.NaN);
  if (length > maxBytes) return { ok: false, why: 'tooLarge' };
  const { file, bytes, head } = await keep(body, maxBytes);
  if (length >= 0 && bytes !== length) return { ok: false, why: 'unavailable' };
  // A web page in its place means that the host does not have it yet.
  if (bytes === 0 || isPage(head)) return { ok: false, why: 'unavailable' };
  const type = (await typeIn(head)) ?? (bytes > head.length ? await typeIn(file) : undefined);
  if (type && /^(image|video|audio)\//.test(type.mime)) return { ok: true, file, mime: type.mime, extension: type.ext };
  return { ok: false, why: 'unknownType' };
}

/** The type of a file; of some, such as TIFF, only the whole of it tells. */
async function typeIn(file: Buffer | Blob) {
  const { fileTypeFromBlob, fileTypeFromBuffer } = await import('./fileType.ts');
  return (file instanceof Blob ? fileTypeFromBlob(file) : fileTypeFromBuffer(file)).catch(() => undefined);
}

const isPage = (data: Buffer) =>
  /^\s*(<!doctype|<html|<\?xml|<h\d|<error|\{|\[)/i.test(data.toString('latin1', 0, 200));
