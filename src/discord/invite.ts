import { OAuth2Scopes, PermissionFlagsBits } from 'discord.js';
import { everywhere } from './permissions.ts';

// In this order: the log takes “bot” with a long word after it for a token, and blanks it.
const scopes = [OAuth2Scopes.ApplicationsCommands, OAuth2Scopes.Bot];
const permissions = everywhere.reduce((all, name) => all | PermissionFlagsBits[name], 0n);

/**
 * The link by which whoever manages a server invites the bot, with the permissions it needs and no others.
 *
 * @param application the application's id
 */
export function inviteLink(application: string): string {
  const query = new URLSearchParams({
    client_id: application,
    scope: scopes.join(' '),
    permissions: String(permissions),
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}
