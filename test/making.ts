import type { Message } from '../playground/discord/world.ts';
import { idIn, labels, messageOf, type TestStage, textOf } from './stage.ts';

/** What tests do that need something that was made before. */
export function makingOn(stage: TestStage) {
  /** Makes something, all the way to its files. */
  async function made(name: string, values: Parameters<typeof stage.ada.command>[2]): Promise<Message> {
    const card = messageOf(await stage.ada.command(stage.channel, name, values));
    await confirmed(card);
    const isSaved = (line: string) => line.includes('"to":"delivered"') && line.includes(idIn(card));
    await stage.discord.world.until(() => stage.log.some(isSaved), 'the record');
    return card;
  }

  async function confirmed(card: Message): Promise<Message> {
    const { world } = stage.discord;
    await world.until(() => labels(card).some((label) => label.startsWith('Confirm')), 'a price');
    await stage.discord
      .person(world.user(card.author === world.bot.id ? ownerOf(card) : card.author))
      .press(card, 'Confirm');
    await world
      .until(() => textOf(card).includes('✅'), 'the result')
      .catch(() => {
        throw new Error(`No result: ${textOf(card)}`);
      });
    return card;
  }

  const ownerOf = (card: Message) => /<@(\d+)>/.exec(textOf(card).split('\n')[2] ?? '')?.[1] ?? stage.ada.user.id;

  /** The newest card, other than these. */
  const newCard = (...known: Message[]) =>
    stage.message((message) => message.embeds.length > 0 && !known.some(({ id }) => id === message.id));

  return { made, confirmed, newCard };
}
