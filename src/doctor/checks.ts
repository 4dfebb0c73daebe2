import { REST, Routes } from 'discord.js';
import { z } from 'zod';
import { Seal } from '../accounts/seal.ts';
import { type Config, readConfig } from '../config.ts';
import { missingInServer } from '../discord/permissions.ts';
import { ReadQueue, readBudget } from '../kubeez/budget.ts';
import { copySchema } from '../kubeez/catalogue.ts';
import { Connection } from '../kubeez/connection.ts';
import { KubeezError } from '../kubeez/errors.ts';
import { Kubeez } from '../kubeez/kubeez.ts';
import { capabilities } from '../kubeez/tools.ts';
import { createLogger } from '../log.ts';
import { catalogueCopy } from '../state/catalogueCopy.ts';
import { openStore } from '../state/store.ts';

/** `npm run doctor`: looks at everything the bot needs, and says what to do for each finding. */

/** What was found. `blocks`: the bot cannot work like this. */
export interface Finding {
  how: 'good' | 'warns' | 'blocks';
  what: string;
  /** What to do about it. */
  mend?: string;
}

const signs = { good: '✔', warns: '!', blocks: '✘' };

/** Examines a configuration, one part after the other. Never throws. */
export async function examine(config: Config): Promise<Finding[]> {
  return [
    ...(await guarded('Discord', 'check DISCORD_API_URL and the network', () => discord(config))),
    ...(await guarded('Kubeez', 'check KUBEEZ_MCP_URL and the network', () => kubeez(config))),
    ...(await guarded('The store', 'check STATE_URL, and that its folder or server can be written', () =>
      store(config),
    )),
    ...accounts(config),
  ];
}

async function guarded(what: string, mend: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'an error';
    return [{ how: 'blocks', what: `${what} could not be looked at (${reason})`, mend }];
  }
}

/** Servers that are looked at; Discord lists no more at once. */
const serversMost = 200;
const serversSchema = z.array(z.object({ name: z.string(), permissions: z.string().transform(BigInt) }));

/** Whether the bot may do in its servers what the invitation asks for. */
async function servers(rest: REST): Promise<Finding[]> {
  const query = new URLSearchParams({ limit: String(serversMost) });
  const all = serversSchema.parse(await rest.get(Routes.userGuilds(), { query }));
  if (all.length === 0)
    return [{ how: 'warns', what: 'the bot is in no server yet', mend: 'invite it with the link of the README' }];
  const lacking = all.flatMap(({ name, permissions }) => {
    const missing = missingInServer(permissions);
    return missing.length > 0 ? [`“${name}” (${missing.join(', ')})`] : [];
  });
  if (lacking.length === 0)
    return [{ how: 'good', what: `every permission is there in ${count(all.length, 'server')}` }];
  const shown = lacking.slice(0, 10).join(', ');
  return [
    {
      how: 'warns',
      what: `permissions are missing in ${count(lacking.length, 'server')}: ${shown}`,
      mend: 'give the bot’s role what is missing, or invite it again with the link of the README',
    },
  ];
}

const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;

const userSchema = z.object({ id: z.string(), username: z.string() });
const gatewaySchema = z.object({ session_start_limit: z.object({ remaining: z.number() }) });

async function discord({ DISCORD_API_URL, DISCORD_TOKEN, DISCORD_GUILD_ID }: Config): Promise<Finding[]> {
  const rest = new REST({ api: DISCORD_API_URL, version: '10', retries: 0, timeout: 15_000 }).setToken(DISCORD_TOKEN);
  const statusOf = (error: unknown) =>
    typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : undefined;
  let name: string;
  try {
    name = userSchema.parse(await rest.get(Routes.user('@me'))).username;
  } catch (error) {
    const mend = 'make a new token in the Discord developer portal → Bot → Reset Token, and set DISCORD_TOKEN';
    if (statusOf(error) === 401) return [{ how: 'blocks', what: 'Discord refuses the token', mend }];
    throw error;
  }
  const { session_start_limit } = gatewaySchema.parse(await rest.get(Routes.gatewayBot()));
  const findings: Finding[] = [{ how: 'good', what: `Discord knows the bot as ${name}` }];
  if (session_start_limit.remaining < 100)
    findings.push({
      how: 'warns',
      what: `Discord allows only ${session_start_limit.remaining} more starts today`,
      mend: 'find out why the bot starts so often',
    });
  if (DISCORD_GUILD_ID) {
    const isThere = await rest.get(Routes.guild(DISCORD_GUILD_ID)).then(
      () => true,
      () => false,
    );
    findings.push(
      isThere
        ? { how: 'good', what: 'the bot is in the server of DISCORD_GUILD_ID' }
        : {
            how: 'blocks',
            what: 'the bot is not in the server of DISCORD_GUILD_ID',
            mend: 'invite it with the link of the README, or leave the variable out',
          },
    );
  }
  return [...findings, ...(await servers(rest))];
}

async function kubeez(config: Config): Promise<Finding[]> {
  if (config.KUBEEZ_TOKEN === undefined)
    return [{ how: 'good', what: 'no account of the bot’s own: every server connects one with /connect' }];
  const log = createLogger('silent');
  const connection = new Connection({
    url: config.KUBEEZ_MCP_URL,
    signIn: { token: config.KUBEEZ_TOKEN },
    isListening: false,
    now: Date.now,
    log,
  });
  const client = new Kubeez(connection, new ReadQueue(readBudget), config.KUBEEZ_MCP_URL, log);
  try {
    const tools = await connection.tools();
    const missing = capabilities.filter((capability) => !tools.has(capability));
    const rows = await client.models();
    const { credits } = await client.balance();
    return [
      { how: 'good', what: `Kubeez accepts the account: ${credits.toLocaleString('en')} credits` },
      ...(credits <= 0 ? [{ how: 'warns' as const, what: 'no credits are left', mend: 'top up on kubeez.com' }] : []),
      { how: 'good', what: `the catalogue has ${rows.length} models` },
      {
        how: 'good',
        what: `${tools.size} of ${capabilities.length} capabilities are there${missing.length > 0 ? `; this server has no ${missing.join(', ')}` : ''}`,
      },
    ];
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    return error.code === 'unauthorized'
      ? [
          {
            how: 'blocks',
            what: 'Kubeez refuses the token',
            mend: 'make a new one on kubeez.com → settings, and set KUBEEZ_TOKEN',
          },
        ]
      : [
          {
            how: 'warns',
            what: `Kubeez does not answer as it should (${error.code})`,
            mend: 'wait: the bot starts without it, and continues by itself when it is back',
          },
        ];
  } finally {
    await client.close();
  }
}

const noteSchema = z.object({ v: z.literal(1), at: z.number() });

async function store({ STATE_URL }: Config): Promise<Finding[]> {
  const opened = await openStore(STATE_URL, createLogger('silent'));
  const at = Date.now();
  await opened.set('doctor', { v: 1, at });
  const read = await opened.get('doctor', noteSchema);
  await opened.delete('doctor');
  const copy = copySchema.safeParse(await catalogueCopy(opened).load());
  await opened.close();
  const kind = STATE_URL.startsWith('sqlite:') ? 'the SQLite file' : 'Redis';
  const catalogue = copy.success
    ? `a catalogue is kept for outages, ${count(Math.round((at - copy.data.readAt) / 60_000), 'minute')} old`
    : 'no catalogue is kept yet: the first start makes one';
  return [
    read?.at === at
      ? { how: 'good', what: `${kind} keeps what is written` }
      : { how: 'blocks', what: `${kind} returned something other than what was written`, mend: 'use another store' },
    { how: 'good', what: catalogue },
  ];
}

function accounts({ STATE_KEY, PUBLIC_URL, HTTP_PORT }: Config): Finding[] {
  if (!STATE_KEY)
    return [
      {
        how: 'warns',
        what: 'servers cannot connect accounts of their own',
        mend: 'set STATE_KEY to 32 random bytes in base64 (openssl rand -base64 32), if they should',
      },
    ];
  const sealed = new Seal(STATE_KEY);
  const isWell = sealed.open(sealed.close('x')) === 'x';
  const byBrowser = PUBLIC_URL && HTTP_PORT;
  return [
    { how: isWell ? 'good' : 'blocks', what: 'accounts of servers are kept sealed' },
    byBrowser
      ? { how: 'good', what: `sign-ins come back to ${new URL(PUBLIC_URL).origin}` }
      : {
          how: 'warns',
          what: 'servers connect with a token only',
          mend: 'set PUBLIC_URL and HTTP_PORT for a sign-in by browser',
        },
  ];
}

/** Says what was found; gives the exit code. */
export function report(findings: Finding[], say: (line: string) => void): number {
  for (const { how, what, mend } of findings) say(`${signs[how]} ${what}${mend ? `\n    → ${mend}` : ''}`);
  const blocking = findings.filter(({ how }) => how === 'blocks').length;
  say(blocking === 0 ? '\nThe bot can run.' : `\nThe bot cannot run: ${blocking} of these must be fixed first.`);
  return blocking === 0 ? 0 : 1;
}

/** Looks at the environment of this process, as `npm start` would. */
export async function runDoctor(say: (line: string) => void): Promise<number> {
  const result = readConfig();
  if (!result.ok) {
    const mend = 'see .env.example';
    return report(
      result.problems.map((what) => ({ how: 'blocks' as const, what, mend })),
      say,
    );
  }
  say('✔ every variable is well formed');
  return report(await examine(result.config), say);
}
