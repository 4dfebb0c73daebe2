import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type Message,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { z } from 'zod';
import { writeFormId } from '../discord/customId.ts';
import type { RecipeName } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { MediaKind } from '../kubeez/model.ts';
import { begin } from './begin.ts';
import type { Asking, Menu, Parts } from './command.ts';
import { form, picked, written } from './forms.ts';
import { checkWish } from './generating.ts';
import { fieldsFor } from './onward.ts';
import {
  bare,
  checkGiven,
  type Given,
  givenOf,
  kindsOf,
  no,
  type Picked,
  pickModel,
  type Request,
  yes,
} from './request.ts';

/** The name of the forms that menus show. */
export const menuForm = 'menu';

const draftSchema = z.object({
  v: z.literal(1),
  recipe: z.enum(['edit', 'animate', 'captions', 'separate']),
  files: z.array(z.object({ url: z.string(), name: z.string(), type: z.string().default(''), bytes: z.number() })),
});

/** Entries of a message's menu: its files are what a flow begins with. */
export const menus: Menu[] = [
  menu('Edit image', 'edit', ['image'], 'a picture'),
  menu('Animate image', 'animate', ['image'], 'a picture'),
  menu('Caption video', 'captions', ['video'], 'a video'),
  menu('Separate audio', 'separate', ['audio', 'video'], 'a sound or a video'),
];

function menu(name: string, recipe: RecipeName, kinds: MediaKind[], what: string): Menu {
  return {
    data: {
      type: ApplicationCommandType.Message,
      name,
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
      integration_types: [ApplicationIntegrationType.GuildInstall],
    },
    async execute(interaction, parts) {
      const files = filesOf(interaction.targetMessage)
        .filter((file) => kindsOf(file).some((kind) => kinds.includes(kind)))
        .slice(0, 10);
      const [first] = files;
      if (!first) {
        const content = `That message has no file this could work with: pick one with ${what}. Nothing was spent.`;
        await interaction.reply({ content, flags: MessageFlags.Ephemeral });
        return;
      }
      const fields = await fieldsFor(recipes[recipe], files, interaction, parts);
      if (fields.length === 0) {
        await begin(interaction, withFile(recipe, first, interaction, parts), parts);
        return;
      }
      const { id, kept } = parts.drafts.keep({ recipe, files });
      await interaction.showModal(form(writeFormId({ form: menuForm, draft: id }), name, fields));
      await kept;
    },
  };
}

/** The files of a message, and of the messages it forwards. */
function filesOf({ attachments, messageSnapshots }: Message): Given[] {
  const forwarded = [...(messageSnapshots?.values() ?? [])].flatMap((message) => [...message.attachments.values()]);
  return [...attachments.values(), ...forwarded].map(givenOf);
}

/** Takes the form that a menu has shown. */
export async function submitMenu(interaction: ModalSubmitInteraction, draft: string, parts: Parts): Promise<void> {
  await begin(interaction, fromForm(interaction, draft, parts), parts);
}

async function fromForm(interaction: ModalSubmitInteraction, id: string, parts: Parts): Promise<Picked<Request>> {
  const draft = await parts.drafts.read(id, draftSchema);
  const file = draft?.files[Number(picked(interaction, 'file') ?? 0)];
  if (!draft || !file) return no('That form is too old: open the menu of the message again.');
  return withFile(draft.recipe, file, interaction, parts);
}

async function withFile(name: RecipeName, file: Given, interaction: Asking, parts: Parts): Promise<Picked<Request>> {
  const recipe = recipes[name];
  const request = await checkedFor(name, interaction, parts);
  if (!request.ok) return request;
  const files = checkGiven([file], recipe, request.value.model);
  return files.ok ? yes({ ...request.value, ...files.value }) : files;
}

async function checkedFor(name: RecipeName, interaction: Asking, parts: Parts): Promise<Picked<Request>> {
  const recipe = recipes[name];
  if (interaction.isModalSubmit() && recipe.generationType !== '') {
    const wish = { prompt: written(interaction, 'prompt'), model: picked(interaction, 'model') ?? null };
    return checkWish(recipe, wish, interaction, parts);
  }
  const model = await pickModel(null, recipe, interaction, parts);
  return model.ok ? yes({ ...bare, recipe, model: model.value }) : model;
}
