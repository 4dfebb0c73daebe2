import type { ButtonInteraction, ChatInputCommandInteraction, MessageContextMenuCommandInteraction } from 'discord.js';
import { whisper } from '../discord/whisper.ts';
import type { Flow } from '../flows/flow.ts';
import type { RuleCode } from '../flows/reasons.ts';
import type { RecipeName } from '../flows/recipes/index.ts';
import { ruleSentence } from '../flows/sentences.ts';
import { textsOf } from '../flows/written.ts';
import type { Verdict } from '../guilds/policy.ts';
import type { Logger } from '../log.ts';
import type { Parts, StartInteraction } from './command.ts';
import type { form } from './forms.ts';
import { nothingTyped, type Refused, type Request, refuse } from './request.ts';

/**
 * Why the rules of the server do not allow what somebody asks for; undefined where they do. What a style adds is asked about
 * with the price: its card offers to go on without it.
 */
export const ruledOut = (
  interaction: StartInteraction,
  { recipe, ...asked }: Pick<Request, 'recipe' | 'prompt' | 'options'>,
  parts: Parts,
): Promise<Refused | undefined> => askRules(interaction, recipe.name, textsOf(asked), parts);

/** Shows the form with which a request of this kind begins, unless the rules of the server do not allow it anyway. */
export async function showForm(
  interaction: ChatInputCommandInteraction | ButtonInteraction | MessageContextMenuCommandInteraction,
  recipe: RecipeName,
  shown: ReturnType<typeof form>,
  parts: Parts,
): Promise<void> {
  const refused = await askRules(interaction, recipe, [], parts);
  if (refused) await whisper(interaction, refused.sentence);
  else await interaction.showModal(shown);
}

/** What the rules have against a flow as it would be. */
export const flowRuledOut = (flow: Flow, { gate, log }: Parts): Promise<Refused | undefined> =>
  refusedBy(gate.mayGoOn(flow), flow.recipe, log);

/** Whether other words would be allowed. */
const isAboutWords = (code: RuleCode) => code === 'wordBlocked' || code === 'styleWord';

async function askRules(
  { guildId, channelId, user }: StartInteraction,
  recipe: RecipeName,
  texts: string[],
  { gate, place, logChannel, log }: Parts,
): Promise<Refused | undefined> {
  const channel = place.parent ?? channelId ?? '';
  const wish = { guild: guildId, person: user.id, roles: place.roles, channel, recipe, texts };
  return refusedBy(gate.mayBegin(wish), recipe, log, (code) => {
    if (guildId !== null) logChannel.tell(guildId, { what: 'notBegun', by: user.id, recipe, code });
  });
}

/**
 * What a verdict of the rules refuses, if it does. Where they cannot be read just now, that is left to the price, which is
 * not given without them.
 */
async function refusedBy(
  asked: Promise<Verdict>,
  recipe: RecipeName,
  log: Logger,
  onRefused: (code: RuleCode) => void = () => {},
): Promise<Refused | undefined> {
  try {
    const verdict = await asked;
    if (verdict.is !== 'refused') return undefined;
    const { code, rule } = verdict.reason;
    onRefused(code);
    return refuse(ruleSentence(code, rule, recipe), isAboutWords(code) ? undefined : nothingTyped);
  } catch (err) {
    log.warn({ err }, 'the rules of this server cannot be read now');
    return undefined;
  }
}
