import { OAuthError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { type OAuthTokens, OAuthTokensSchema } from '@modelcontextprotocol/sdk/shared/auth.js';
import { KubeezError } from '../kubeez/errors.ts';
import { pauseOf, type TokenSource } from '../kubeez/http.ts';
import type { ClientRegistration } from './clientRegistration.ts';
import type { AccountRecord, AccountRecords } from './records.ts';

/** How long the server has to answer each request of a renewal, in milliseconds. */
const timeLimit = 15_000;

/** Errors with which a token endpoint says that the grant is over (RFC 6749, 5.2). All others may be temporary. */
const refusals = ['invalid_grant', 'invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'access_denied'];

interface Settings {
  records: AccountRecords;
  registration: ClientRegistration;
  serverUrl: string;
  /** The time, in milliseconds since 1970. */
  now(): number;
}

/** New tokens until they are stored: the old ones, which the store still has, can no longer be renewed. */
interface Unsaved {
  record: AccountRecord;
  tokens: OAuthTokens;
}

/**
 * Renews the tokens of accounts: one renewal at a time for each account, because a refresh token works only
 * once.
 */
export class Renewals {
  readonly #settings: Settings;
  readonly #underWay = new Map<string, Promise<string>>();
  readonly #unsaved = new Map<string, Unsaved>();
  /** The token endpoint has asked to be left alone until then (429 or 503 with Retry-After). */
  #closedUntil = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** What a connection signs in with for an account. Its functions throw KubeezError. */
  of(account: string): TokenSource {
    return {
      token: async () => (await this.#current(account)).tokens.access_token,
      renew: (refused) => {
        const known = this.#underWay.get(account);
        if (known) return known;
        const renewal = this.#renew(account, refused).finally(() => this.#underWay.delete(account));
        this.#underWay.set(account, renewal);
        return renewal;
      },
    };
  }

  async #current(account: string): Promise<Unsaved> {
    const record = await this.#settings.records.load(account);
    if (!record || !('oauth' in record.secret)) throw new KubeezError('unauthorized');
    const unsaved = this.#unsaved.get(account);
    if (unsaved?.record.at !== record.at) return { record, tokens: OAuthTokensSchema.parse(record.secret.oauth) };
    await this.#save(account, unsaved);
    return unsaved;
  }

  async #renew(account: string, refused: string): Promise<string> {
    const { record, tokens } = await this.#current(account);
    // Somebody else was refused at the same time, and has renewed it already.
    if (tokens.access_token !== refused) return tokens.access_token;
    if (!tokens.refresh_token) throw new KubeezError('unauthorized');
    if (this.#settings.now() < this.#closedUntil) throw new KubeezError('outage');
    const renewed = {
      record,
      tokens: await this.#ask(account, record, { ...tokens, refresh_token: tokens.refresh_token }),
    };
    this.#unsaved.set(account, renewed);
    await this.#save(account, renewed);
    return renewed.tokens.access_token;
  }

  async #ask(
    account: string,
    record: AccountRecord,
    tokens: OAuthTokens & { refresh_token: string },
  ): Promise<OAuthTokens> {
    const { registration, serverUrl, records } = this.#settings;
    const clientInformation = ('oauth' in record.secret && record.secret.client) || (await registration.current());
    if (!clientInformation) throw new KubeezError('unauthorized');
    const fetchFn = (address: string | URL, request?: RequestInit) => this.#fetch(address, request);
    const { discoverOAuthServerInfo, refreshAuthorization } = await import('./mcpAuth.ts');
    try {
      const found = await discoverOAuthServerInfo(serverUrl, { fetchFn });
      const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = found;
      // Found only in part, or another server by now: the refresh token is for nobody but the one who gave it.
      if (tokens.issuer !== undefined && tokens.issuer !== String(authorizationServerUrl))
        throw new KubeezError('outage');
      const renewed = await refreshAuthorization(authorizationServerUrl, {
        ...(metadata ? { metadata } : {}),
        ...(resourceMetadata ? { resource: resourceMetadata.resource } : {}),
        clientInformation,
        refreshToken: tokens.refresh_token,
        fetchFn,
      });
      return { ...renewed, ...(tokens.issuer === undefined ? {} : { issuer: tokens.issuer }) };
    } catch (error) {
      if (error instanceof KubeezError) throw error;
      if (!(error instanceof OAuthError) || !refusals.includes(error.errorCode))
        throw new KubeezError('outage', '', error);
      // A process that is just being replaced may have renewed it.
      const now = await records.load(account);
      if (now && 'oauth' in now.secret && now.secret.oauth.access_token !== tokens.access_token)
        return OAuthTokensSchema.parse(now.secret.oauth);
      if (error.errorCode.endsWith('_client')) await registration.drop(clientInformation.client_id);
      throw new KubeezError('unauthorized', '', error);
    }
  }

  async #fetch(address: string | URL, request?: RequestInit): Promise<Response> {
    const response = await fetch(address, { ...request, signal: AbortSignal.timeout(timeLimit) });
    if (response.status === 429 || response.status === 503)
      this.#closedUntil = this.#settings.now() + pauseOf(response.headers);
    return response;
  }

  async #save(account: string, { record, tokens }: Unsaved): Promise<void> {
    await this.#settings.records.change(account, record.at, { secret: { ...record.secret, oauth: tokens } });
    this.#unsaved.delete(account);
  }
}
