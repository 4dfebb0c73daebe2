import { randomBytes } from 'node:crypto';
import { auth, type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import {
  type OAuthClientInformationMixed,
  OAuthClientInformationSchema,
  type OAuthTokens,
  OAuthTokensSchema,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import type { AccountRecords } from './records.ts';

/** A sign-in must be finished within this. */
const pendingFor = 15 * 60_000;

const pendingSchema = z.object({ guild: z.string(), user: z.string(), verifier: z.string() });

/** What a finished sign-in was for. */
export interface Granted {
  guild: string;
  user: string;
  tokens: OAuthTokens;
}

/**
 * Signing in with Kubeez by OAuth, through the MCP SDK: it discovers the server, registers the bot as a client, and uses
 * PKCE. Each sign-in has a state of its own, bound to the person and server that asked, used once.
 */
export class OAuth {
  readonly #records: AccountRecords;
  readonly #serverUrl: string;
  readonly #callback: string;

  /** @param callback where the person's browser comes back to */
  constructor(records: AccountRecords, serverUrl: string, callback: string) {
    this.#records = records;
    this.#serverUrl = serverUrl;
    this.#callback = callback;
  }

  /** Begins a sign-in; gives the address to send the person to. Throws when the server cannot be asked. */
  async begin(guild: string, user: string): Promise<string> {
    const state = randomBytes(32).toString('base64url');
    let address = '';
    let verifier = '';
    const provider = this.#provider({
      state: () => state,
      redirectToAuthorization: (url) => {
        address = url.href;
      },
      saveCodeVerifier: (code) => {
        verifier = code;
      },
    });
    await auth(provider, { serverUrl: this.#serverUrl });
    if (address === '') throw new Error('The server asked for no sign-in');
    await this.#records.keep(`state:${state}`, { guild, user, verifier }, pendingFor);
    return address;
  }

  /** Ends a sign-in with what the browser brought back; undefined when the state is unknown, used up or too old. */
  async finish(state: string, code: string): Promise<Granted | undefined> {
    if (!/^[\w-]{20,80}$/.test(state)) return undefined;
    const pending = await this.#records.kept(`state:${state}`, pendingSchema);
    if (!pending) return undefined;
    await this.#records.drop(`state:${state}`);
    let granted: OAuthTokens | undefined;
    const provider = this.#provider({
      codeVerifier: () => pending.verifier,
      saveTokens: (tokens) => {
        granted = tokens;
      },
    });
    await auth(provider, { serverUrl: this.#serverUrl, authorizationCode: code });
    return granted && { guild: pending.guild, user: pending.user, tokens: granted };
  }

  /** For a connection: hands out the tokens of a server's account, and keeps them when they were renewed. */
  signIn(guild: string): OAuthClientProvider {
    return this.#provider({
      tokens: async () => {
        const secret = (await this.#records.load(guild))?.secret;
        return secret && 'oauth' in secret ? OAuthTokensSchema.parse(secret.oauth) : undefined;
      },
      saveTokens: async (tokens) => {
        const record = await this.#records.load(guild);
        if (record) await this.#records.save(guild, { ...record, secret: { oauth: tokens } });
      },
    });
  }

  /** Tells the server that a grant is over (RFC 7009), where it has an address for that. Never throws. */
  async revoke(tokens: OAuthTokens): Promise<void> {
    try {
      const origin = new URL(this.#serverUrl).origin;
      const found = await fetch(`${origin}/.well-known/oauth-authorization-server`, {
        signal: AbortSignal.timeout(10_000),
      });
      const { revocation_endpoint } = z.object({ revocation_endpoint: z.url().optional() }).parse(await found.json());
      const client = await this.#client();
      if (!revocation_endpoint || !client) return;
      const body = new URLSearchParams({
        token: tokens.refresh_token ?? tokens.access_token,
        client_id: client.client_id,
      });
      await fetch(revocation_endpoint, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
    } catch {
      // The tokens are forgotten here either way.
    }
  }

  async #client(): Promise<OAuthClientInformationMixed | undefined> {
    return this.#records.kept(clientKey, OAuthClientInformationSchema.loose());
  }

  #provider(own: Partial<OAuthClientProvider>): OAuthClientProvider {
    return {
      redirectUrl: this.#callback,
      clientMetadata: {
        client_name: 'Kubeez for Discord',
        redirect_uris: [this.#callback],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
      clientInformation: () => this.#client(),
      saveClientInformation: (client) => this.#records.keep(clientKey, client),
      tokens: () => undefined,
      saveTokens: () => {},
      redirectToAuthorization: () => {
        // Nobody sits before a connection of the bot's: whoever connected the account has to do it again.
        throw new UnauthorizedError('A new sign-in is needed');
      },
      saveCodeVerifier: () => {},
      codeVerifier: () => '',
      ...own,
    };
  }
}

/** The bot's registration with the server: one for all who connect. */
const clientKey = 'oauth-client';
