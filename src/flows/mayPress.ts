import type { PressEvent, PressRefusal } from './events.ts';
import type { Flow } from './flow.ts';

/**
 * Whether a press is accepted: undefined, or why not. Ids of buttons can be forged, so everything is checked. The link of an
 * upload is for its requester alone, whoever else may press.
 */
export function whyNotHeard(
  { requester, guild, card }: Flow,
  { action, by, at }: PressEvent,
): PressRefusal | undefined {
  const isHere = at.guild === null ? requester === by.id : guild === at.guild;
  // Whoever is not where the card is, is told nothing of it.
  if (!isHere || (by.id !== requester && at.channel !== card.channel)) return 'gone';
  if (by.id !== requester && !(by.forOthers && action !== 'link')) return 'notYours';
  if (action === 'link' || card.message === null || card.message === at.message) return undefined;
  return 'moved';
}
