import { isBlank, sanitise } from './cut.ts';
import { isLocale, type Locale, languageOf, locales } from './languages.ts';
import { limitOf } from './limits.ts';
import { type MessageTree, messagesOf } from './messages.ts';
import { longValues, misfit, parametersOf } from './parameters.ts';
import { filledIn, type Overrides, t } from './text.ts';

type Read = { ok: true; overrides: Overrides } | { ok: false; sentence: string };

/**
 * Sentences of whoever runs the bot, as they stand in a file: by language, under keys that are nested or joined by dots. The first
 * that cannot take the place of the bot's own is named, and why.
 */
export function readOverrides(given: unknown): Read {
  const odd = whereNoText(given);
  if (odd !== undefined || !isTree(given)) return refuse(t('start.texts.noText', { key: odd ?? 'JSON' }));
  const overrides = new Map<Locale, Map<string, string>>();
  for (const [language, sentences] of Object.entries(given)) {
    if (!isLocale(language)) return refuse(t('start.texts.noLanguage', { language, languages: locales.join(', ') }));
    if (typeof sentences === 'string') return refuse(t('start.texts.noText', { key: language }));
    const own = messagesOf(sentences);
    for (const [key, message] of own) {
      const problem = problemOf(language, key, message);
      if (problem !== undefined) return refuse(problem);
    }
    const sentencesOf = new Map([...messagesOf(languageOf(language).messages), ...own]);
    const twice = menuKeys.find((key) => menuKeys.some((other) => isSame(other, key, sentencesOf)));
    if (twice !== undefined) return refuse(t('start.texts.sameMenu', { key: `${language}.${twice}` }));
    overrides.set(language, new Map(own));
  }
  return { ok: true, overrides };
}

/** Groups in groups: more than the bot's own texts have. */
const deepest = 10;

/** The key of the first thing that is neither a text nor a group of texts; undefined where there is none. */
function whereNoText(given: unknown, key = 'JSON', depth = 0): string | undefined {
  if (typeof given === 'string') return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given) || depth > deepest) return key;
  const inner = Object.entries(given).map(([name, value]) =>
    whereNoText(value, key === 'JSON' ? name : `${key}.${name}`, depth + 1),
  );
  return inner.find((one) => one !== undefined);
}

const originals = new Map(messagesOf(languageOf('en').messages));

/** What stands in the menu of a message: Discord takes no two entries of the same name. */
const menuKeys = [...originals.keys()].filter((key) => key.startsWith('menu.'));
const isSame = (one: string, other: string, sentences: ReadonlyMap<string, string>) =>
  one !== other && sentences.get(one) === sentences.get(other);

const isTree = (given: unknown): given is MessageTree => typeof given === 'object';

const refuse = (sentence: string): Read => ({ ok: false, sentence });

function problemOf(locale: Locale, name: string, message: string): string | undefined {
  const key = `${locale}.${name}`;
  const original = originals.get(name);
  if (original === undefined) return t('start.texts.noKey', { key });
  if (isBlank(message)) return t('start.texts.empty', { key });
  if (sanitise(message) !== message) return t('start.texts.unseen', { key });
  const max = limitOf(name);
  let length: number;
  try {
    const parameter = misfit(message, original);
    if (parameter !== undefined) return t('start.texts.parameter', { key, parameter });
    const filled = longValues(parametersOf(original)).map((values) => filledIn(message, locale, values));
    length = Math.max(...filled.map((sentence) => sentence.length));
  } catch {
    return t('start.texts.unreadable', { key });
  }
  return length > max ? t('start.texts.tooLong', { key, length, max }) : undefined;
}
