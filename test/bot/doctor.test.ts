import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { examine, report } from '../../src/doctor/checks.ts';
import { messageOf, useStage } from '../stage.ts';

const stage = useStage();

/** What the doctor says of an environment, and its exit code. */
async function visit(env: Record<string, string> = {}): Promise<{ code: number; said: string }> {
  const parsed = parseConfig({ ...stage.env, ...env });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const lines: string[] = [];
  const code = report(await examine(parsed.config), (line) => lines.push(line));
  return { code, said: lines.join('\n') };
}

test('all is well: Discord, Kubeez, tools, store', async () => {
  const { code, said } = await visit({ DISCORD_GUILD_ID: stage.guild.id });
  expect(code).toBe(0);
  expect(said).toContain('✔ Discord knows the bot as kubeez');
  expect(said).toContain('✔ the bot is in the server of DISCORD_GUILD_ID');
  expect(said).toContain('✔ every permission is there in 1 server');
  expect(said).toContain('✔ no catalogue is kept yet: the first start makes one');
  expect(said).toContain('✔ Kubeez accepts the account: 1,000 credits');
  expect(said).toMatch(/✔ the catalogue has 1\d\d models/);
  expect(said).toMatch(/this server has no .*dub/);
  expect(said).toContain('✔ the SQLite file keeps what is written');
  expect(said).toContain('! servers cannot connect accounts of their own\n    → set STATE_KEY');
  expect(said).toContain('The bot can run.');
});

test('whatever blocks is named with its mend, and the exit code says so', async () => {
  const { code, said } = await visit({
    DISCORD_TOKEN: 'wrong',
    KUBEEZ_TOKEN: 'wrong',
    STATE_URL: 'sqlite:/dev/null/bot.db',
    STATE_KEY: randomBytes(32).toString('base64'),
  });
  expect(code).toBe(1);
  expect(said).toContain('✘ Discord refuses the token (KD-725)\n    → make a new token');
  expect(said).toContain('✘ Kubeez refuses the token (KD-729)\n    → make a new one');
  expect(said).toContain('✘ I could not check the store');
  expect(said).toContain('fix these 3 findings first.');
  expect(said).not.toContain('wrong');
});

test('servers in which the bot lacks something are named; a catalogue that is kept, with its age', async () => {
  const bot = await stage.startBot();
  await bot.stop();
  stage.guild.denied.add('AttachFiles').add('SendMessagesInThreads');
  const { code, said } = await visit();
  expect(code).toBe(0);
  expect(said).toContain(
    '! permissions are missing in 1 server: “Paper Moon Studio” (Attach Files and Send Messages in Threads) (KD-724)\n    → give the bot’s role',
  );
  expect(said).toContain('✔ a catalogue is kept for outages, 0 minutes old');
  stage.discord.world.guilds.clear();
  expect((await visit()).said).toContain(
    '! the bot is in no server yet\n    → open this link and choose your server: https://discord.com/oauth2/authorize?client_id=',
  );
});

test('Kubeez that is away does not keep the bot from starting', async () => {
  stage.kubeez.outage.on = true;
  const { code, said } = await visit();
  expect(code).toBe(0);
  expect(said).toContain('! Kubeez does not answer as it should (outage)');
});

test('/doctor tells an administrator the same of their server', async () => {
  await stage.startBot();
  stage.channel.denied.add('AttachFiles');
  stage.ada.user.dmsOpen = false;
  const answer = messageOf(await stage.ada.command(stage.channel, 'doctor'));
  await stage.discord.world.until(() => answer.content.includes('I know'), 'an answer');
  expect(answer.content).toContain('❌ I lack Attach Files in this channel');
  expect(answer.content).toContain('⚠️ I cannot send you DMs');
  expect(answer.content).toContain('I can attach files of up to 10 MB');
  expect(answer.content).toContain('The bot’s own account pays here: 1,000 credits are left.');
});
