import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { idIn, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const log = () => stage.log.join('');

/** A card with a price, of a bot that was stopped since. */
async function leaveAQuote(): Promise<Message> {
  const bot = await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.says(card, '[Confirm ·');
  await bot.stop();
  return card;
}

test('a later version has used the store: the bot refuses to start with a sentence, and changes nothing', async () => {
  await leaveAQuote();
  await stage.writeRecord('versions', { v: 1, newest: { flow: 3, guild: 1 } });
  const before = stage.rows();
  await expect(stage.startBot()).rejects.toThrow('A newer version of the bot has used these records');
  expect(stage.rows()).toEqual(before);
});

test('the note of what the bot writes keeps what it finds of other kinds', async () => {
  await stage.writeRecord('versions', { v: 1, newest: { later: 1 } });
  await stage.startBot();
  expect(await stage.readRecord('versions')).toBe(JSON.stringify({ v: 1, newest: { later: 1, flow: 2 } }));
});

test('a record of a later version is left as it is, on its list, and goes on with the version that wrote it', async () => {
  const card = await leaveAQuote();
  const key = `flow:${idIn(card)}`;
  const record = JSON.parse(await stage.readRecord(key));
  const later = { ...record, v: 3, more: 'that only the later version knows' };
  await stage.writeRecord(key, later);
  const bot = await stage.startBot();
  expect(log()).toContain('was written by a newer version of the bot');
  await stage.ada.press(card, 'Confirm');
  await bot.stop();
  expect(await stage.readRecord(key)).toBe(JSON.stringify(later));
  expect(stage.rows().filter(({ key }) => key.includes('aside:'))).toEqual([]);
  expect(stage.openFlows()).toEqual([idIn(card)]);
  expect(stage.paid()).toBe(0);

  await stage.writeRecord(key, record);
  await stage.startBot();
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  expect(textOf(card)).toContain('credits');
});

test('a note of versions that is damaged is set aside and written anew', async () => {
  await stage.writeRecord('versions', { v: 1, newest: 'all' });
  await stage.startBot();
  expect(await stage.readRecord('versions')).toBe(JSON.stringify({ v: 1, newest: { flow: 2 } }));
  expect(stage.rows().some(({ key }) => key.endsWith('aside:versions'))).toBe(true);
});
