import type { ModalSubmitInteraction } from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import type { SpokenTo } from '../../guilds/languages.ts';
import type { Settings } from '../../guilds/settings.ts';
import {
  type ChannelStyle,
  forbiddenIn,
  longestName,
  longestPhrase,
  maxWords,
  type StoredStyle,
} from '../../guilds/style.ts';
import { isFindable, longestWord, WordList } from '../../guilds/words.ts';
import type { Model } from '../../kubeez/model.ts';
import { form, written } from '../../requests/forms.ts';
import { ok, type Result, refuse } from '../../requests/request.ts';
import { brief, isBlank, sanitise } from '../../text/cut.ts';
import { speaking, t } from '../../text/text.ts';
import { readAspect } from '../settings/forms.ts';

/** The form of `/style`, and what is read of it. */

/** Characters of all words together, as they are typed. */
const longestList = 1000;

/** The style as it is now. */
export const styleForm = (style: ChannelStyle | undefined) =>
  form(writeControlId('style', 'edit'), t('form.style'), [
    { ...line('name', longestName, style?.name), description: t('hint.styleName') },
    { ...line('before', longestPhrase, style?.before), description: t('hint.phrase') },
    { ...line('after', longestPhrase, style?.after), description: t('hint.phrase') },
    { ...line('words', longestList, style?.words.words.join(', ')), description: t('hint.styleWords'), isLong: true },
    { ...line('aspect', 20, style?.aspect ?? ''), description: t('hint.styleAspect') },
  ]);

const line = (id: 'name' | 'before' | 'after' | 'words' | 'aspect', most: number, value = '') => ({
  kind: 'text' as const,
  id,
  label: t(`field.houseStyle.${id}`),
  most,
  value,
  required: false,
});

/** What a style is called that nobody has named: everybody reads it. */
export const usualName = ({ everybody }: SpokenTo) => speaking(everybody, () => t('style.usualName'));

/** What somebody wrote into it, or the sentence that names what does not work. */
export function readStyle(
  interaction: ModalSubmitInteraction,
  spokenTo: SpokenTo,
  { blocked }: Pick<Settings, 'blocked'>,
  models: readonly Model[],
): Result<Omit<StoredStyle, 'models' | 'options' | 'pictures'>> {
  const [name, before, after] = [read(interaction, 'name'), read(interaction, 'before'), read(interaction, 'after')];
  if (name.length > longestName) return refuse(t('style.nameTooLong', { max: longestName }));
  if (Math.max(before.length, after.length) > longestPhrase)
    return refuse(t('style.phraseTooLong', { max: longestPhrase }));
  const words = readWords(interaction);
  if (!words.ok) return words;
  const phrases = [before, after].filter((phrase) => phrase !== '');
  const forbidden = forbiddenIn(phrases, blocked.words, new WordList(words.value));
  if (forbidden !== undefined) return refuse(t('style.ownWord', { words: brief(forbidden) }));
  const aspect = readAspect(read(interaction, 'aspect'), models);
  if (!aspect.ok) return aspect;
  return ok({ name: name || usualName(spokenTo), before, after, words: words.value, aspect: aspect.value });
}

function readWords(interaction: ModalSubmitInteraction): Result<string[]> {
  const typed = written(interaction, 'words').split(/[,;\n]/);
  const words = [...new Set(typed.map(oneLine).filter((word) => word !== ''))];
  if (words.length > maxWords) return refuse(t('style.tooManyWords', { max: maxWords }));
  const unfit = words.find((word) => word.length > longestWord || !isFindable(word));
  return unfit === undefined ? ok(words) : refuse(t('style.badWord', { words: brief(unfit), max: longestWord }));
}

const read = (interaction: ModalSubmitInteraction, id: string) => oneLine(written(interaction, id));

/** A text without what nobody sees, in one line; empty where there is nothing to see. */
const oneLine = (text: string) => (isBlank(text) ? '' : sanitise(text).replace(/\s+/g, ' ').trim());
