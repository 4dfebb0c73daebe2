import {
  type APIActionRowComponent,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import { jumpTo } from '../../discord/jump.ts';
import { type RecipeName, recipeNames } from '../../flows/recipes/index.ts';
import type { StylePicture } from '../../flows/style.ts';
import type { Settings } from '../../guilds/settings.ts';
import { forbiddenPhrase, maxPictures } from '../../guilds/style.ts';
import type { Model } from '../../kubeez/model.ts';
import { brief, cut, linesWithin, plain } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import { hasDefault } from '../settings/card.ts';
import { optionsLine } from '../settings/defaultOptions.ts';

/** The card of `/style`. Pure. */

interface Card {
  content: string;
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIComponentInMessageActionRow>[];
}

/** The style of a channel as it holds now, and the way to everything by which it is changed. */
export function styleCard(guild: string, channel: string, settings: Settings, models: readonly Model[]): Card {
  const style = settings.styles[channel];
  const pictures = style?.pictures ?? [];
  const forbidden = style && forbiddenPhrase(style, settings.blocked.words);
  const lines = [
    t(style ? 'style.explained' : 'style.none'),
    ...(forbidden === undefined ? [] : [t('style.forbidden', { words: brief(forbidden) })]),
    '',
    ...(style
      ? [
          t('style.name', { name: brief(style.name) }),
          t('style.before', { phrase: quoted(style.before) }),
          t('style.after', { phrase: quoted(style.after) }),
          t('style.words', { words: plain(cut(style.words.words.join(', '), 500)) || t('settings.none') }),
          pictureLine(guild, pictures),
          t('style.aspect', { aspect: style.aspect === null ? t('style.usual') : brief(style.aspect) }),
        ]
      : []),
    ...recipeNames.flatMap((name) => [
      ...modelLine(name, channel, settings, models),
      ...optionLines(name, channel, settings),
    ]),
  ];
  return {
    content: '',
    embeds: [
      { title: t('style.title'), description: linesWithin([`<#${channel}>`, ...lines], limits.embedDescription) },
    ],
    components: [
      {
        type: ComponentType.ActionRow,
        components: [
          {
            type: ComponentType.StringSelect,
            custom_id: writeControlId('style', 'models'),
            placeholder: t('placeholder.styleModel'),
            options: recipeNames.filter(hasDefault).map((value) => ({
              label: t('choice.section.model', { command: value }),
              value,
              description: t(`command.${value}`),
            })),
          },
        ],
      },
      ...(pictures.length === 0 ? [] : [removal(pictures)]),
      {
        type: ComponentType.ActionRow,
        components: [
          {
            type: ComponentType.Button,
            style: ButtonStyle.Secondary,
            custom_id: writeControlId('style', 'edit'),
            label: t('button.editStyle'),
          },
        ],
      },
    ],
  };
}

/** How many reference pictures there are, with the way to each. */
function pictureLine(guild: string, pictures: StylePicture[]): string {
  if (pictures.length === 0) return t('style.noPictures', { max: maxPictures });
  const links = pictures.map(({ channel, message }, index) => `[${index + 1}](${jumpTo(guild, channel, message)})`);
  return t('style.pictures', { count: pictures.length, max: maxPictures, links: links.join(' ') });
}

/** The menu by which reference pictures are taken away. */
const removal = (pictures: StylePicture[]): APIActionRowComponent<APIComponentInMessageActionRow> => ({
  type: ComponentType.ActionRow,
  components: [
    {
      type: ComponentType.StringSelect,
      custom_id: writeControlId('style', 'pictures'),
      placeholder: t('placeholder.stylePicture'),
      options: pictures.map(({ message, name }, index) => ({
        label: cut(`${index + 1}: ${name}`, limits.choiceName),
        value: message,
      })),
    },
  ],
});

const quoted = (phrase: string) =>
  phrase === '' ? t('settings.none') : t('setting.quoted', { phrase: plain(phrase) });

/** The default model of a kind, and where it holds from; nothing where neither has chosen one. */
function modelLine(name: RecipeName, channel: string, { styles, rules }: Settings, models: readonly Model[]): string[] {
  const own = styles[channel]?.models[name];
  const id = own ?? rules.models[name];
  if (id === undefined) return [];
  const model = brief(models.find((one) => one.id === id)?.name ?? id);
  return [t('style.model', { command: name, model, from: own === undefined ? 'server' : 'channel' })];
}

/** The default options of a kind, those of the channel and those of the server, of which the first that fit are taken. */
const optionLines = (name: RecipeName, channel: string, { styles, rules }: Settings): string[] =>
  (['channel', 'server'] as const).flatMap((from) => {
    const options = optionsLine(from === 'channel' ? styles[channel]?.options[name] : rules.options[name]);
    return options === undefined ? [] : [t('style.options', { command: name, options, from })];
  });
