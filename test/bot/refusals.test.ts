import { expect, test } from 'vitest';
import { channelTypes } from '../../playground/discord/channelTypes.ts';
import type { Value } from '../../playground/discord/person.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** Uses a command and gives the one private sentence it is refused with. */
async function refusal(command: string, values: Record<string, Value>, channel = stage.channel): Promise<string> {
  const answer = messageOf(await stage.ada.command(channel, command, values));
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  expect(stage.discord.world.messagesIn(channel.id).filter((message) => !message.ephemeralFor)).toEqual([]);
  expect(stage.paid()).toBe(0);
  return textOf(answer);
}

test('every wrong input gets one sentence, and nothing else happens', async () => {
  await stage.startBot();
  const cases: [string, Record<string, Value>, string][] = [
    ['image', { prompt: '   ' }, 'The prompt is empty'],
    ['image', { prompt: 'x'.repeat(2501), model: 'seedream-v4' }, '2,501 characters, but Seedream V4 takes 2,500'],
    ['image', { prompt: 'a fox', model: 'no-such-model' }, 'There is no model “no-such-model” for /image'],
    ['image', { prompt: 'a fox', model: 'kling-3-0-pro' }, 'There is no model'],
    [
      'image',
      { prompt: 'a fox', model: 'gpt-1.5-image-high', aspect: '16:9' },
      'does not take the aspect “16:9”. It takes 1:1, 2:3, 3:2',
    ],
    ['image', { prompt: 'a fox', model: 'nano-banana', resolution: '4K' }, 'has no resolution to choose'],
    ['video', { prompt: 'a fox', model: 'kling-3-0-pro', duration: '99s' }, 'does not take the duration “99s”'],
    ['video', { prompt: 'a fox', model: 'wan-2-5', sound: true }, 'leaves no choice about sound'],
    [
      'edit',
      { prompt: 'a fox', image: { name: 'notes.txt', type: 'text/plain', data: Buffer.from('hello') } },
      'is not an image',
    ],
  ];
  for (const [command, values, sentence] of cases) expect(await refusal(command, values)).toContain(sentence);
});

test('right-to-left text and emoji are prompts like any other', async () => {
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'שועל בשלג 🦊❄️', model: 'z-image' }),
  );
  await stage.card('Confirm');
  await stage.ada.press(card, 'Confirm');
  const done = await stage.card('✅');
  expect(done.attachments[0]?.description).toBe('שועל בשלג 🦊❄️');
});

test.each([
  ['ViewChannel', 'View Channel'],
  ['SendMessages', 'Send Messages'],
  ['EmbedLinks', 'Embed Links'],
  ['AttachFiles', 'Attach Files'],
] as const)('a missing permission (%s) is named before anything is priced', async (permission, name) => {
  await stage.startBot();
  stage.channel.denied.add(permission);
  expect(await refusal('image', { prompt: 'a fox' })).toContain(`Give me ${name} in this channel`);
});

test('in a thread another permission counts', async () => {
  await stage.startBot();
  stage.thread.denied.add('SendMessages');
  expect(stage.thread.type).toBe(channelTypes.thread);
  await stage.ada.command(stage.thread, 'image', { prompt: 'a fox', model: 'z-image' });
  await stage.card('Confirm', stage.thread);
  stage.discord.world.messages.clear();
  stage.thread.denied.add('SendMessagesInThreads');
  expect(await refusal('image', { prompt: 'a fox' }, stage.thread)).toContain('Send Messages in Threads');
});

test('while the platform was never reached, commands say so', async () => {
  stage.kubeez.outage.on = true;
  await stage.startBot();
  expect(await refusal('image', { prompt: 'a fox' })).toContain('Kubeez could not be reached yet');
});
