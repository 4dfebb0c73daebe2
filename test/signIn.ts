import { expect } from 'vitest';
import type { Person } from '../playground/discord/person.ts';
import type { Stage } from '../playground/stage.ts';
import { messageOf } from './stage.ts';

/** Somebody asks for a sign-in, Ada unless said otherwise; gives the address of its button. */
export async function signInLink(
  stage: Pick<Stage, 'ada' | 'channel' | 'discord'>,
  { by = stage.ada, isOwn = false }: { by?: Person; isOwn?: boolean } = {},
): Promise<string> {
  const answer = messageOf(await by.command(stage.channel, 'connect', isOwn ? { mine: true } : {}));
  expect(answer.ephemeralFor).toBe(by.user.id);
  await stage.discord.world.until(() => answer.content.includes('Sign in with Kubeez within 15 minutes'), 'a link');
  return /"url":"([^"]+)"/.exec(JSON.stringify(answer.components))?.[1] ?? '';
}

/** The bot's page after a sign-in, in the browser that has it. */
export interface SignInPage {
  text: string;
  status: number;
  /** Where it is, and the cookie and fields that its buttons send. */
  address: string;
  cookie: string;
  fields: Record<string, string>;
}

/** Where the buttons of Kubeez's page lead back to. */
export async function waysBack(link: string): Promise<{ yes: string; no: string }> {
  const page = await (await fetch(link)).text();
  const way = (id: string) => new RegExp(`id="${id}" href="([^"]+)"`).exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  return { yes: way('yes'), no: way('no') };
}

/** Says yes on Kubeez's page and follows the way back to the bot's page. */
export async function comeBack(link: string): Promise<SignInPage> {
  return openPage((await waysBack(link)).yes);
}

export async function openPage(address: string): Promise<SignInPage> {
  const answer = await fetch(address);
  const text = await answer.text();
  const fields = [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
  return {
    text,
    status: answer.status,
    address,
    cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    fields: Object.fromEntries(fields.map(([, name, value]) => [name, value])),
  };
}

/** Presses a button of the bot's page; gives what it says then. */
export async function pressOnPage({ address, cookie, fields }: SignInPage, answer: 'yes' | 'no'): Promise<string> {
  const body = new URLSearchParams({ ...fields, answer });
  const action = new URL(new URL(address).pathname, address);
  return (await fetch(action, { method: 'POST', body, headers: { cookie } })).text();
}

/**
 * Says yes on Kubeez's page, and on the bot's; gives what that says at the end.
 *
 * @param leadTo where an address of the bot leads, when that is not where it says
 */
export async function sayYes(link: string, leadTo = (address: string) => address): Promise<string> {
  const page = await openPage(leadTo((await waysBack(link)).yes));
  return Object.keys(page.fields).length === 0 ? page.text : pressOnPage(page, 'yes');
}
