import { readFormId } from '../discord/customId.ts';
import type { Command, CommandParts } from './command.ts';
import { draftForms, openDraft, submitDraft } from './editDraft.ts';
import { type Handler, withPayer } from './handler.ts';
import { menuForm, submitMenu } from './menus.ts';

/** Handles forms that belong to no flow yet, and the buttons that open them. */
export function formHandler(commands: Command[], parts: CommandParts): Handler {
  return {
    press(interaction, rest, arrival) {
      const id = readFormId(rest);
      if (!id || !draftForms.includes(id.form)) return undefined;
      return withPayer(interaction, parts, arrival).then((all) => openDraft(interaction, id, all));
    },
    submit(interaction, rest, arrival) {
      const id = readFormId(rest);
      const submit = id && submitterOf(id.form, commands);
      if (!submit) return undefined;
      arrival.note({ form: id.form }, 'form');
      return withPayer(interaction, parts, arrival).then((all) => submit(interaction, id.draft, all));
    },
  };
}

function submitterOf(form: string, commands: Command[]): Command['submit'] {
  if (draftForms.includes(form)) return submitDraft;
  if (form === menuForm) return submitMenu;
  return commands.find(({ name }) => name === form)?.submit;
}
