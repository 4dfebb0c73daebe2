import { randomBytes } from 'node:crypto';
import { InvalidGrantError, UnauthorizedClientError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import type { OAuthServerProvider } from '@modelcontextprotocol/sdk/server/auth/provider.js';
import { createOAuthMetadata, mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import type { OAuthClientInformationFull } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { RequestHandler } from 'express';
import { ClientDocuments } from './clientDocuments.ts';
import type { Platform } from './platform.ts';

/** What a code may be exchanged for. */
interface Consent {
  client: string;
  challenge: string;
  redirect: string;
  state: string;
}

/** One sign-in: every token that was ever made for it, of which only the newest to refresh may be used. */
interface Grant {
  account: Platform;
  client: string;
  access: string[];
  refresh: string;
  isOver: boolean;
}

/**
 * Sign-in with Kubeez as OAuth 2.1 has it, through the MCP SDK's own router: discovery, clients that register or are the
 * address of a document, PKCE, short tokens that can be renewed once each, revocation. Its answers name it. A token to refresh that is used a second time ends its
 * sign-in, and only the client it was made for may use it. Whoever says yes gets an account of their own.
 */
export class OAuthServer {
  readonly #open: () => Platform;
  readonly #accounts: Map<string, Platform>;
  readonly #clients = new Map<string, OAuthClientInformationFull>();
  readonly #codes = new Map<string, Consent>();
  /** Sign-ins by every token to refresh they ever had. */
  readonly #grants = new Map<string, Grant>();
  /** How often a token was renewed, and how many were revoked. */
  renewed = 0;
  revoked = 0;
  /** How many sign-ins ended because a token was used a second time, and how many clients registered. */
  replayed = 0;
  registered = 0;
  /** How often tokens were asked for, with a code or anew. */
  asked = 0;
  /** What clients say of themselves at their addresses. */
  readonly documents = new ClientDocuments();
  readonly settings = {
    /** Whether a client may be the address of a document about it, and whether it may register. */
    takesDocuments: true,
    registers: true,
    /** Whether the server says that its answers name it (RFC 9207). */
    saysItNamesItself: true,
    /** What its answers name as their issuer, if anything. */
    issuerIn: (own: string): string | undefined => own,
  };

  /**
   * @param open makes an account
   * @param accounts accounts by the tokens that open them
   */
  constructor(open: () => Platform, accounts: Map<string, Platform>) {
    this.#open = open;
    this.#accounts = accounts;
  }

  /** The accounts that were opened by a sign-in. */
  accounts(): Platform[] {
    return [...new Set([...this.#grants.values()].map(({ account }) => account))];
  }

  /** Makes every access token of a sign-in expire: it has to be renewed. */
  expireAll(): void {
    for (const key of this.#accounts.keys()) if (key.startsWith('oauth-')) this.#accounts.delete(key);
  }

  /** Ends every sign-in for good. */
  endAll(): void {
    this.expireAll();
    this.#grants.clear();
  }

  /** Forgets every client, as a server does that cleans up; sign-ins of a forgotten client cannot be renewed. */
  forgetClients(): void {
    this.#clients.clear();
  }

  #end(grant: Grant): void {
    grant.isOver = true;
    for (const token of grant.access) this.#accounts.delete(token);
  }

  /** The routes; made at the first request, because the address is known only then. */
  wellKnown(origin: () => string): RequestHandler {
    let router: RequestHandler | undefined;
    return (request, answer, next) => {
      const options = {
        provider: this.#provider(origin),
        issuerUrl: new URL(origin()),
        resourceServerUrl: new URL('/mcp', origin()),
        authorizationOptions: { rateLimit: false as const },
        tokenOptions: { rateLimit: false as const },
        clientRegistrationOptions: { rateLimit: false as const },
        revocationOptions: { rateLimit: false as const },
      };
      if (request.path === '/token') this.asked++;
      if (request.path === '/.well-known/oauth-authorization-server')
        return answer.json({
          ...createOAuthMetadata(options),
          ...(this.settings.registers ? {} : { registration_endpoint: undefined }),
          client_id_metadata_document_supported: this.settings.takesDocuments,
          authorization_response_iss_parameter_supported: this.settings.saysItNamesItself,
        });
      if (request.path === '/register' && !this.settings.registers) return answer.status(404).end();
      router ??= mcpAuthRouter(options);
      return router(request, answer, next);
    };
  }

  #provider(origin: () => string): OAuthServerProvider {
    const key = () => randomBytes(24).toString('base64url');
    const tokensFor = (grant: Grant) => {
      const [access, refresh] = [`oauth-${key()}`, key()];
      this.#accounts.set(access, grant.account);
      this.#grants.set(refresh, grant);
      grant.access.push(access);
      grant.refresh = refresh;
      return { access_token: access, token_type: 'bearer', expires_in: 3600, refresh_token: refresh };
    };
    const consentTo = (client: OAuthClientInformationFull, code: string) => {
      const consent = this.#codes.get(code);
      if (!consent || consent.client !== client.client_id) throw new InvalidGrantError('That grant is over');
      return consent;
    };
    return {
      clientsStore: {
        getClient: (id) =>
          this.settings.takesDocuments && id.startsWith('http') ? this.documents.read(id) : this.#clients.get(id),
        registerClient: (client) => {
          const full = { ...client, client_id: key(), client_id_issued_at: 0 };
          this.#clients.set(full.client_id, full);
          this.registered++;
          return full;
        },
      },
      authorize: async (client, { codeChallenge, redirectUri, state = '' }, answer) => {
        const code = key();
        this.#codes.set(code, { client: client.client_id, challenge: codeChallenge, redirect: redirectUri, state });
        const issuer = this.settings.issuerIn(new URL(origin()).href);
        const back = (said: Record<string, string>) => {
          const address = new URL(redirectUri);
          address.search = new URLSearchParams({
            ...said,
            state,
            ...(issuer === undefined ? {} : { iss: issuer }),
          }).toString();
          return address.href.replaceAll('&', '&amp;');
        };
        answer
          .type('html')
          .send(
            `<h1>Kubeez playground</h1><p>May this bot spend your credits?</p><a id="yes" href="${back({ code })}">Yes</a> <a id="no" href="${back({ error: 'access_denied' })}">No</a>`,
          );
      },
      challengeForAuthorizationCode: async (client, code) => consentTo(client, code).challenge,
      exchangeAuthorizationCode: async (client, code) => {
        consentTo(client, code);
        this.#codes.delete(code);
        return tokensFor({ account: this.#open(), client: client.client_id, access: [], refresh: '', isOver: false });
      },
      exchangeRefreshToken: async (client, refresh) => {
        if (!client.grant_types?.includes('refresh_token')) throw new UnauthorizedClientError('It may not renew');
        const grant = this.#grants.get(refresh);
        if (!grant || grant.isOver || grant.client !== client.client_id)
          throw new InvalidGrantError('That grant is over');
        if (grant.refresh !== refresh) {
          this.replayed++;
          this.#end(grant);
          throw new InvalidGrantError('That token was used before');
        }
        this.renewed++;
        return tokensFor(grant);
      },
      verifyAccessToken: async (token) => ({ token, clientId: '', scopes: [] }),
      revokeToken: async (_, { token }) => {
        const grant = this.#grants.get(token);
        if (grant) this.#end(grant);
        this.#accounts.delete(token);
        this.revoked++;
      },
    };
  }
}
