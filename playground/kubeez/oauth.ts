import { randomBytes } from 'node:crypto';
import { InvalidGrantError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import type { OAuthServerProvider } from '@modelcontextprotocol/sdk/server/auth/provider.js';
import { mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import type { OAuthClientInformationFull } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { RequestHandler } from 'express';
import type { Platform } from './platform.ts';

interface Grant {
  client: string;
  challenge: string;
  redirect: string;
  state: string;
}

/**
 * Sign-in with Kubeez as OAuth 2.1 has it, through the MCP SDK's own router: discovery, dynamic registration, PKCE, short
 * tokens that can be renewed, revocation. Whoever says yes gets an account of their own.
 */
export class OAuthServer {
  readonly #open: () => Platform;
  readonly #accounts: Map<string, Platform>;
  readonly #clients = new Map<string, OAuthClientInformationFull>();
  readonly #codes = new Map<string, Grant>();
  readonly #refresh = new Map<string, Platform>();
  /** How often a token was renewed, and how many were revoked. */
  renewed = 0;
  revoked = 0;

  /**
   * @param open makes an account
   * @param accounts accounts by the tokens that open them
   */
  constructor(open: () => Platform, accounts: Map<string, Platform>) {
    this.#open = open;
    this.#accounts = accounts;
  }

  /** Makes every access token of a sign-in expire: it has to be renewed. */
  expireAll(): void {
    for (const key of this.#accounts.keys()) if (key.startsWith('oauth-')) this.#accounts.delete(key);
  }

  /** Ends every sign-in for good. */
  endAll(): void {
    this.expireAll();
    this.#refresh.clear();
  }

  /** The routes; made at the first request, because the address is known only then. */
  wellKnown(origin: () => string): RequestHandler {
    let router: RequestHandler | undefined;
    return (request, answer, next) => {
      router ??= mcpAuthRouter({
        provider: this.#provider(),
        issuerUrl: new URL(origin()),
        resourceServerUrl: new URL('/mcp', origin()),
        authorizationOptions: { rateLimit: false },
        tokenOptions: { rateLimit: false },
        clientRegistrationOptions: { rateLimit: false },
        revocationOptions: { rateLimit: false },
      });
      return router(request, answer, next);
    };
  }

  #provider(): OAuthServerProvider {
    const key = () => randomBytes(24).toString('base64url');
    const tokensFor = (account: Platform) => {
      const [access, refresh] = [`oauth-${key()}`, key()];
      this.#accounts.set(access, account);
      this.#refresh.set(refresh, account);
      return { access_token: access, token_type: 'bearer', expires_in: 3600, refresh_token: refresh };
    };
    const grantOf = (client: OAuthClientInformationFull, code: string) => {
      const grant = this.#codes.get(code);
      if (!grant || grant.client !== client.client_id) throw new InvalidGrantError('That grant is over');
      return grant;
    };
    return {
      clientsStore: {
        getClient: (id) => this.#clients.get(id),
        registerClient: (client) => {
          const full = { ...client, client_id: key(), client_id_issued_at: 0 };
          this.#clients.set(full.client_id, full);
          return full;
        },
      },
      authorize: async (client, { codeChallenge, redirectUri, state = '' }, answer) => {
        const code = key();
        this.#codes.set(code, { client: client.client_id, challenge: codeChallenge, redirect: redirectUri, state });
        const back = new URL(redirectUri);
        back.search = new URLSearchParams({ code, state }).toString();
        answer
          .type('html')
          .send(
            `<h1>Kubeez playground</h1><p>May this bot spend your credits?</p><a id="yes" href="${back.href.replaceAll('&', '&amp;')}">Yes</a>`,
          );
      },
      challengeForAuthorizationCode: async (client, code) => grantOf(client, code).challenge,
      exchangeAuthorizationCode: async (client, code) => {
        grantOf(client, code);
        this.#codes.delete(code);
        return tokensFor(this.#open());
      },
      exchangeRefreshToken: async (_, refresh) => {
        const account = this.#refresh.get(refresh);
        if (!account) throw new InvalidGrantError('That grant is over');
        this.#refresh.delete(refresh);
        this.renewed++;
        return tokensFor(account);
      },
      verifyAccessToken: async (token) => ({ token, clientId: '', scopes: [] }),
      revokeToken: async (_, { token }) => {
        this.#refresh.delete(token);
        this.#accounts.delete(token);
        this.revoked++;
      },
    };
  }
}
