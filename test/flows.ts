import type { PressEvent, Presser } from '../src/flows/events.ts';
import { type Flow, flowDefaults } from '../src/flows/flow.ts';

/** A flow as a command would start it, for tests of the pure parts. */
export function someFlow(changes: Partial<Flow> = {}): Flow {
  return {
    ...flowDefaults,
    id: 'k3f9abcd',
    recipe: 'image',
    stage: 'quoting',
    requester: '1000',
    guild: '2000',
    card: { channel: '3000', message: '4000', lost: false, fileLimit: 10_000_000, restricted: false },
    reply: { application: '5000', token: 'token', until: 900_000 },
    prompt: 'a fox in snow',
    model: {
      id: 'some-model',
      name: 'Some Model',
      generationType: 'text-to-image',
      seconds: 10,
      needs: [],
      silent: false,
    },
    options: {},
    inputs: [],
    createdAt: 0,
    nextCheckAt: 15_000,
    giveUpAt: 900_000,
    ...changes,
  };
}

/** The same, where files are needed first. */
export const someUploadFlow = (changes: Partial<Flow> = {}): Flow =>
  someFlow({
    recipe: 'edit',
    stage: 'uploading',
    model: { ...someFlow().model, generationType: 'image-to-image', needs: [{ kinds: ['image'], min: 1, max: 3 }] },
    ...changes,
  });

/** The same, where several paid calls are to be made. */
export const someVariedFlow = (changes: Partial<Flow> = {}): Flow =>
  someFlow({ starts: 3, options: { seed: 7 }, ...changes });

/** Who started them, as somebody who presses. */
export const presser = (id = '1000'): Presser => ({ id, roles: [], managesServer: false });

/** Where a flow's card is. */
export const placeOf = ({ guild, card }: Flow): PressEvent['at'] => ({
  guild,
  channel: card.channel,
  message: card.message ?? '4000',
});
