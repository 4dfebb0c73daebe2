import type { APIEmbed } from 'discord.js';
import { plainWords } from './markdown.ts';
import type { Place, Shown } from './protocol.ts';

/** As much as is read aloud at once. */
const longest = 300;

/** A message in one sentence, for whoever hears the page. */
export function spoken({ author, isThinking, content, embeds, attachments }: Shown): string {
  if (isThinking) return `${author.name} is thinking`;
  const files = attachments.map(({ description, filename }) =>
    filename.startsWith('SPOILER_') ? 'spoiler' : (description ?? filename),
  );
  const words = [plainWords(content), ...embeds.map(wordsOfEmbed), ...files].filter((part) => part !== '');
  return `${author.name}: ${words.join('. ').slice(0, longest)}`;
}

const wordsOfEmbed = ({ title = '', description = '' }: APIEmbed) =>
  [title, description].map(plainWords).filter(Boolean).join('. ');

/**
 * What is read aloud of what is new in a place: messages that came, and cards on which one can do something else than
 * before. A card's progress and its times change every second, and nobody wants to hear that.
 */
export function news(before: Shown[], after: Shown[]): string {
  const known = new Map(before.map((message) => [message.id, matter(message)]));
  return after
    .filter((message) => known.get(message.id) !== matter(message))
    .map(spoken)
    .join('\n');
}

const matter = ({ isThinking, content, rows, attachments }: Shown): string =>
  JSON.stringify([isThinking, content, rows.flat().map(({ label }) => label), attachments.length]);

/** The place with this id among those of a view. */
export const messagesOf = (places: Place[] | undefined, id: string): Shown[] =>
  places?.find((place) => place.id === id)?.messages ?? [];
