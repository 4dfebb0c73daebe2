import type { Rules } from '../src/guilds/settings.ts';

/** The rules of a server that has set none. */
export const noRules: Rules = {
  channels: [],
  roles: [],
  kinds: {},
  maxFlows: null,
  cooldown: 0,
  pressers: [],
  viewers: [],
  mentions: true,
  models: {},
  aspects: {},
  options: {},
  logChannel: null,
  language: null,
  retention: null,
  ownAccounts: false,
};
