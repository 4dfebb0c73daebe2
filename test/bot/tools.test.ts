import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import { film, picture } from '../../playground/props.ts';
import { bindTools } from '../../src/kubeez/tools.ts';
import { finishAll, formOf, messageOf, textOf, useStage } from '../stage.ts';
import { toolIsTakenAway } from '../takenAway.ts';

const stage = useStage();

const commands = () => stage.ada.commands(stage.channel).map(({ name }) => name);

test('commands for what only a newer server does appear with it, and an offer that is missing is answered with a sentence', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  await stage.startBot();
  expect(commands()).toEqual(expect.arrayContaining(['cutout', 'sound', 'dub']));
  const answer = messageOf(await stage.ada.command(stage.channel, 'ad', { product: 'a mug' }));
  expect(answer).toMatchObject({
    ephemeralFor: stage.ada.user.id,
    content: 'This Kubeez server makes no ads. Nothing was spent. (KD-331)',
  });
});

test('on the documented generation they are not there', async () => {
  stage.kubeez.platform.settings.generation = 'documented';
  await stage.startBot();
  expect(commands()).not.toContain('dub');
  expect(commands()).toContain('ad');
});

test('a server in between has the one and the other', async () => {
  stage.kubeez.platform.settings.generation = 'mixed';
  await stage.startBot();
  expect(commands()).toEqual(expect.arrayContaining(['ad', 'cutout', 'sound', 'dub']));
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
});

test('a tool that is taken away while the bot runs (tools/list_changed): its command goes, a flow that needs it is told', async () => {
  stage.kubeez.platform.settings.generation = 'mixed';
  await stage.startBot();
  await toolIsTakenAway(stage);
});

test('/cutout, /sound and /dub, all the way', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  await stage.startBot();
  const image = await picture();
  const clip = await film();
  const cut = messageOf(await stage.ada.command(stage.channel, 'cutout', { image }));
  await stage.card('Confirm · 3 credits');
  await stage.ada.press(cut, 'Confirm');
  await stage.cardInTime('✅');
  expect(cut.attachments[0]?.filename).toMatch(/^cat-\w{8}\.png$/);

  const door = messageOf(await stage.ada.command(stage.channel, 'sound', { prompt: 'a door creaks', seconds: 6 }));
  await stage.card('Confirm · 3 credits');
  expect(textOf(door)).toContain('Sonilo Text To Sfx');
  await stage.ada.press(door, 'Confirm');
  await stage.discord.world.until(() => door.attachments.length === 1, 'a sound');
  expect((await stage.job(2)).arguments).toMatchObject({ prompt: 'a door creaks', duration: 6 });
  const both = messageOf(
    await stage.ada.command(stage.channel, 'sound', { prompt: 'steps', model: 'sonilo-video-to-sound', file: clip }),
  );
  expect(both.content).toContain('makes effects and music together. Say in `music` what is played.');

  const spoken = messageOf(await stage.ada.command(stage.channel, 'dub', { languages: 'German, fr', file: clip }));
  // Four seconds at 2 credits, in two languages.
  await stage.card('Confirm · 16 credits');
  await stage.ada.press(spoken, 'Confirm');
  await stage.job(4);
  await stage.inTime(stage.discord.world.until(() => spoken.attachments.length === 2, 'two films'));
  const unknown = messageOf(await stage.ada.command(stage.channel, 'dub', { languages: 'de, nonsensical' }));
  expect(unknown.content).toContain('I do not know the language “nonsensical”');
});

test('Vary asks the server to run the job again: one call, several jobs, one price for all', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  await stage.startBot();
  const first = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(first, 'Confirm');
  await stage.card('✅');
  const form = formOf(await stage.ada.press(first, 'Vary'));
  stage.holdJobs();
  const second = messageOf(await stage.ada.submit(stage.channel, form, { variants: '3' }, first));
  await stage.card('Confirm · 21 credits');
  await stage.ada.press(second, 'Confirm');
  await stage.card('🟨🟨🟨');
  await finishAll(stage);
  await stage.inTime(stage.discord.world.until(() => second.attachments.length === 3, 'three'));
  expect(stage.paid()).toBe(4);
  expect(buttonsOf(second).map(({ label }) => label)).toContain('Vary');
  expect(textOf(second)).toContain('21 credits');
});

test('a price under no known name is refused, never guessed', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  stage.kubeez.platform.price = () => Number.NaN;
  await stage.startBot();
  await stage.ada.command(stage.channel, 'video', { prompt: 'a ship', model: 'kling-3-0-pro' });
  await stage.card('Kubeez gave no price that I can read, so nothing was started.');
});

test('parameters go out under the names a tool knows, and no others', () => {
  const tools = bindTools([
    { name: 'get_status', inputSchema: { properties: { id: {}, kind: {} } } },
    { name: 'generate_dialogue', inputSchema: { properties: { text: {}, language_code: {} } } },
    { name: 'generate_media' },
  ]);
  expect(tools.get('mediaStatus')?.fit({ id: '1', kind: 'media' })).toEqual({ id: '1', kind: 'media' });
  expect(tools.get('speech')?.fit({ dialogue: [], text: 'x', language: 'de' })).toEqual({
    text: 'x',
    language_code: 'de',
  });
  expect(tools.get('media')?.fit({ anything: 1 })).toEqual({ anything: 1 });
  expect(tools.has('ad')).toBe(false);
  const older = bindTools([{ name: 'get_generation_status', inputSchema: { properties: { generation_id: {} } } }]);
  expect(older.get('mediaStatus')?.fit({ id: '1', kind: 'media' })).toEqual({ generation_id: '1' });
});
