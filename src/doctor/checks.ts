import { type REST, Routes } from 'discord.js';
import { z } from 'zod';
import { Seal } from '../accounts/seal.ts';
import { type Config, readConfig } from '../config.ts';
import { inviteLink } from '../discord/invite.ts';
import { impatientRest, knownBot, serversOf } from '../discord/knownBot.ts';
import { missingInServer } from '../discord/permissions.ts';
import { copySchema } from '../kubeez/catalogue.ts';
import { capabilities } from '../kubeez/tools.ts';
import { createLogger } from '../log.ts';
import { catalogueCopy } from '../state/catalogueCopy.ts';
import { openStore } from '../state/store.ts';
import { allOf, anyOf, t } from '../text/text.ts';
import { readTextsFile } from '../text/textsFile.ts';
import { type AccountTrouble, checkAccount, openAccount, troubleOf } from './account.ts';
import { unreachable } from './reach.ts';

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
    ...(await guarded('discord', t('doctor.checkDiscord'), () => discord(config), config.DISCORD_API_URL)),
    ...(await guarded('kubeez', t('doctor.checkKubeez'), () => kubeez(config))),
    ...(await guarded('store', t('doctor.checkStore'), () => store(config))),
    ...accounts(config),
  ];
}

async function guarded(
  part: 'discord' | 'kubeez' | 'store',
  mend: string,
  look: () => Promise<Finding[]>,
  address?: string,
): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const reason = error instanceof Error ? error.name : t('doctor.anError');
    const away = address === undefined ? undefined : unreachable(error, address);
    return [{ how: 'blocks', what: away ?? t('doctor.notExamined', { part, reason }), mend }];
  }
}

/** Whether the bot may do in its servers what the invitation asks for. */
async function servers(rest: REST, link: string): Promise<Finding[]> {
  const all = await serversOf(rest);
  if (all.length === 0) return [{ how: 'warns', what: t('doctor.noServer'), mend: t('doctor.invite', { link }) }];
  const lacking = all.flatMap(({ name, permissions }) => {
    const missing = missingInServer(permissions);
    return missing.length > 0 ? [t('doctor.lacks', { server: name, permissions: allOf(missing) })] : [];
  });
  if (lacking.length === 0) return [{ how: 'good', what: t('doctor.everyPermission', { count: all.length }) }];
  const shown = lacking.slice(0, 10).join(', ');
  return [
    {
      how: 'warns',
      what: t('doctor.permissionsMissing', { count: lacking.length, servers: shown }),
      mend: t('doctor.givePermissions', { link }),
    },
  ];
}

const gatewaySchema = z.object({ session_start_limit: z.object({ remaining: z.number() }) });

async function discord({ DISCORD_API_URL, DISCORD_TOKEN, DISCORD_GUILD_ID }: Config): Promise<Finding[]> {
  const rest = impatientRest(DISCORD_API_URL, DISCORD_TOKEN);
  const bot = await knownBot(rest);
  if (!bot) return [{ how: 'blocks', what: t('doctor.tokenRefused'), mend: t('doctor.newToken') }];
  const { name } = bot;
  const link = inviteLink(bot.application);
  const { session_start_limit } = gatewaySchema.parse(await rest.get(Routes.gatewayBot()));
  const findings: Finding[] = [{ how: 'good', what: t('doctor.knownAs', { name }) }];
  if (session_start_limit.remaining < 100)
    findings.push({
      how: 'warns',
      what: t('doctor.startsLeft', { count: session_start_limit.remaining }),
      mend: t('doctor.whyStarts'),
    });
  if (DISCORD_GUILD_ID) {
    const isThere = await rest.get(Routes.guild(DISCORD_GUILD_ID)).then(
      () => true,
      () => false,
    );
    findings.push(
      isThere
        ? { how: 'good', what: t('doctor.inGuild') }
        : {
            how: 'blocks',
            what: t('doctor.notInGuild'),
            mend: t('doctor.inviteOrLeaveOut', { link }),
          },
    );
  }
  return [...findings, ...(await servers(rest, link))];
}

async function kubeez(config: Config): Promise<Finding[]> {
  if (config.KUBEEZ_TOKEN === undefined) return [{ how: 'good', what: t('doctor.noOwnAccount') }];
  const client = openAccount(config.KUBEEZ_MCP_URL, config.KUBEEZ_TOKEN);
  try {
    const account = await checkAccount(client);
    if ('error' in account) return [accountTrouble(account, config)];
    const missing = capabilities.filter((capability) => !client.offers(capability));
    const rows = await client.models();
    return [
      { how: 'good', what: t('doctor.accepted', { credits: account.credits }) },
      ...(account.is === 'empty'
        ? [{ how: 'warns' as const, what: t('doctor.noCredits'), mend: t('doctor.topUp') }]
        : []),
      { how: 'good', what: t('doctor.models', { count: rows.length }) },
      {
        how: 'good',
        what:
          missing.length === 0
            ? t('doctor.capabilities', { all: capabilities.length })
            : t('doctor.capabilitiesMissing', {
                count: capabilities.length - missing.length,
                all: capabilities.length,
                missing: anyOf(missing),
              }),
      },
    ];
  } catch (error) {
    return [accountTrouble(troubleOf(error), config)];
  } finally {
    await client.close();
  }
}

/** The bot starts also while Kubeez is away, so this does not block. */
const accountTrouble = ({ is, error }: AccountTrouble, { KUBEEZ_MCP_URL: address }: Config): Finding =>
  is === 'refused'
    ? { how: 'blocks', what: t('doctor.kubeezRefuses'), mend: t('doctor.newKubeezToken') }
    : {
        how: 'warns',
        what: unreachable(error, address) ?? t('doctor.kubeezOdd', { code: error.code }),
        mend: t('doctor.waitForKubeez'),
      };

const noteSchema = z.object({ v: z.literal(1), at: z.number() });

async function store({ STATE_URL }: Config): Promise<Finding[]> {
  const opened = await openStore(STATE_URL, createLogger('silent'));
  const at = Date.now();
  await opened.set('doctor', { v: 1, at });
  const read = await opened.get('doctor', noteSchema);
  await opened.delete('doctor');
  const copy = copySchema.safeParse(await catalogueCopy(opened).load());
  await opened.close();
  const kind = STATE_URL.startsWith('sqlite:') ? 'sqlite' : 'redis';
  const catalogue = copy.success
    ? t('doctor.catalogueKept', { minutes: Math.round((at - copy.data.readAt) / 60_000) })
    : t('doctor.noCatalogue');
  return [
    read?.at === at
      ? { how: 'good', what: t('doctor.storeKeeps', { store: kind }) }
      : { how: 'blocks', what: t('doctor.storeLoses', { store: kind }), mend: t('doctor.otherStore') },
    { how: 'good', what: catalogue },
  ];
}

function accounts({ STATE_KEY, PUBLIC_URL, HTTP_PORT }: Config): Finding[] {
  if (!STATE_KEY)
    return [
      {
        how: 'warns',
        what: t('doctor.noConnect'),
        mend: t('doctor.setStateKey'),
      },
    ];
  const sealed = new Seal(STATE_KEY);
  const isWell = sealed.open(sealed.close('x')) === 'x';
  const byBrowser = PUBLIC_URL && HTTP_PORT;
  return [
    { how: isWell ? 'good' : 'blocks', what: t('doctor.sealed') },
    byBrowser
      ? { how: 'good', what: t('doctor.comeBack', { address: new URL(PUBLIC_URL).origin }) }
      : {
          how: 'warns',
          what: t('doctor.tokenOnly'),
          mend: t('doctor.setPublicUrl'),
        },
  ];
}

/** Prints what was found and returns the exit code. `inLines`: what to do stands in the same line. */
export function report(findings: Finding[], say: (line: string) => void, inLines = false): number {
  for (const { how, what, mend } of findings) {
    const sign = signs[how];
    const key = inLines ? 'doctor.mendInLine' : 'doctor.mend';
    say(mend ? t(key, { sign, what, mend }) : t('doctor.found', { sign, what }));
  }
  const blocking = findings.filter(({ how }) => how === 'blocks').length;
  say('');
  say(blocking === 0 ? t('doctor.canRun') : t('doctor.cannotRun', { count: blocking }));
  return blocking === 0 ? 0 : 1;
}

/** Looks at the environment of this process, as `npm start` would. */
export async function examineEnvironment(): Promise<Finding[]> {
  const result = readConfig();
  if (result.ok) {
    const { TEXTS_FILE: file } = result.config;
    const texts = file === undefined ? undefined : readTextsFile(file);
    const odd: Finding[] = texts?.ok === false ? [{ how: 'blocks', what: texts.sentence }] : [];
    return [{ how: 'good', what: t('doctor.wellFormed') }, ...odd, ...(await examine(result.config))];
  }
  return result.problems.map((what) => ({ how: 'blocks', what, mend: t('doctor.seeExample') }));
}
