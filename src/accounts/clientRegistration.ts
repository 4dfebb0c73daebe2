import {
  type OAuthClientInformationMixed,
  OAuthClientInformationSchema,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import type { AccountRecords } from './records.ts';

const key = 'oauth-client';

/** The bot's registration with the sign-in server: one for all who connect, until the server forgets it. */
export class ClientRegistration {
  readonly #records: AccountRecords;

  constructor(records: AccountRecords) {
    this.#records = records;
  }

  current(): Promise<OAuthClientInformationMixed | undefined> {
    return this.#records.kept(key, OAuthClientInformationSchema.loose());
  }

  keep(client: OAuthClientInformationMixed): Promise<void> {
    return this.#records.keep(key, client);
  }

  /** Forgets a registration that the server no longer knows; the next sign-in makes another. */
  async drop(clientId: string): Promise<void> {
    if ((await this.current())?.client_id === clientId) await this.#records.drop(key);
  }
}
