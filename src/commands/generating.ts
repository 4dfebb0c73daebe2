import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  type Attachment,
  type ChatInputCommandInteraction,
  InteractionContextType,
  MessageFlags,
} from 'discord.js';
import { plain } from '../discord/limits.ts';
import { missingPermissions } from '../discord/permissions.ts';
import { renderCard } from '../flows/card.ts';
import type { Flow, Input } from '../flows/flow.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import type { Model } from '../kubeez/model.ts';
import type { Command, CommandParts } from './command.ts';
import { newFlow } from './newFlow.ts';
import { allowed, checkOptions, type OptionName, optionDefinitions } from './options.ts';
import { modelChoices, rankModels, valueChoices } from './ranking.ts';

interface GeneratingCommand {
  recipe: Recipe;
  description: string;
  options: OptionName[];
}

type Picked<Value> = { ok: true; value: Value } | { ok: false; sentence: string };

/** A command that starts a flow: checks what was typed from memory, shows the card, and hands the flow to the runner. */
export function generatingCommand({ recipe, description, options }: GeneratingCommand): Command {
  return {
    data: {
      type: ApplicationCommandType.ChatInput,
      name: recipe.name,
      description,
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
      integration_types: [ApplicationIntegrationType.GuildInstall],
      options: options.map((name) => optionDefinitions[name]),
    },

    async execute(interaction, parts) {
      const request = await readRequest(interaction, recipe, parts);
      if (!request.ok) {
        await interaction.reply({ content: request.sentence, flags: MessageFlags.Ephemeral });
        return;
      }
      const flow = newFlow(interaction, recipe, request.value, parts.clock.now());
      // Side by side: the record is there before anything can happen to it, and Discord's 3 seconds are not spent on it.
      const kept = parts.runner.add(flow);
      const message = await showCard(interaction, flow, parts);
      await kept;
      // Without an answer from Discord the card may be there or not: the flow looks for it, as after a restart.
      await parts.runner.send(flow.id, message === undefined ? { type: 'resumed' } : { type: 'started', message });
    },

    async autocomplete(interaction, { catalogue, popularity }) {
      const focused = interaction.options.getFocused(true);
      const models = catalogue.all().filter(recipe.accepts);
      const uses = await popularity.of(interaction.guildId ?? interaction.user.id).catch(() => new Map());
      if (focused.name === 'model') {
        await interaction.respond(modelChoices(rankModels(models, focused.value, uses)));
        return;
      }
      const typed = interaction.options.getString('model')?.trim();
      const model = typed ? findModel(models, typed) : rankModels(models, '', uses)[0];
      await interaction.respond(model ? valueChoices(allowed(model, focused.name), focused.value) : []);
    },
  };
}

/** Answers with the card; gives its id, or undefined when Discord's answer did not arrive. */
async function showCard(interaction: ChatInputCommandInteraction, flow: Flow, { clock, log }: CommandParts) {
  try {
    const answer = await interaction.reply({ ...renderCard(flow, clock.now()), withResponse: true });
    return answer.resource?.message?.id ?? (await interaction.fetchReply()).id;
  } catch (err) {
    log.warn({ err, flow: flow.id }, 'no answer to the card');
    return undefined;
  }
}

async function readRequest(
  interaction: ChatInputCommandInteraction,
  recipe: Recipe,
  { catalogue, popularity, isInThread }: CommandParts,
): Promise<Picked<Parameters<typeof newFlow>[2]>> {
  const missing = interaction.inGuild()
    ? missingPermissions(interaction.appPermissions, isInThread(interaction.id))
    : [];
  if (missing.length > 0) {
    return no(`I cannot show results here: give me ${missing.join(', ')} in this channel. Nothing was spent.`);
  }
  const models = catalogue.all().filter(recipe.accepts);
  if (catalogue.all().length === 0) {
    return no(
      'Kubeez could not be reached yet, so there are no models to choose from. Try again in a minute; nothing was spent.',
    );
  }
  const uses = await popularity.of(interaction.guildId ?? interaction.user.id);
  const model = pickModel(models, interaction.options.getString('model'), uses, recipe);
  if (!model.ok) return model;
  const prompt = checkPrompt(interaction.options.getString('prompt', true), model.value);
  if (!prompt.ok) return prompt;
  const { options } = interaction;
  const typed = {
    aspect: options.getString('aspect'),
    duration: options.getString('duration'),
    resolution: options.getString('resolution'),
    quality: options.getString('quality'),
    sound: options.getBoolean('sound'),
    negative: options.getString('negative'),
    seed: options.getInteger('seed'),
  };
  const checked = checkOptions(model.value, typed, recipe.inputs.length > 0);
  if (!checked.ok) return checked;
  const inputs = checkAttachment(options.getAttachment('image'), recipe);
  if (!inputs.ok) return inputs;
  return {
    ok: true,
    value: { prompt: prompt.value, model: model.value, options: checked.options, inputs: inputs.value },
  };
}

const no = (sentence: string) => ({ ok: false as const, sentence });

/** A model by its id or its name, however it is capitalised: autocomplete's value is only what people usually send. */
function findModel(models: Model[], typed: string): Model | undefined {
  const wanted = typed.toLowerCase();
  return (
    models.find((model) => model.id === typed) ??
    models.find((model) => model.id.toLowerCase() === wanted || model.name.toLowerCase() === wanted)
  );
}

function pickModel(
  models: Model[],
  typed: string | null,
  uses: ReadonlyMap<string, number>,
  recipe: Recipe,
): Picked<Model> {
  const wanted = typed?.trim();
  const ranked = rankModels(models, '', uses);
  const model = wanted ? findModel(models, wanted) : ranked[0];
  if (model) return { ok: true, value: model };
  if (ranked.length === 0) return no(`Kubeez has no model for /${recipe.name} at the moment. Nothing was spent.`);
  const near = rankModels(models, wanted ?? '', uses);
  const examples = (near.length > 0 ? near : ranked)
    .slice(0, 3)
    .map((one) => plain(one.name))
    .join(', ');
  return no(
    `There is no model “${plain(wanted ?? '')}” for /${recipe.name}. Pick one from the list, such as ${examples}. Nothing was spent.`,
  );
}

function checkPrompt(typed: string, model: Model): Picked<string> {
  const prompt = typed.trim();
  if (prompt === '') return no('The prompt is empty: say what you want to see. Nothing was spent.');
  if (model.promptMax !== undefined && prompt.length > model.promptMax) {
    const most = model.promptMax.toLocaleString('en');
    const length = prompt.length.toLocaleString('en');
    return no(
      `The prompt has ${length} characters, but ${plain(model.name)} takes ${most}. Shorten it; nothing was spent.`,
    );
  }
  return { ok: true, value: prompt };
}

/** An attachment stands in for the upload: Kubeez fetches its https address at once, before Discord lets it lapse. */
function checkAttachment(attachment: Attachment | null, recipe: Recipe): Picked<Input[]> {
  if (!attachment) return { ok: true, value: [] };
  const [kind] = recipe.inputs;
  if (kind === undefined || !attachment.contentType?.startsWith(`${kind}/`)) {
    return no(`“${plain(attachment.name)}” is not an image: attach a PNG, JPEG or WebP file. Nothing was spent.`);
  }
  const input = { url: attachment.url, kind, name: attachment.name, bytes: attachment.size };
  return { ok: true, value: [input] };
}
