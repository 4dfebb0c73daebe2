import { type Locale, nearest } from './languages.ts';
import { speaking } from './text.ts';

/**
 * Does something in the language of whoever sits at the terminal: the one that its settings name (POSIX: LC_ALL, LC_MESSAGES,
 * LANG, in this order), else that of the system; English where it is none of ours.
 */
export const inTheirLanguage = <Result>(env: NodeJS.ProcessEnv, work: () => Result): Result =>
  speaking(languageOfTerminal(env), work);

function languageOfTerminal({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Locale {
  const set = LC_ALL || LC_MESSAGES || LANG || new Intl.DateTimeFormat().resolvedOptions().locale;
  return nearest(set) ?? 'en';
}
