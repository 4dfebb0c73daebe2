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
import { whisper } from '../discord/whisper.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { MediaKind } from '../kubeez/media.ts';
import { speaking, t } from '../text/text.ts';
import { begin, beginTyped } from './begin.ts';
import type { CommandParts, Menu, Parts } from './command.ts';
import { newDraft } from './draft.ts';
import { form, picked, readFields } from './forms.ts';
import { checkGenerating } from './generating.ts';
import { type Handler, withPayer } from './handler.ts';
import { fieldsFor } from './onward.ts';
import { checkFileRequest, type Given, givenOf, givenSchema, kindsOf, refuse } from './request.ts';
import { showForm } from './rules.ts';

/** The name of the forms that menus show. */
export const menuForm = 'menu';

const draftSchema = z.object({
  v: z.literal(1),
  recipe: z.enum(['edit', 'animate', 'captions', 'separate']),
  files: z.array(givenSchema),
});

/** Entries of a message's menu: its files are what a flow begins with. */
export const menus: Menu[] = [
  menu('edit', ['image'], 'image'),
  menu('animate', ['image'], 'image'),
  menu('captions', ['video'], 'video'),
  menu('separate', ['audio', 'video'], 'recording'),
];

function menu(
  recipe: 'edit' | 'animate' | 'captions' | 'separate',
  kinds: MediaKind[],
  kind: 'image' | 'video' | 'recording',
): Menu {
  return {
    define: () => ({
      type: ApplicationCommandType.Message,
      name: t(`menu.${recipe}`),
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
      integration_types: [ApplicationIntegrationType.GuildInstall],
    }),
    async execute(interaction, parts) {
      const files = filesOf(interaction.targetMessage)
        .filter((file) => kindsOf(file).some((one) => kinds.includes(one)))
        .slice(0, 10);
      const [first] = files;
      if (!first) {
        const content = t('refusal.noFileInMessage', { kind });
        await interaction.reply({ content, flags: MessageFlags.Ephemeral });
        return;
      }
      const fields = await fieldsFor(recipes[recipe], files, interaction, parts);
      if (fields.length === 0) {
        await begin(interaction, checkFileRequest(recipes[recipe], first, interaction, parts), parts);
        return;
      }
      const { id, kept } = parts.drafts.keep(interaction.user.id, { recipe, files });
      await showForm(
        interaction,
        recipe,
        form(writeFormId({ form: menuForm, draft: id }), t(`menu.${recipe}`), fields),
        parts,
      );
      await kept;
    },
  };
}

/** Finds the entry of a message's menu by its name. */
export function menuHandler(menus: Menu[], parts: CommandParts): Handler {
  return {
    async menu(interaction, [name = ''], arrival) {
      arrival.note({ menu: name }, 'menu');
      const entry = menus.find((menu) => speaking('en', menu.define).name === name);
      if (entry) return entry.execute(interaction, await withPayer(interaction, parts, arrival));
      await whisper(interaction, t('router.unknownMenu'));
    },
  };
}

/** The files of a message, and of the messages it forwards. */
function filesOf({ attachments, messageSnapshots }: Message): Given[] {
  const forwarded = [...(messageSnapshots?.values() ?? [])].flatMap((message) => [...message.attachments.values()]);
  return [...attachments.values(), ...forwarded].map(givenOf);
}

/** Takes the form that a menu has shown. */
export async function submitMenu(interaction: ModalSubmitInteraction, id: string, parts: Parts): Promise<void> {
  const draft = await parts.drafts.read(id, draftSchema);
  const file = draft?.files[Number(picked(interaction, 'file') ?? 0)];
  if (!draft || !file) {
    const asked = refuse(t('refusal.formTooOld'));
    return begin(interaction, Promise.resolve(asked), parts);
  }
  const { recipe } = draft;
  if (recipes[recipe].generationType === '')
    return begin(interaction, checkFileRequest(recipes[recipe], file, interaction, parts), parts);
  const { file: _, ...values } = readFields(interaction);
  const typed = newDraft(interaction.user.id, recipe, { values, files: { file } });
  return beginTyped(interaction, typed, checkGenerating, parts);
}
