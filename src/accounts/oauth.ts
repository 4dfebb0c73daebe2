import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js';
import {
  type OAuthClientInformationMixed,
  OAuthClientInformationSchema,
  type OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import type { TokenSource } from '../kubeez/http.ts';
import { locales } from '../text/languages.ts';
import { clientMetadata } from './clientMetadata.ts';
import { ClientRegistration } from './clientRegistration.ts';
import type { AccountRecords } from './records.ts';
import { Renewals } from './renewal.ts';

/** A sign-in must be finished within this. */
const pendingFor = 15 * 60_000;
const timeLimit = 10_000;

const askedSchema = z.object({
  guild: z.string(),
  guildName: z.string(),
  user: z.string(),
  userName: z.string(),
  /** For a person's own account; else for the server's. */
  isOwn: z.boolean().default(false),
  /** In which they are told the result. */
  language: z.enum(locales).default('en').catch('en'),
  /** The private answer to /connect, which is told the result. */
  reply: z.object({ application: z.string(), token: z.string(), until: z.number() }),
});

const pendingSchema = askedSchema.extend({
  verifier: z.string(),
  client: OAuthClientInformationSchema.loose(),
  /** The server that was asked, as it names itself. Sign-ins that an earlier version began do not have it. */
  issuer: z.string().optional(),
  /** Whether its answers name it (RFC 9207). */
  namesItself: z.boolean().default(false),
  /** Once the browser has come back: what it brought, and the two secrets that prove who confirms. */
  arrival: z.object({ code: z.string(), form: z.string(), cookie: z.string() }).optional(),
});

const namingSchema = z.object({ authorization_response_iss_parameter_supported: z.boolean().optional() });

/** Who asked for a sign-in, and where. */
export type Asked = z.infer<typeof askedSchema>;

/** Proves that whoever confirms has seen the page in the same browser. */
export interface Proof {
  form: string;
  cookie: string;
}

/** What a finished sign-in was for. */
export interface Granted {
  tokens: OAuthTokens;
  client: OAuthClientInformationMixed;
}

interface Settings {
  records: AccountRecords;
  serverUrl: string;
  /** Where the person's browser comes back to. */
  callback: string;
  /** Where the bot says who it is; undefined where it does not. */
  document: string | undefined;
  now(): number;
}

/**
 * Signing in with Kubeez by OAuth, through the MCP SDK: it discovers the server, names the bot by the address of its document
 * or registers it as a client, and uses PKCE. Each sign-in has a state of its own, bound to the person and server that asked,
 * used once, and only after whoever signed in has confirmed it.
 */
export class OAuth {
  readonly #settings: Settings;
  readonly #registration: ClientRegistration;
  readonly #renewals: Renewals;
  /** States that are being used up at this moment. */
  readonly #claimed = new Set<string>();

  constructor(settings: Settings) {
    const { records, serverUrl, document, now } = settings;
    this.#settings = settings;
    this.#registration = new ClientRegistration(records, document);
    this.#renewals = new Renewals({ records, serverUrl, now, registration: this.#registration });
  }

  /** Begins a sign-in; gives the address to send the person to. Throws when the server cannot be asked. */
  async begin(asked: Asked): Promise<string> {
    const state = randomBytes(32).toString('base64url');
    let begun = await this.#authorization(state);
    // It may refuse the document, and then a registration that it has forgotten.
    for (let tries = 0; tries < 2 && (await this.#isRefused(begun)); tries++) {
      await this.#registration.drop(begun.client.client_id);
      begun = await this.#authorization(state);
    }
    const { address, ...rest } = begun;
    await this.#settings.records.keep(`state:${state}`, { ...asked, ...rest }, pendingFor);
    return address;
  }

  /** The browser has come back: who asked, and what the page must send to confirm. Undefined: unknown, used or too old. */
  async arrive(state: string, code: string): Promise<{ asked: Asked; proof: Proof } | undefined> {
    const pending = await this.#pending(state);
    if (!pending) return undefined;
    const proof = { form: randomBytes(32).toString('base64url'), cookie: randomBytes(32).toString('base64url') };
    // A second arrival takes the place of the first: only the page that was shown last can confirm.
    await this.#settings.records.keep(`state:${state}`, { ...pending, arrival: { code, ...proof } }, pendingFor);
    return { asked: pending, proof };
  }

  /**
   * Uses up a sign-in whose page was answered; `grant` then gets its tokens, and throws when the server does not give
   * them. Undefined: unknown, used, too old, or answered by somebody who has not seen the page.
   */
  async confirm(state: string, proof: Proof): Promise<{ asked: Asked; grant(): Promise<Granted> } | undefined> {
    if (this.#claimed.has(state)) return undefined;
    this.#claimed.add(state);
    try {
      const pending = await this.#pending(state);
      const arrival = pending?.arrival;
      if (!arrival || !isSame(arrival.form, proof.form) || !isSame(arrival.cookie, proof.cookie)) return undefined;
      await this.#settings.records.drop(`state:${state}`);
      return { asked: pending, grant: () => this.#grant(pending.verifier, pending.client, arrival.code) };
    } finally {
      this.#claimed.delete(state);
    }
  }

  /** The permission was not given: ends the sign-in and gives who asked. */
  async decline(state: string): Promise<Asked | undefined> {
    const pending = await this.#pending(state);
    if (pending) await this.#settings.records.drop(`state:${state}`);
    return pending;
  }

  /**
   * Ends a sign-in whose answer does not come from the server that was asked (RFC 9207), and gives who asked. Undefined: there
   * is nothing against the answer, or no such sign-in.
   *
   * @param issuer whom the answer names; null where it names nobody
   */
  async refuseOther(state: string, issuer: string | null): Promise<Asked | undefined> {
    const pending = await this.#pending(state);
    if (!pending?.issuer) return undefined;
    // To the letter: what is only alike may be somebody else's.
    const isRight = issuer === null ? !pending.namesItself : issuer === pending.issuer;
    return isRight ? undefined : this.decline(state);
  }

  /** For a connection: the tokens of an account, renewed when they have expired. */
  signIn(account: string): TokenSource {
    return this.#renewals.of(account);
  }

  /** Tells the server that a grant is over (RFC 7009), where it has an address for that. Never throws. */
  async revoke(tokens: OAuthTokens, client?: OAuthClientInformationMixed): Promise<void> {
    try {
      const origin = new URL(this.#settings.serverUrl).origin;
      const found = await fetch(`${origin}/.well-known/oauth-authorization-server`, {
        signal: AbortSignal.timeout(timeLimit),
      });
      const { revocation_endpoint } = z.object({ revocation_endpoint: z.url().optional() }).parse(await found.json());
      const registered = client ?? (await this.#registration.current());
      if (!revocation_endpoint || !registered) return;
      const body = new URLSearchParams({
        token: tokens.refresh_token ?? tokens.access_token,
        client_id: registered.client_id,
      });
      await fetch(revocation_endpoint, { method: 'POST', body, signal: AbortSignal.timeout(timeLimit) });
    } catch {
      // The tokens are forgotten here either way.
    }
  }

  async #pending(state: string): Promise<z.infer<typeof pendingSchema> | undefined> {
    if (!/^[\w-]{20,80}$/.test(state)) return undefined;
    return this.#settings.records.kept(`state:${state}`, pendingSchema);
  }

  async #authorization(state: string) {
    let address = '';
    let verifier = '';
    let server = { issuer: '', namesItself: false, takesDocuments: false };
    let client: OAuthClientInformationMixed | undefined;
    const document = await this.#registration.document();
    const provider = this.#provider({
      ...(document === undefined ? {} : { clientMetadataUrl: document }),
      state: () => state,
      saveDiscoveryState: (found) => {
        server = serverOf(found);
      },
      // Where it is given none, the SDK takes the document, or registers.
      clientInformation: async () => {
        if (document === undefined || !server.takesDocuments) client = await this.#registration.current();
        return client;
      },
      saveClientInformation: (given) => {
        client = given;
        return this.#registration.keep(given);
      },
      redirectToAuthorization: (url) => {
        address = url.href;
      },
      saveCodeVerifier: (code) => {
        verifier = code;
      },
    });
    const { auth } = await import('./mcpAuth.ts');
    await auth(provider, { serverUrl: this.#settings.serverUrl });
    if (address === '' || server.issuer === '' || !client) throw new Error('The server asked for no sign-in');
    const { issuer, namesItself } = server;
    return { address, verifier, client, issuer, namesItself };
  }

  /**
   * Whether the sign-in page refuses the bot, as it does when the server has forgotten its registration, or cannot read its
   * document: then a person would see an error there and never come back. Asked with another state, so that nothing of the
   * sign-in is used.
   */
  async #isRefused({ address, client }: { address: string; client: OAuthClientInformationMixed }): Promise<boolean> {
    const probe = new URL(address);
    probe.searchParams.set('state', 'probe');
    const asked = fetch(probe, { redirect: 'manual', signal: AbortSignal.timeout(timeLimit) });
    // With a document any trouble counts, such as a server that waits for it in vain: to register in its place does no harm.
    const isDocument = client.client_id === this.#settings.document;
    const answer = await (isDocument ? asked.catch(() => undefined) : asked);
    await answer?.body?.cancel();
    return answer === undefined || (isDocument ? answer.status >= 400 : [400, 401].includes(answer.status));
  }

  async #grant(verifier: string, client: OAuthClientInformationMixed, code: string): Promise<Granted> {
    let tokens: OAuthTokens | undefined;
    const provider = this.#provider({
      clientInformation: () => client,
      invalidateCredentials: async (what) => {
        if (what === 'all') await this.#registration.drop(client.client_id);
      },
      codeVerifier: () => verifier,
      saveTokens: (granted) => {
        tokens = granted;
      },
    });
    const { auth } = await import('./mcpAuth.ts');
    await auth(provider, { serverUrl: this.#settings.serverUrl, authorizationCode: code });
    if (!tokens) throw new Error('The server gave no tokens');
    return { tokens, client };
  }

  #provider(own: Pick<OAuthClientProvider, 'clientInformation'> & Partial<OAuthClientProvider>): OAuthClientProvider {
    const { callback } = this.#settings;
    return {
      redirectUrl: callback,
      clientMetadata: clientMetadata(callback),
      tokens: () => undefined,
      saveTokens: () => {},
      redirectToAuthorization: () => {},
      saveCodeVerifier: () => {},
      codeVerifier: () => '',
      ...own,
    };
  }
}

/** Who the server is by its own word; one that says nothing of itself is called by its address. */
function serverOf({ authorizationServerUrl, authorizationServerMetadata: said }: OAuthDiscoveryState) {
  const { data } = namingSchema.safeParse(said);
  return {
    issuer: said?.issuer ?? authorizationServerUrl,
    namesItself: data?.authorization_response_iss_parameter_supported ?? false,
    takesDocuments: said?.client_id_metadata_document_supported ?? false,
  };
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
