import { InvalidClientError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import type { OAuthClientInformationFull } from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';

/** Bytes that a document may have, and milliseconds that it may take. */
const [maxSize, timeLimit] = [5 * 1024, 5_000];

/** A client that has no secret, because whatever is in its document is public. */
const documentSchema = z
  .looseObject({
    client_id: z.string(),
    client_name: z.string().min(1),
    redirect_uris: z.array(z.url()).min(1),
    grant_types: z.array(z.string()).refine((types) => types.includes('authorization_code')),
    response_types: z.array(z.string()).refine((types) => types.includes('code')),
    token_endpoint_auth_method: z.literal('none'),
  })
  .refine((document) => !('client_secret' in document || 'client_secret_expires_at' in document));

/**
 * Clients whose id is the https address of a document about them (draft-ietf-oauth-client-id-metadata-document). Each is read
 * anew whenever its client asks for something, so that whatever becomes of it shows at once.
 */
export class ClientDocuments {
  /** Where origins lead, as a proxy with TLS before them would lead there; all others are asked themselves. */
  readonly leadsTo = new Map<string, string>();
  /** How many were asked for. */
  asked = 0;

  /** What a client says of itself. Throws InvalidClientError where a strict server would not go by it. */
  async read(id: string): Promise<OAuthClientInformationFull> {
    this.asked++;
    const url = new URL(id);
    const { protocol, origin, pathname, search, hash, username, password, href } = url;
    // Written differently from what it comes to, an address may have dots in its path.
    if (protocol !== 'https:' || pathname === '/' || hash || username || password || href !== id)
      throw new InvalidClientError('That address names no client');
    const address = `${this.leadsTo.get(origin) ?? origin}${pathname}${search}`;
    const text = await load(address).catch((error) => {
      throw new InvalidClientError(`The document of the client cannot be read: ${error}`);
    });
    const document = documentSchema.safeParse(parsed(text));
    if (!document.success) throw new InvalidClientError('The document does not describe a client');
    if (document.data.client_id !== id) throw new InvalidClientError('The document is about another client');
    return document.data;
  }
}

/** A document as text. Throws when it is redirected, too large, or not said to be JSON. */
async function load(address: string): Promise<string> {
  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeLimit) });
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/.test(answer.headers.get('content-type') ?? ''))
    throw new Error('not JSON');
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.length;
    if (size > maxSize) throw new Error('too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
