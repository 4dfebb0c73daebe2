import { createServer } from 'node:net';
import { expect } from 'vitest';
import { messageOf, type TestStage } from './stage.ts';

/** A port that nothing listens on. */
export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

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
