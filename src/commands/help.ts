import { MessageFlags } from 'discord.js';
import { type Command, commandBase } from './command.ts';

const text = `**Kubeez for Discord** makes pictures, clips, music, speech and more, and never spends a credit you have not confirmed.

**Pictures and clips**: /image and /video from words, /edit and /animate from a picture of yours, /motion (a picture moves like a clip), /lipsync (a picture speaks a sound), /ad.
**Sound**: /music, /speech, /separate (voices and instruments apart). **Text**: /captions of a video.

1. Files can be attached to the command, or taken from a message (its menu → Apps). Without one an upload link comes by DM: it is for you alone.
2. The card shows the price and what will be left. **Confirm** spends it, **Cancel** costs nothing.
3. The result appears on the same card, even if the bot was restarted in between. Its buttons go on from there, for anybody in the channel.

/jobs shows what is running, /history what was made, /show brings a card back, /models what there is to choose from, /balance the credits.
Leave out \`model\` and the one most used here is taken. Type in \`model\` to search by name; price and usual time stand beside it.`;

export const help: Command = {
  data: {
    ...commandBase,
    name: 'help',
    description: 'What can be made here, how, and what it costs',
  },
  async execute(interaction) {
    await interaction.reply({ content: text, flags: MessageFlags.Ephemeral });
  },
};
