import type { Limit } from '../guilds/limits.ts';
import { t } from '../text/text.ts';

/** A limit as people read it: “50 credits a week for #moodboard”. */
export const limitName = (limit: Limit) => sentenceOf(limit, mentionOf(limit));

/** The same where Discord shows no mentions. */
export const limitLabel = (limit: Limit) => sentenceOf(limit, limit.label || (limit.target ?? t('budget.server')));

function sentenceOf({ credits, per, scope }: Limit, target: string): string {
  return t('budget.limit', { credits, per, target, isEach: scope === 'role' ? 'yes' : 'no' });
}

function mentionOf({ scope, target }: Limit): string {
  switch (scope) {
    case 'server':
      return t('budget.server');
    case 'channel':
      return `<#${target}>`;
    case 'role':
      return `<@&${target}>`;
    case 'person':
      return `<@${target}>`;
  }
}
