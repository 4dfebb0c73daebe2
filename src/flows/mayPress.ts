import type { ChangeEvent, PressEvent, PressRefusal } from './events.ts';
import type { Flow } from './flow.ts';
import { isOwnAccount } from './payer.ts';

/**
 * Whether a press is accepted: undefined, or why not. Ids of buttons can be forged, so everything is checked. The link of an
 * upload is for its requester alone, whoever else may press, and so are the credits of their own account.
 */
export function whyNotHeard(
  flow: Flow,
  event: Pick<PressEvent, 'action' | 'by' | 'at'> | Pick<ChangeEvent, 'by' | 'at'>,
): PressRefusal | undefined {
  const { requester, guild, card } = flow;
  const { by, at } = event;
  const isForLink = 'action' in event && event.action === 'link';
  const isHere = at.guild === null ? requester === by.id : guild === at.guild;
  // Whoever is not where the card is, is told nothing of it.
  if (!isHere || (by.id !== requester && at.channel !== card.channel)) return 'gone';
  if (by.id !== requester && !(by.forOthers && !isForLink)) return 'notYours';
  const isConfirm = 'action' in event && event.action === 'confirm';
  if (isConfirm && by.id !== requester && isOwnAccount(flow)) return 'ownAccount';
  if (isForLink || card.message === null || at.message === null || card.message === at.message) return undefined;
  return 'moved';
}
