import type { OAuthClientMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';

/**
 * What the bot says of itself to a sign-in server (RFC 7591): a client without a secret.
 *
 * @param callback where browsers come back to
 */
export const clientMetadata = (callback: string): OAuthClientMetadata => ({
  client_name: 'Kubeez for Discord',
  redirect_uris: [callback],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
});

/** The same as a document whose address is the bot's client id (draft-ietf-oauth-client-id-metadata-document). */
export const clientDocument = (address: string, callback: string): string =>
  JSON.stringify({ client_id: address, ...clientMetadata(callback) });
