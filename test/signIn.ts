import { expect } from 'vitest';
import { messageOf, type TestStage } from './stage.ts';

/** Ada asks for a sign-in; gives the address of its button. */
export async function signInLink(stage: TestStage): Promise<string> {
  const answer = messageOf(await stage.ada.command(stage.channel, 'connect'));
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  await stage.discord.world.until(() => answer.content.includes('Sign in with Kubeez within 15 minutes'), 'a link');
  return /"url":"([^"]+)"/.exec(JSON.stringify(answer.components))?.[1] ?? '';
}

/** Says yes on Kubeez's page and follows the way back; gives what the bot's page says. */
export async function sayYes(link: string): Promise<string> {
  const page = await (await fetch(link)).text();
  const back = /href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  return (await fetch(back)).text();
}
