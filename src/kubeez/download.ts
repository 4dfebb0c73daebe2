import { lookup as dnsLookup } from 'node:dns';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { fileTypeFromBuffer } from 'file-type';

export type Download =
  | { ok: true; data: Buffer; mime: string; extension: string }
  /** `tooLarge`: more than was allowed; `unavailable`: try later; `refused`: not an address to download from. */
  | { ok: false; why: 'tooLarge' | 'unavailable' | 'refused' };

const timeLimit = 120_000;
const redirectsMost = 3;

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  privateNetworks.addSubnet(network, bits);
}
privateNetworks.addAddress('::', 'ipv6');
privateNetworks.addAddress('::1', 'ipv6');
privateNetworks.addSubnet('fc00::', 7, 'ipv6');
privateNetworks.addSubnet('fe80::', 10, 'ipv6');
privateNetworks.addSubnet('ff00::', 8, 'ipv6');
privateNetworks.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Fetches results of the platform: public https only, or the configured origins; bounded in size and time. */
export class Downloads {
  readonly #origins: ReadonlySet<string>;

  /** @param origins extra origins (`KUBEEZ_MEDIA_ORIGINS`) */
  constructor(origins: string[]) {
    this.#origins = new Set(origins);
  }

  /** Reads a file of at most `maxBytes`. Its type is told from its bytes, not from what the server says. Never throws. */
  async fetch(address: string, maxBytes: number): Promise<Download> {
    let url = address;
    for (let hop = 0; hop <= redirectsMost; hop++) {
      const answer = await this.#once(url, maxBytes);
      if (!('redirect' in answer)) return answer;
      url = new URL(answer.redirect, url).href;
    }
    return { ok: false, why: 'refused' };
  }

  #once(address: string, maxBytes: number): Promise<Download | { redirect: string }> {
    const url = new URL(address);
    const isTrusted = this.#origins.has(url.origin);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    const isPrivate = isIP(literal) !== 0 && isPrivateAddress(literal);
    if (!isTrusted && (url.protocol !== 'https:' || isPrivate)) return Promise.resolve({ ok: false, why: 'refused' });
    const get = url.protocol === 'https:' ? httpsGet : httpGet;
    const lookup = isTrusted ? {} : { lookup: publicLookup };
    return new Promise((resolve) => {
      const unavailable = () => resolve({ ok: false, why: 'unavailable' });
      const request = get(url, { signal: AbortSignal.timeout(timeLimit), ...lookup }, (response) => {
        read(response, maxBytes)
          .then(resolve, unavailable)
          .finally(() => request.destroy());
      });
      request.on('error', unavailable);
    });
  }
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Download | { redirect: string }> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400 && response.headers.location) return { redirect: response.headers.location };
  if (status !== 200) return { ok: false, why: 'unavailable' };
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

const isPrivateAddress = (address: string) => privateNetworks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Resolves a name and refuses private networks in the same breath, so that the answer cannot change in between. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, options, (error, address, family) => {
    const addresses = Array.isArray(address) ? address.map((one) => one.address) : [address];
    const isBad = !error && addresses.some(isPrivateAddress);
    callback(isBad ? Object.assign(new Error('a private address'), { code: 'EACCES' }) : error, address, family);
  });
};
