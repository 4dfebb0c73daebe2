import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** An answer as far as a download needs it. */
export type FileAnswer = Readable & Pick<IncomingMessage, 'statusCode' | 'headers'>;

/** The most encodings applied one over the other; one is usual. */
const maxLayers = 2;

/**
 * The body of an answer as it was before the server compressed it, which some do although nobody asked for it;
 * undefined for an encoding that is not known. Whoever gets the stream must read or destroy it.
 */
export function decoded(response: FileAnswer): Readable | undefined {
  const names = encodingsOf(response);
  if (names.length > maxLayers) return undefined;
  let body: Readable = response;
  for (const name of names.reverse()) {
    const next = withoutEncoding(name, body);
    if (!next) return undefined;
    body = next;
  }
  return body;
}

/** Whether the bytes on the way are those of the file. */
export const isEncoded = (response: FileAnswer): boolean => encodingsOf(response).length > 0;

/** The encodings, in the order in which they were applied (RFC 9110, 8.4). */
function encodingsOf({ headers }: FileAnswer): string[] {
  const names = (headers['content-encoding'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '' && name !== 'identity' && name !== 'none');
}

function withoutEncoding(name: string, body: Readable): Readable | undefined {
  // The callback keeps an error from being thrown; the reader meets it in the stream itself.
  const through = (decoder: ReturnType<typeof createGunzip>) => pipeline(body, decoder, () => {});
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return through(createGunzip());
    case 'br':
      return through(createBrotliDecompress());
    case 'deflate':
      return inflated(body);
    default:
      return undefined;
  }
}

/** `deflate` should mean zlib's format, but some servers send the bare one: the first byte tells them apart. */
function inflated(body: Readable): Readable {
  const result = new PassThrough();
  const endEmpty = () => result.end();
  body.once('error', (error) => result.destroy(error));
  body.once('end', endEmpty);
  body.once('data', (first: Buffer) => {
    body.pause();
    body.off('end', endEmpty);
    body.unshift(first);
    const isBare = ((first[0] ?? 0) & 0x0f) !== 8;
    pipeline(body, isBare ? createInflateRaw() : createInflate(), result, () => {});
  });
  return result;
}
