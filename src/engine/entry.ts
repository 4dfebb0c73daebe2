import { ownSubjectOf } from '../flows/fileNames.ts';
import type { Flow } from '../flows/flow.ts';
import { isOwnAccount } from '../flows/payer.ts';
import { creditsTaken } from '../flows/runs.ts';
import type { Entry } from '../state/history.ts';
import { cut } from '../text/cut.ts';

/** Whose history a flow belongs to: its server's, or that of its requester's DMs. */
export const placeOf = (guild: string | null, person: string) => guild ?? `dm-${person}`;

/** A delivered flow as the history keeps it. `now` in milliseconds since 1970. */
export function entryOf(flow: Flow, now: number): Entry & { place: string } {
  return {
    place: placeOf(flow.guild, flow.requester),
    flow: flow.id,
    recipe: flow.recipe,
    model: flow.asked.models.map(({ name }) => name).join(', '),
    by: flow.requester,
    credits: creditsTaken(flow),
    channel: flow.card.channel,
    message: flow.card.message,
    at: now,
    deleted: flow.shown.deletedAt !== null,
    cleared: false,
    isOwn: isOwnAccount(flow),
    about: cut(ownSubjectOf(flow).replace(/\s+/g, ' '), 80),
  };
}
