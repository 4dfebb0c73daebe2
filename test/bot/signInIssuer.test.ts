import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../playground/freePort.ts';
import { Seal } from '../../src/accounts/seal.ts';
import { openPage, pressOnPage, sayYes, signInLink, waysBack } from '../signIn.ts';
import { useStage } from '../stage.ts';

/** From whom the answer to a sign-in comes (RFC 9207). */
const stage = useStage();
const key = randomBytes(32);

const connected = 'now pays with this Kubeez account';
const another = 'That answer does not say that it comes from Kubeez. Nothing was changed. Use /connect again. (KD-617)';

/** The settings of the sign-in's server, once a bot runs that Ada can connect an account to. */
async function started() {
  stage.guild.admins.add(stage.ada.user.id);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const account = { KUBEEZ_TOKEN: '', STATE_KEY: key.toString('base64') };
  await stage.startBot({ ...account, HTTP_PORT: String(port), PUBLIC_URL: address });
  return stage.kubeez.oauth.settings;
}

const privateAnswer = () => stage.ada.sees(stage.channel).findLast(({ ephemeralFor }) => ephemeralFor !== null);

/** Opens an answer that the bot has to refuse, and makes sure that nothing came of it. */
async function refused(answer: string): Promise<void> {
  const page = await openPage(answer);
  expect(page.status).toBe(400);
  expect(page.text).toContain(another);
  expect(page.fields).toEqual({});
  const told =
    'The answer to the sign-in does not say that it comes from Kubeez, so no account was connected. Use /connect again. (KD-617)';
  await stage.discord.world.until(() => privateAnswer()?.content === told, told);
  expect(stage.kubeez.oauth.asked).toBe(0);
  expect(stage.rows().filter(({ key }) => key.includes('state:'))).toEqual([]);
}

const wrong = {
  'another server': () => 'https://other.example/',
  'the same address, written differently': (own: string) => own.toUpperCase(),
  'the same without its last stroke': (own: string) => own.slice(0, -1),
  'an empty name': () => '',
  'no name, though the server says that it gives one': () => undefined,
};

test.each(Object.entries(wrong))(
  'an answer that names %s is refused, its code is sent to nobody, and the link is used up',
  async (_, issuerIn) => {
    const settings = await started();
    const link = await signInLink(stage);
    const { yes: right } = await waysBack(link);
    settings.issuerIn = issuerIn;
    await refused((await waysBack(link)).yes);
    expect((await openPage(right)).text).toContain('That link was used already');
    // The next sign-in goes well.
    settings.issuerIn = (own) => own;
    expect(await sayYes(await signInLink(stage))).toContain(connected);
  },
);

test('a wrong answer after the right one ends the sign-in as well: the page that was shown connects nothing', async () => {
  const settings = await started();
  const link = await signInLink(stage);
  const page = await openPage((await waysBack(link)).yes);
  settings.issuerIn = wrong['another server'];
  await refused((await waysBack(link)).yes);
  expect(await pressOnPage(page, 'yes')).toContain('That link was used already');
  expect(stage.kubeez.oauth.asked).toBe(0);
});

test('a server that does not say that it names itself need not, but may name nobody else', async () => {
  const settings = await started();
  settings.saysItNamesItself = false;
  settings.issuerIn = () => undefined;
  expect(await sayYes(await signInLink(stage))).toContain(connected);
  settings.issuerIn = wrong['another server'];
  const { asked } = stage.kubeez.oauth;
  expect(await sayYes(await signInLink(stage))).toContain(another);
  expect(stage.kubeez.oauth.asked).toBe(asked);
});

test('a refusal is believed only of the server that was asked', async () => {
  const settings = await started();
  settings.issuerIn = wrong['another server'];
  await refused((await waysBack(await signInLink(stage))).no);
  settings.issuerIn = (own) => own;
  const { no } = await waysBack(await signInLink(stage));
  expect((await openPage(no)).text).toContain('Kubeez was not given permission. Nothing was changed.');
});

test('a sign-in that an earlier version began, which kept nothing of its server, still ends well', async () => {
  await started();
  const link = await signInLink(stage);
  const record = `sealed:state:${new URL(link).searchParams.get('state')}`;
  const seal = new Seal([key]);
  const { sealed } = z.object({ sealed: z.string() }).parse(JSON.parse(await stage.readRecord(record)));
  const { issuer, namesItself, ...before } = z.looseObject({}).parse(JSON.parse(seal.open(sealed) ?? ''));
  expect(issuer).toBe(new URL(stage.kubeez.platform.origin).href);
  expect(namesItself).toBe(true);
  await stage.writeRecord(record, { v: 1, sealed: seal.close(JSON.stringify(before)) });
  expect(await sayYes(link)).toContain(connected);
});
