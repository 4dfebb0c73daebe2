import { type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../playground/freePort.ts';
import { EnvFile } from '../../src/setup/envFile.ts';
import { setUp } from '../../src/setup/setup.ts';
import { Talk } from '../../src/setup/talk.ts';
import { messageOf, useStage } from '../stage.ts';
import { keys, Typist, wideTerminal } from '../typist.ts';

const stage = useStage();
const main = join(process.cwd(), 'dist/src/setup/main.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeez-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const envPath = () => join(folder, '.env');
const envText = () => readFileSync(envPath(), 'utf8');
const modeOf = (path: string) => statSync(path).mode & 0o777;

/** What is set beside the tokens, so that the stand-ins are asked. */
function addresses(): Record<string, string> {
  const { DISCORD_API_URL = '', KUBEEZ_MCP_URL = '', STATE_URL = '' } = stage.env;
  return { DISCORD_API_URL, KUBEEZ_MCP_URL, STATE_URL };
}

const botToken = () => stage.env.DISCORD_TOKEN ?? '';
const accountToken = () => stage.env.KUBEEZ_TOKEN ?? '';

/** Starts the setup in this process. */
function begin(env: Record<string, string> = {}, where = folder) {
  const { input, output, typist } = wideTerminal();
  const code = setUp(new Talk(input, output), new EnvFile(where), { ...addresses(), ...env });
  return { typist, code };
}

/** The answers of somebody who makes no mistake, up to the question for the payer. */
async function answerUpToPayer(typist: Typist): Promise<void> {
  await typist.answer('Paste the bot’s token', botToken(), keys.enter);
  await typist.sees('Discord knows this bot: kubeez');
  await typist.sees('The bot is in Paper Moon Studio.');
}

test('from nothing to /image: every answer is checked, and .env is for its owner alone', async () => {
  const { typist, code } = begin();
  await typist.answer('Paste the bot’s token', botToken(), keys.enter);
  await typist.sees('Discord knows this bot: kubeez');
  await typist.sees(
    `https://discord.com/oauth2/authorize?client_id=${stage.discord.world.bot.id}&scope=applications.commands+bot&permissions=274878024704\n`,
  );
  await typist.sees('The bot is in Paper Moon Studio.');
  await typist.answer('Whose credits are used?', keys.down, keys.enter);
  await typist.answer('Paste the key of your Kubeez account', accountToken(), keys.enter);
  await typist.sees('Kubeez accepts this key: 1,000 credits left');
  await typist.sees(`Saved in ${envPath()}`);
  await typist.sees('Discord has the commands.');
  await typist.sees('Then type /image in your server');
  expect(await code).toBe(0);
  expect(typist.shown).not.toContain(botToken());
  expect(typist.shown).not.toContain(accountToken());

  const saved = parse(envText());
  expect(saved).toEqual({
    DISCORD_TOKEN: botToken(),
    KUBEEZ_TOKEN: accountToken(),
    STATE_KEY: expect.stringMatching(/^[\w+/]{43}=$/),
  });
  expect(modeOf(envPath())).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['.env']);
  expect(stage.ada.commands(stage.channel).length).toBeGreaterThan(10);

  await stage.startBot(saved);
  messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm');
  // The bot found the commands as the setup had left them.
  expect(stage.discord.api.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
});

test('what can go wrong with a token gets one sentence each, and another try', async () => {
  const { typist, code } = begin();
  const question = 'Paste the bot’s token';
  const tries: [typed: string, said: string][] = [
    ['', 'Paste it first'],
    [`Bot ${botToken()}`, 'Paste it without “Bot” in front of it.'],
    [`${botToken()} ${botToken()}`, 'There is a space or a line break in it.'],
    [`"${botToken()}"`, 'Paste it without quotation marks.'],
    [stage.guild.id, 'That is an id, not the token.'],
    ['a'.repeat(64), 'That is the public key, not the token.'],
  ];
  await typist.sees(question);
  for (const [typed, said] of tries) {
    await typist.answer('', typed, keys.enter);
    await typist.sees(said);
  }
  await typist.answer('', `${botToken()}x`, keys.enter);
  await typist.sees('Discord does not know this token. Press Reset Token again and copy the new one.');
  await typist.answer(question, `  ${botToken()} `, keys.enter);
  await typist.sees('Discord knows this bot: kubeez');
  await typist.answer('Whose credits are used?', keys.enter);
  await typist.answer('Paste the key', `Bearer ${accountToken()}`, keys.enter);
  await typist.sees('Paste it without “Bearer” in front of it.');
  await typist.answer('', 'sk_live_wrong', keys.enter);
  await typist.sees('Kubeez does not accept this key.');
  stage.kubeez.platform.credits = 0;
  await typist.answer('Paste the key', accountToken(), keys.enter);
  await typist.sees('no credits are left');
  expect(await code).toBe(0);
  expect(parse(envText())).toEqual({ DISCORD_TOKEN: botToken(), KUBEEZ_TOKEN: accountToken() });
  for (const secret of [botToken(), accountToken(), 'sk_live_wrong']) expect(typist.shown).not.toContain(secret);
});

describe('a .env that is there', () => {
  const before = '# mine\nLOG_LEVEL=warn\nDISCORD_TOKEN=old\nSTATE_KEY=\n\nexport KUBEEZ_POLL_SECONDS = 2 # often\n';

  beforeEach(() => {
    writeFileSync(envPath(), before);
    chmodSync(envPath(), 0o644);
  });

  test('is changed after a question, line by line, and closed to others', async () => {
    const { typist, code } = begin();
    await typist.sees('Discord does not know this token.');
    await answerUpToPayer(typist);
    await typist.answer('Whose credits are used?', keys.down, keys.enter);
    await typist.answer('Paste the key', accountToken(), keys.enter);
    await typist.answer('DISCORD_TOKEN is set in that file already. Replace it?', keys.enter);
    expect(await code).toBe(0);
    const [, key = ''] = /^STATE_KEY=(.{44})$/m.exec(envText()) ?? [];
    expect(envText()).toBe(
      `${before.replace('=old', `=${botToken()}`).replace('STATE_KEY=', `STATE_KEY=${key}`)}KUBEEZ_TOKEN=${accountToken()}\n`,
    );
    expect(modeOf(envPath())).toBe(0o600);

    // The next time everything that is set can be kept, and the key is never made anew.
    const again = begin();
    await again.typist.answer('The token of kubeez is set already. Use it?', keys.enter);
    await again.typist.answer('Whose credits are used?', keys.down, keys.enter);
    await again.typist.sees('Kubeez accepts this key');
    await again.typist.answer('This key is set already. Use it?', keys.enter);
    const text = envText();
    expect(await again.code).toBe(0);
    expect(again.typist.shown).not.toContain('Replace');
    expect(envText()).toBe(text);
  });

  test('stays as it was when the answer is no', async () => {
    const { typist, code } = begin();
    await answerUpToPayer(typist);
    await typist.answer('Whose credits are used?', keys.enter);
    await typist.answer('Paste the key', accountToken(), keys.enter);
    await typist.answer('Replace it?', 'n');
    expect(await code).toBe(1);
    expect(typist.shown).toContain('Stopped. Nothing was saved.');
    expect(envText()).toBe(before);
    expect(modeOf(envPath())).toBe(0o644);
    expect(stage.ada.commands(stage.channel)).toEqual([]);
  });

  test('stays as it was, whichever question is answered with Ctrl+C, Ctrl+D or a closed terminal', async () => {
    const steps: ((typist: Typist) => Promise<void>)[] = [
      (typist) => typist.answer('Paste the bot’s token', botToken(), keys.enter),
      (typist) => typist.answer('Whose credits are used?', keys.enter),
      (typist) => typist.answer('Paste the key', accountToken(), keys.enter),
    ];
    const questions = ['Paste the bot’s token', 'Whose credits are used?', 'Paste the key', 'Replace it?'];
    for (const [index, question] of questions.entries()) {
      for (const leave of [keys.ctrlC, keys.ctrlD, 'close']) {
        const { typist, code } = begin();
        for (const step of steps.slice(0, index)) await step(typist);
        await typist.sees(question);
        if (leave === 'close') typist.hangUp();
        else await typist.answer('', leave);
        expect(await code).toBe(1);
        await typist.sees('Stopped. Nothing was saved.');
      }
    }
    expect(envText()).toBe(before);
  });

  test('with a line that the bot could not start with: said before anything is asked', async () => {
    writeFileSync(envPath(), 'STATE_KEY=short\nSTATE_URL=mysql://x\n');
    const { typist, code } = begin({ STATE_URL: 'mysql://x' });
    expect(await code).toBe(1);
    expect(typist.shown).toContain('STATE_URL must be sqlite:<file> or redis://<host> and STATE_KEY must be 32 bytes');
    expect(typist.shown).not.toContain('Paste');
  });
});

test('each server pays: no key of Kubeez is asked for, and one that is set goes', async () => {
  writeFileSync(envPath(), `KUBEEZ_TOKEN=${accountToken()}\n`);
  const { typist, code } = begin();
  await answerUpToPayer(typist);
  await typist.answer('Whose credits are used?', keys.down, keys.down, keys.enter);
  await typist.answer('KUBEEZ_TOKEN is set in that file already. Replace it?', keys.enter);
  expect(await code).toBe(0);
  expect(parse(envText())).toMatchObject({ KUBEEZ_TOKEN: '', STATE_KEY: expect.stringMatching(/^.{44}$/) });
});

test('a bot in no server is looked for again, or invited later', async () => {
  stage.discord.gateway.setMember(stage.guild, false);
  const { typist, code } = begin();
  await typist.answer('Paste the bot’s token', botToken(), keys.enter);
  await typist.answer('The bot is in no server yet.', keys.enter);
  await typist.answer('The bot is in no server yet.', keys.down, keys.enter);
  await typist.answer('Whose credits are used?', keys.ctrlC);
  expect(await code).toBe(1);
});

test('of many servers five are named', async () => {
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) stage.discord.world.addGuild(name, []);
  const { typist, code } = begin();
  await typist.answer('Paste the bot’s token', botToken(), keys.enter);
  await typist.sees('The bot is in Paper Moon Studio, A, B, C, D and 2 more.');
  await typist.answer('Whose credits are used?', keys.ctrlC);
  await code;
});

describe('a network that is closed', () => {
  test('to Discord: the address that could not be reached, and another try', async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const { typist, code } = begin({ DISCORD_API_URL: `${closed}/api` });
    await typist.answer('Paste the bot’s token', botToken(), keys.enter);
    await typist.sees(`${closed} could not be reached: it refused the connection. Check that this computer is online`);
    await typist.answer('Try again?', keys.enter);
    await typist.sees(`${closed} could not be reached`);
    await typist.answer('Try again?', 'n');
    expect(await code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('to a name that does not exist', async () => {
    const { typist, code } = begin({ DISCORD_API_URL: 'http://discord.invalid/api' });
    await typist.answer('Paste the bot’s token', botToken(), keys.enter);
    await typist.sees('http://discord.invalid could not be reached: its name was not found.');
    await typist.answer('Try again?', keys.ctrlC);
    expect(await code).toBe(1);
  });

  test('to Kubeez: the key can be used unchecked', async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const { typist, code } = begin({ KUBEEZ_MCP_URL: `${closed}/mcp` });
    await answerUpToPayer(typist);
    await typist.answer('Whose credits are used?', keys.enter);
    await typist.answer('Paste the key', accountToken(), keys.enter);
    await typist.sees(`${closed} could not be reached: it refused the connection.`);
    await typist.answer('The key could not be checked. What now?', keys.down, keys.enter);
    expect(await code).toBe(0);
    expect(parse(envText()).KUBEEZ_TOKEN).toBe(accountToken());
  });
});

test('Discord that answers with an error is asked again', async () => {
  stage.discord.api.faults.push({ match: /users\/%40me$/, answer: 503, times: 1 });
  const { typist, code } = begin();
  await typist.answer('Paste the bot’s token', botToken(), keys.enter);
  await typist.sees(`${new URL(stage.discord.apiUrl).origin} answers with an error.`);
  await typist.answer('Try again?', keys.enter);
  await typist.sees('Discord knows this bot: kubeez');
  await typist.answer('Whose credits are used?', keys.ctrlC);
  await code;
});

test('commands that Discord does not take now are left to the start of the bot', async () => {
  stage.discord.api.faults.push({ match: /^PUT /, answer: 503, times: 1 });
  const { typist, code } = begin();
  await answerUpToPayer(typist);
  await typist.answer('Whose credits are used?', keys.enter);
  await typist.answer('Paste the key', accountToken(), keys.enter);
  await typist.sees('The commands could not be sent to Discord now. The bot sends them when it starts.');
  expect(await code).toBe(0);
});

test('what is set outside of .env wins over it, which is said', async () => {
  const { typist, code } = begin({ DISCORD_TOKEN: botToken(), KUBEEZ_TOKEN: 'another' });
  await typist.answer('The token of kubeez is set already. Use it?', keys.enter);
  await typist.answer('Whose credits are used?', keys.enter);
  await typist.answer('Paste the key', accountToken(), keys.enter);
  await typist.sees('KUBEEZ_TOKEN is also set outside of that file, with another value');
  expect(await code).toBe(0);
  expect(typist.shown).not.toContain('DISCORD_TOKEN is also');
});

test.skipIf(process.platform !== 'linux')('a folder that cannot be written', async () => {
  const { typist, code } = begin({}, '/proc');
  await answerUpToPayer(typist);
  await typist.answer('Whose credits are used?', keys.enter);
  await typist.answer('Paste the key', accountToken(), keys.enter);
  await typist.sees('/proc/.env could not be written: check that you may write in this folder');
  expect(await code).toBe(1);
  expect(stage.ada.commands(stage.channel)).toEqual([]);
});

test('a .env that cannot be read', async () => {
  mkdirSync(envPath());
  const { typist, code } = begin();
  expect(await code).toBe(1);
  expect(typist.shown).toContain(`${envPath()} could not be read: check that it is a file`);
  expect(typist.shown).not.toContain('Paste');
});

/** Runs the compiled setup with nothing but this environment. */
function run(args: string[], env: Record<string, string>, options: SpawnOptions = {}) {
  const child = spawn(args[0] ?? '', args.slice(1), {
    cwd: folder,
    env: { PATH: process.env.PATH, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options,
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  if (!child.stdin || !child.stdout || !child.stderr) throw new Error('There are no streams');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  return { typist: new Typist(child.stdin, child.stdout), ended, output: () => output };
}

describe('--check', () => {
  const check = async (env: Record<string, string>) => {
    const { ended, output } = run([process.execPath, main, '--check'], { ...addresses(), ...env });
    return { code: await ended, output: output(), lines: output().trimEnd().split('\n') };
  };

  test('says that .env cannot be read, not that nothing is set', async () => {
    mkdirSync(envPath());
    const { code, lines } = await check({});
    expect(code).toBe(1);
    expect(lines[0]).toBe(
      `✘ ${envPath()} could not be read: check that it is a file, and that you may read it. (KD-807)`,
    );
  });

  test('says what is set, one line each, without a terminal', async () => {
    writeFileSync(envPath(), `DISCORD_TOKEN=${botToken()}\nKUBEEZ_TOKEN=${accountToken()}\n`, { mode: 0o644 });
    const { code, output, lines } = await check({});
    expect(code).toBe(0);
    expect(lines).toEqual(
      expect.arrayContaining([
        '! others on this computer can read .env (KD-813): chmod 600 .env',
        '✔ every variable is well formed',
        '✔ Discord knows the bot as kubeez',
        '✔ Kubeez accepts the account: 1,000 credits',
        '✔ the SQLite file keeps what is written',
        'The bot can run.',
      ]),
    );
    expect(lines.filter((line) => line !== '' && !/^[✔!✘] |^The bot can run/.test(line))).toEqual([]);
    expect(output).not.toContain(botToken());
    expect(output).not.toContain(accountToken());
    chmodSync(envPath(), 0o600);
    expect((await check({})).lines).toContain('✔ nobody else can read .env');
  });

  test('names what is missing, wrong or out of reach, and ends with 1', async () => {
    const nothing = await check({});
    expect(nothing.code).toBe(1);
    expect(nothing.output).toContain('✘ DISCORD_TOKEN is missing');
    const wrong = await check({ DISCORD_TOKEN: 'wrong-token', KUBEEZ_TOKEN: 'wrong-token' });
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain('✘ Discord refuses the token (KD-725): make a new token');
    expect(wrong.output).toContain('✘ Kubeez refuses the token (KD-729): make a new one');
    expect(wrong.output).not.toContain('wrong-token');
    const closed = `http://127.0.0.1:${await freePort()}`;
    const away = await check({ ...stage.env, DISCORD_API_URL: `${closed}/api`, KUBEEZ_MCP_URL: `${closed}/mcp` });
    expect(away.code).toBe(1);
    expect(away.output).toContain(`✘ ${closed} could not be reached: it refused the connection: check that this`);
    expect(away.output).toContain(`! ${closed} could not be reached: it refused the connection: wait`);
  });

  test('has the link for a bot that is in no server', async () => {
    stage.discord.gateway.setMember(stage.guild, false);
    const { code, output } = await check(stage.env);
    expect(code).toBe(0);
    expect(output).toContain(
      `! the bot is in no server yet: open this link and choose your server: https://discord.com/oauth2/authorize?client_id=${stage.discord.world.bot.id}&`,
    );
  });
});

test('without a terminal the setup says that it needs one', async () => {
  const { ended, output } = run([process.execPath, main], addresses());
  expect(await ended).toBe(1);
  expect(output()).toContain('needs a terminal. To check what is set without one: npm run setup -- --check');
});

test('the setup speaks the language that the terminal is set to', async () => {
  const { ended, output } = run([process.execPath, main], { ...addresses(), LANG: 'de_DE.UTF-8' });
  await ended;
  expect(output()).toContain('npm run setup stellt Fragen und braucht deshalb ein Terminal.');
});

describe.skipIf(process.platform !== 'linux')('in a real terminal', () => {
  const inTerminal = (env: Record<string, string>) =>
    run(['script', '-qefc', `stty cols 300 rows 50; exec '${process.execPath}' '${main}'`, '/dev/null'], env);

  test('the compiled setup asks, hides what is pasted, and writes .env', async () => {
    const { typist, ended } = inTerminal(addresses());
    await answerUpToPayer(typist);
    await typist.answer('Whose credits are used?', keys.enter);
    await typist.answer('Paste the key', accountToken(), keys.enter);
    await typist.sees('Then type /image');
    expect(await ended).toBe(0);
    for (const secret of [botToken(), accountToken()]) expect(typist.shown).not.toContain(secret);
    expect(parse(envText())).toEqual({ DISCORD_TOKEN: botToken(), KUBEEZ_TOKEN: accountToken() });
  });

  test('Ctrl+C ends it, also while Discord is asked', async () => {
    const { typist, ended } = inTerminal(addresses());
    await typist.answer('Paste the bot’s token', keys.ctrlC);
    await typist.sees('Stopped. Nothing was saved.');
    expect(await ended).toBe(1);
    stage.discord.api.faults.push({ match: /users\/%40me$/, answer: 'hang', times: 1 });
    const slow = inTerminal(addresses());
    await slow.typist.answer('Paste the bot’s token', botToken(), keys.enter);
    await slow.typist.answer('Asking Discord…', keys.ctrlC);
    await slow.typist.sees('Stopped. Nothing was saved.');
    expect(await slow.ended).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
