import { expect } from 'vitest';
import { picture } from '../playground/props.ts';
import { messageOf, type TestStage } from './stage.ts';

/** Takes a tool away from the server while the bot runs and a flow needs it: its command goes, and the flow is told. */
export async function toolIsTakenAway(stage: TestStage): Promise<void> {
  const commands = () => stage.ada.commands(stage.channel).map(({ name }) => name);
  const card = messageOf(await stage.ada.command(stage.channel, 'cutout', { image: await picture() }));
  await stage.card('Confirm ·');
  stage.kubeez.withdraw('remove_background');
  await stage.discord.world.until(() => !commands().includes('cutout'), 'a shorter list of commands');
  await stage.ada.press(card, 'Confirm');
  await stage.card('This Kubeez server makes no cutouts. Nothing was spent.');
  expect(stage.paid()).toBe(0);
}
