import {
  type OAuthClientInformationMixed,
  OAuthClientInformationSchema,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import type { AccountRecords } from './records.ts';

const key = 'oauth-client';
const refusedKey = 'oauth-document-refused';

/** Milliseconds until a document that a server refused is offered again. */
const refusedFor = 60 * 60_000;

/**
 * Who the bot is to the sign-in server: the address of its document, which needs nothing else, or a registration, one for all
 * who connect, until the server forgets it.
 */
export class ClientRegistration {
  readonly #records: AccountRecords;
  readonly #document: string | undefined;

  /** @param document the address of the bot's document; undefined when it has none */
  constructor(records: AccountRecords, document: string | undefined) {
    this.#records = records;
    this.#document = document;
  }

  /** The registration; undefined when there is none. */
  current(): Promise<OAuthClientInformationMixed | undefined> {
    return this.#records.kept(key, OAuthClientInformationSchema.loose());
  }

  /** Keeps a registration. A document is kept by nobody but the bot itself. */
  async keep(client: OAuthClientInformationMixed): Promise<void> {
    if (client.client_id !== this.#document) await this.#records.keep(key, client);
  }

  /** The address of the bot's document; undefined when it has none, or a server has refused it within the last hour. */
  async document(): Promise<string | undefined> {
    const refused = await this.#records.kept(refusedKey, z.object({ address: z.string() }));
    return refused?.address === this.#document ? undefined : this.#document;
  }

  /** Notes that the server does not know the bot by this id: the next sign-in is made by another. */
  async drop(clientId: string): Promise<void> {
    if (clientId === this.#document) await this.#records.keep(refusedKey, { address: clientId }, refusedFor);
    else if ((await this.current())?.client_id === clientId) await this.#records.drop(key);
  }
}
