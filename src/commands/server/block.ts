import {
  ApplicationCommandOptionType,
  type ChatInputCommandInteraction,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import type { Settings } from '../../guilds/settings.ts';
import { isFindable, isSameWord, longestWord, WordList } from '../../guilds/words.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { answerManager, mayManage } from '../../requests/managers.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import { BrokenRecord } from '../../state/store.ts';
import { brief, cut, isBlank, linesWithin, plain, sanitise } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { allOf, t } from '../../text/text.ts';

/** Entries of each list: few enough to ask for all of them with every request. */
const maxBlocked = 300;

/** Who may make nothing in a server, and what nobody may ask for; for its managers. */
export const block: Command = {
  name: 'block',
  define: () => ({
    ...commandBase,
    description: t('command.block'),
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
    options: [
      { type: ApplicationCommandOptionType.User, name: 'person', description: t('option.block.person') },
      {
        type: ApplicationCommandOptionType.String,
        name: 'word',
        description: t('option.block.word'),
        max_length: longestWord,
        autocomplete: true,
      },
      { type: ApplicationCommandOptionType.Boolean, name: 'remove', description: t('option.block.remove') },
    ],
  }),

  execute: (interaction, parts) =>
    answerManager(interaction, async (guild) => {
      const { options } = interaction;
      if (!(await isReadable(guild, parts))) return t('settings.cannotChange');
      const person = options.getUser('person')?.id;
      const word = options.getString('word');
      if (person === undefined && word === null) return listOf((await parts.guildSettings.of(guild)).blocked);
      const isRemoved = options.getBoolean('remove') ?? false;
      const sentences = [
        ...(person === undefined ? [] : [await changePerson(guild, person, isRemoved, interaction, parts)]),
        ...(word === null ? [] : [await changeWord(guild, word, isRemoved, interaction, parts)]),
      ];
      return { content: sentences.join('\n'), allowedMentions: { parse: [] } };
    }),

  /** The words that are blocked, for those who may remove them. */
  async autocomplete(interaction, { guildSettings }) {
    const { guildId, options } = interaction;
    if (guildId === null || !mayManage(interaction)) return interaction.respond([]);
    const { words } = (await guildSettings.of(guildId)).blocked.words;
    const choices = words.map((word) => ({ name: cut(word, limits.choiceName), value: word }));
    await interaction.respond(choicesThatFit(choices, options.getFocused()));
  },
};

async function isReadable(guild: string, { guildSettings }: Parts): Promise<boolean> {
  try {
    await guildSettings.of(guild);
    return true;
  } catch (error) {
    if (error instanceof BrokenRecord) return false;
    throw error;
  }
}

async function changePerson(
  guild: string,
  id: string,
  isRemoved: boolean,
  { user, client }: ChatInputCommandInteraction,
  { guildSettings, logChannel, log }: Parts,
): Promise<string> {
  const { people } = (await guildSettings.of(guild)).blocked;
  if (id === client.user.id) return t('block.me');
  const isBlocked = people.includes(id);
  const person = `<@${id}>`;
  if (isBlocked !== isRemoved) return t(isBlocked ? 'block.personKnown' : 'block.personUnknown', { person });
  if (!isRemoved && people.length >= maxBlocked) return t('block.tooMany', { max: maxBlocked });
  await guildSettings.changeBlocked(guild, 'people', (before) => [
    ...before.filter((one) => one !== id),
    ...(isRemoved ? [] : [id]),
  ]);
  log.info({ guild, by: user.id, person: id, isRemoved }, 'block list changed');
  logChannel.tell(guild, { what: isRemoved ? 'personUnblocked' : 'personBlocked', by: user.id, person: id });
  return t(isRemoved ? 'block.personRemoved' : 'block.personAdded', { person });
}

async function changeWord(
  guild: string,
  typed: string,
  isRemoved: boolean,
  { user }: ChatInputCommandInteraction,
  { guildSettings, logChannel, log }: Parts,
): Promise<string> {
  if (isBlank(typed)) return t('block.wordEmpty');
  const word = sanitise(typed).trim().replace(/\s+/g, ' ');
  const words = brief(word);
  if (!isFindable(word)) return t('block.wordTooShort', { words });
  const { words: known } = (await guildSettings.of(guild)).blocked.words;
  const isBlocked = known.some((one) => isSameWord(one, word));
  if (isBlocked !== isRemoved) return t(isBlocked ? 'block.wordKnown' : 'block.wordUnknown', { words });
  if (!isRemoved && known.length >= maxBlocked) return t('block.tooMany', { max: maxBlocked });
  await guildSettings.changeBlocked(guild, 'words', (before) => [
    ...before.filter((one) => !isSameWord(one, word)),
    ...(isRemoved ? [] : [word]),
  ]);
  log.info({ guild, by: user.id, isRemoved }, 'word list changed');
  logChannel.tell(guild, { what: isRemoved ? 'wordUnblocked' : 'wordBlocked', by: user.id });
  const said = t(isRemoved ? 'block.wordRemoved' : 'block.wordAdded', { words });
  const channels = isRemoved ? [] : channelsThatAdd(word, (await guildSettings.of(guild)).styles);
  return channels.length === 0 ? said : `${said}\n${t('block.wordInStyle', { channels: allOf(channels) })}`;
}

/** The channels whose style has a word in a phrase, as many as a sentence can hold. */
function channelsThatAdd(word: string, styles: Settings['styles']): string[] {
  const list = new WordList([word]);
  const added = Object.entries(styles).filter(([, { before, after }]) => list.findIn([before, after]) !== undefined);
  const channels = added.map(([channel]) => `<#${channel}>`);
  return channels.length > 3 ? [...channels.slice(0, 3), t('reason.others')] : channels;
}

function listOf({ people, words: { words } }: Settings['blocked']) {
  const half = limits.embedDescription / 2 - 100;
  const lines = [
    `**${t('block.people')}**`,
    manyWithin(
      people.map((id) => `<@${id}>`),
      half,
    ) || t('block.nobody'),
    '',
    `**${t('block.words')}**`,
    manyWithin(
      words.map((word) => plain(word)),
      half,
    ) || t('block.noWords'),
  ];
  return { embeds: [{ title: t('block.title'), description: lines.join('\n') }] };
}

/** As many names as fit, one a line; what is left over is one more line. */
function manyWithin(names: string[], room: number): string {
  const shown = linesWithin(names, room);
  const left = names.length - (shown === '' ? 0 : shown.split('\n').length);
  return left > 0 ? `${shown}\n${t('block.more', { count: left })}` : shown;
}
