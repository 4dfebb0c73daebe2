import { Client, Events, Routes } from 'discord.js';

/** What everything is compared with: a bot that registers one command and only replies. */
const client = new Client({ intents: [], rest: { api: String(process.env.DISCORD_API_URL) } });
client.on(Events.InteractionCreate, (interaction) => {
  if (interaction.isChatInputCommand()) void interaction.reply({ content: 'Here.', withResponse: true });
});
client.once(Events.ClientReady, async () => {
  const body = [
    { name: 'image', description: 'Replies', options: [{ type: 3, name: 'prompt', description: 'Anything' }] },
  ];
  await client.rest.put(Routes.applicationCommands(String(client.application?.id)), { body });
});
await client.login(String(process.env.DISCORD_TOKEN));
