import { t } from '../text/text.ts';

/** What is wrong with what somebody pasted as a token, in a sentence; undefined when it may be one. */
export function tokenProblem(pasted: string | undefined): string | undefined {
  const token = pasted?.trim() ?? '';
  if (token === '') return t('setup.tokenEmpty');
  const [, word] = /^(Bot|Bearer)\s/i.exec(token) ?? [];
  if (word) return t('setup.tokenPrefix', { word });
  if (/\s/.test(token)) return t('setup.tokenSpaces');
  if (/^["'`“‘]|["'`”’]$/.test(token)) return t('setup.tokenQuotes');
  if (/^\w+=/.test(token) && !/^\w+=+$/.test(token)) return t('setup.tokenName');
  // What a header of HTTP takes.
  if (!/^[\x21-\x7e]+$/.test(token)) return t('setup.tokenSigns');
  return undefined;
}

/** The same for the token of a bot: beside it stand two other things that can be copied. */
export function botTokenProblem(pasted: string | undefined): string | undefined {
  const token = pasted?.trim() ?? '';
  if (/^\d{15,21}$/.test(token)) return t('setup.tokenIsId');
  if (/^[\da-f]{64}$/i.test(token)) return t('setup.tokenIsKey');
  return tokenProblem(pasted);
}
