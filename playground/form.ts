import type { Request } from 'express';

/** Reads a multipart body that `express.raw` has collected; undefined when it is not one. */
export async function formOf(request: Request): Promise<FormData | undefined> {
  const bytes: unknown = request.body;
  const type = request.headers['content-type'] ?? '';
  if (!Buffer.isBuffer(bytes) || !type.startsWith('multipart/form-data')) return undefined;
  return new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
}
