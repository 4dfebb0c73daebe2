import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import { selectsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { overrideTexts } from '../../src/text/text.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** A German person in a French server. */
beforeEach(() => {
  stage.ada.user.locale = 'de';
  stage.guild.locale = 'fr';
});

const ask = async (person: Person, channel = stage.channel) =>
  messageOf(await person.command(channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
/** Opens the card of `/settings`, as soon as it says something. */
async function settings(): Promise<Message> {
  stage.guild.admins.add(stage.ada.user.id);
  const card = messageOf(await stage.ada.command(stage.channel, 'settings'));
  await stage.discord.world.until(() => textOf(card) !== '', 'the card');
  return card;
}

/** Goes to one section of the card and picks in its menu. */
async function pick(card: Message, section: string, picked: string) {
  const id = `settings:${section}`;
  await stage.ada.select(card, 'settings:sections', [section]);
  await stage.discord.world.until(() => selectsOf(card).some(({ custom_id }) => custom_id === id), 'the section');
  await stage.ada.select(card, id, [picked]);
}

test('what a person reads alone is in the language of their Discord, what everybody reads in that of the server', async () => {
  await stage.startBot();
  const card = await ask(stage.ada);
  await stage.says(card, 'Confirmer ·');
  expect(labels(card)).toContain('Annuler');
  const stranger = await stage.ben.press(card, 'Confirmer');
  expect(messageOf(stranger).content).toContain('Only');
  stage.ben.user.locale = 'ja';
  expect(messageOf(await stage.ben.press(card, 'Confirmer')).content).toMatch(/[ぁ-ん]/);
  await stage.says(messageOf(await stage.ada.command(stage.channel, 'balance')), '1.000 Credits** übrig');
  const form = formOf(await stage.ada.command(stage.channel, 'music', { custom: true }));
  expect(JSON.stringify(form)).toContain('Titel');
  // The label of the button is what is confirmed.
  await stage.ada.press(card, 'Confirmer');
  await stage.says(card, '✅');
  expect(textOf(card)).toContain('crédits');
});

test('what is typed is checked and completed in the person’s language', async () => {
  await stage.startBot();
  const refusal = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: ' ', model: 'nano-banana' }));
  expect(refusal.content).toContain('Es wurde nichts ausgegeben.');
  const languages = await stage.ada.suggestions(stage.channel, 'captions', 'language', 'fran');
  expect(languages?.map(({ name }) => name)).toContain('Französisch');
});

test('/settings fixes the language of a server, shows where it comes from, and takes it back', async () => {
  await stage.startBot();
  const card = await settings();
  expect(textOf(card)).toContain('Français');
  await pick(card, 'language', 'ja');
  await stage.says(card, '日本語');
  await stage.says(await ask(stage.ben), '確定');
  await stage.ada.press(card, '◀ Zurück');
  await stage.says(card, 'Letzte Änderung');
  expect(textOf(card)).toContain('日本語');
  await stage.ada.press(card, 'Letzte Änderung');
  await stage.says(card, 'Français');
  await stage.says(await ask(stage.ben), 'Confirmer ·');
});

test('/preferences wins over the language of somebody’s Discord, from the answer on, and can be given up again', async () => {
  await stage.startBot();
  const set = async (language: string) =>
    messageOf(await stage.ada.command(stage.channel, 'preferences', { language }));
  await stage.says(await set('en'), 'I talk to you in English.');
  await stage.says(messageOf(await stage.ada.command(stage.channel, 'balance')), 'credits');
  await stage.says(await set('es'), 'Español');
  await stage.says(await set('discord'), 'Deutsch');
  await stage.says(await ask(stage.ada), 'Confirmer ·');
});

test('a card keeps its language over a restart, whatever the server has by then', async () => {
  const first = await stage.startBot();
  const card = await ask(stage.ada);
  await stage.says(card, 'Confirmer ·');
  await first.stop();
  stage.guild.locale = 'de';
  await stage.startBot();
  await stage.ada.press(card, 'Confirmer');
  await stage.says(card, '✅');
  expect((await stage.readFlow(idIn(card))).languages).toEqual({ card: 'fr', requester: 'de' });
  await stage.says(await ask(stage.ada), 'Bestätigen ·');
});

test('a flow from before languages were kept goes on in English', async () => {
  const first = await stage.startBot();
  const card = await ask(stage.ada);
  await stage.says(card, 'Confirmer ·');
  await first.stop();
  const key = `flow:${idIn(card)}`;
  const { languages: _, ...older } = JSON.parse(await stage.readRecord(key));
  await stage.writeRecord(key, { ...older, locale: { requester: 'de', guild: 'fr' } });
  await stage.startBot();
  await stage.says(card, 'Confirm ·');
});

test('a DM is in the person’s language', async () => {
  await stage.startBot();
  const inDms = stage.discord.world.dmWith(stage.ada.user);
  await stage.says(await ask(stage.ada, inDms), 'Bestätigen ·');
  stage.ada.user.locale = 'it';
  await stage.says(await ask(stage.ada, inDms), 'Confirm ·');
});

test('an upload link is sent in the language of whoever asked', async () => {
  await stage.startBot();
  await stage.ada.command(stage.channel, 'edit', { prompt: 'more snow' });
  await stage.discord.world.until(() => stage.ada.directMessages().length > 1, 'a link');
  expect(stage.ada.directMessages()[0]?.content).toContain('nur für dich');
});

test('the log of a server is in its language', async () => {
  await stage.startBot();
  const log = stage.discord.world.addChannel(stage.guild, 'log');
  const card = await settings();
  await pick(card, 'logs', log.id);
  const line = await stage.message(({ content }) => content.includes('⚙️'), log);
  expect(line.content).toContain(`<@${stage.ada.user.id}> a modifié`);
});

test('commands are called and described in the language of each person', async () => {
  await stage.startBot();
  const shown = stage.ada.commands(stage.channel).find(({ name }) => name === 'image');
  expect(shown?.name_localizations).toMatchObject({ de: 'bild', 'es-ES': 'imagen', 'es-419': 'imagen' });
  expect(textOf(messageOf(await stage.ada.command(stage.channel, 'help')))).toContain('So funktioniert es');
});

describe('TEXTS_FILE', () => {
  const fileWith = (text: string) => {
    const file = join(mkdtempSync(join(tmpdir(), 'kubeez-texts-')), 'texts.json');
    writeFileSync(file, text);
    return file;
  };

  test('puts sentences of whoever runs the bot in the place of its own', async () => {
    const file = fileWith(JSON.stringify({ fr: { button: { cancel: 'Laisser tomber' } } }));
    try {
      await stage.startBot({ TEXTS_FILE: file });
      const card = await ask(stage.ada);
      await stage.says(card, 'Confirmer ·');
      expect(labels(card)).toContain('Laisser tomber');
    } finally {
      overrideTexts(new Map());
    }
  });

  test.each([
    [JSON.stringify({ fr: { 'button.cancle': 'Laisser' } }), 'there is no sentence fr.button.cancle.'],
    ['{ "fr": ', '(TEXTS_FILE) cannot be read: '],
  ])('with %s refuses the start in one sentence', async (text, sentence) => {
    await expect(stage.startBot({ TEXTS_FILE: fileWith(text) })).rejects.toThrow(sentence);
  });
});
