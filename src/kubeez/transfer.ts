import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Downloads } from './download.ts';
import { headBytes } from './keptFiles.ts';

/** A file on the web that is to be uploaded to Kubeez. */
export interface Transferred {
  url: string;
  name: string;
}

/** The platform takes uploads up to 500 MB a file (kubeez.com/docs/rest-api-model-requirements). */
const maxFile = 500 * 1024 * 1024;
const timeLimit = 600_000;

/** Uploads files to an upload session as streams: no file is ever held in memory as a whole. */
export class Transfers {
  readonly #downloads: Downloads;

  /** @param downloads knows which addresses may be talked to */
  constructor(downloads: Downloads) {
    this.#downloads = downloads;
  }

  /**
   * Posts files, in this order, to a session's direct address; each part bears its true type, for the platform refuses
   * any other. Gives whether the platform has them all. Never throws.
   */
  async send(address: string, token: string, files: Transferred[]): Promise<boolean> {
    const rules = this.#downloads.rulesFor(address);
    if (!rules) return false;
    const boundary = `kubeez-${randomUUID()}`;
    const signal = AbortSignal.timeout(timeLimit);
    const url = new URL(address);
    const post = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = post(url, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      signal,
      ...rules,
    });
    const status = new Promise<number>((resolve, reject) => {
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
    });
    try {
      const [answered] = await Promise.all([
        status,
        pipeline(Readable.from(this.#parts(boundary, token, files, signal)), request),
      ]);
      return answered >= 200 && answered < 300;
    } catch {
      return false;
    }
  }

  async *#parts(boundary: string, token: string, files: Transferred[], signal: AbortSignal): AsyncGenerator<Buffer> {
    yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="token"\r\n\r\n${token}\r\n`);
    for (const { url, name } of files) {
      // As slow as the upload: a download's own limit would be too short.
      const opened = await this.#downloads.open(url, { signal });
      if (!opened.ok) throw new Error('A file could not be read');
      yield* part(boundary, name, opened.body);
    }
    yield Buffer.from(`--${boundary}--\r\n`);
  }
}

async function* part(boundary: string, name: string, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let bytes = 0;
  let isHeadSent = false;
  const begin = async () => {
    isHeadSent = true;
    const { fileTypeFromBuffer } = await import('./fileType.ts');
    const type = await fileTypeFromBuffer(head);
    if (!type) throw new Error('A file of an unknown type');
    const fileName = name.replace(/["\r\n\\]/g, '_');
    const header = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${fileName}"\r\ncontent-type: ${type.mime}\r\n\r\n`;
    return Buffer.concat([Buffer.from(header), head]);
  };
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > maxFile) throw new Error('A file that is too large');
    if (isHeadSent) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length >= headBytes) yield await begin();
  }
  if (!isHeadSent) yield await begin();
  yield Buffer.from('\r\n');
}
