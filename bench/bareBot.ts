import { Client, Events, Routes } from 'discord.js';

/**
 * What everything is compared with: a bot that registers one command and only replies, with a message of the same
 * shape as ours, so that Discord's side has the same to do.
 */
const answer = {
  embeds: [{ title: 'Image', description: 'Here it would be, with some words about it.', footer: { text: '#1' } }],
  components: [{ type: 1, components: [{ type: 2, style: 2, label: 'Cancel', custom_id: 'cancel' }] }],
  withResponse: true,
} as const;

const client = new Client({ intents: [], rest: { api: String(process.env.DISCORD_API_URL) } });
client.on(Events.InteractionCreate, (interaction) => {
  if (interaction.isChatInputCommand()) void interaction.reply(answer);
});
client.once(Events.ClientReady, async () => {
  const body = [
    { name: 'image', description: 'Replies', options: [{ type: 3, name: 'prompt', description: 'Anything' }] },
  ];
  await client.rest.put(Routes.applicationCommands(String(client.application?.id)), { body });
});
await client.login(String(process.env.DISCORD_TOKEN));
