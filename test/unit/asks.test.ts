import { expect, test } from 'vitest';
import type { Messages, Sent } from '../../src/discord/messages.ts';
import { Asks } from '../../src/engine/asks.ts';
import { change } from '../../src/flows/change.ts';
import type { Event } from '../../src/flows/events.ts';
import { createLogger } from '../../src/log.ts';
import { MovableClock } from '../clock.ts';
import { someFlow } from '../flows.ts';

test('where the bot may write nowhere for a while, the message that is there is known, and brought up to date later', async () => {
  const refused: Sent = { ok: false, problem: 'forbidden', error: undefined };
  const edited: string[] = [];
  let isClosed = true;
  const messages: Pick<Messages, 'edit' | 'create'> = {
    edit: async (channel, message) => {
      if (isClosed) return refused;
      edited.push(message);
      return { ok: true, channel, message };
    },
    create: async () => refused,
  };
  const told: Event[] = [];
  const asks = new Asks({
    messages,
    clock: new MovableClock(),
    log: createLogger('silent'),
    isRunning: () => true,
    tell: (_, event) => told.push(event),
  });
  const message = { channel: '20', message: '30' };
  const rule = { approvers: '40', channel: '20', above: 1, kind: null, role: null };
  const held = someFlow({ stage: 'held', approval: { rule, asks: 1, version: 1, message, posts: 1 } });
  await asks.show(held);
  expect(told).toMatchObject([{ message, problem: 'nowhere' }]);
  isClosed = false;
  await asks.show({ ...held, stage: 'cancelled' });
  expect(edited).toEqual(['30']);
});

test('a message in a channel that was closed to the bot is brought up to date with the one in its place, also by the next process', async () => {
  const edited: string[] = [];
  let closed = '20';
  const messages: Pick<Messages, 'edit' | 'create'> = {
    edit: async (channel, message) => {
      if (channel === closed) return { ok: false, problem: 'forbidden', error: undefined };
      edited.push(message);
      return { ok: true, channel, message };
    },
    create: async (channel) =>
      channel === closed ? { ok: false, problem: 'forbidden', error: undefined } : { ok: true, channel, message: '31' },
  };
  const told: Event[] = [];
  const start = () =>
    new Asks({
      messages,
      clock: new MovableClock(),
      log: createLogger('silent'),
      isRunning: () => true,
      tell: (_, event) => told.push(event),
    });
  const rule = { approvers: '40', channel: '20', above: 1, kind: null, role: null };
  const message = { channel: '20', message: '30' };
  const held = someFlow({ stage: 'held', approval: { rule, asks: 1, version: 1, message, posts: 1 } });
  await start().show(held);
  expect(told).toMatchObject([{ message: { message: '31' }, left: [message], problem: 'elsewhere' }]);
  closed = '';
  const [shown] = told;
  if (shown?.type !== 'askShown') throw new Error('Not shown');
  await start().show(change(held, { stage: 'expired', approval: { message: shown.message, left: shown.left } }));
  expect(edited).toEqual(['30', '31']);
});
