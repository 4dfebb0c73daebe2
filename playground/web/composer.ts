import { html, nothing, type TemplateResult } from 'lit';
import type { ShownCommand, ShownOption, Who } from './protocol.ts';

const types = { number: 4, boolean: 5, user: 6, file: 11 };

/** What is being typed. */
export interface Draft {
  text: string;
  command: ShownCommand | null;
  values: Record<string, string | File>;
  /** Optional options that were added. */
  shown: string[];
  suggestions: { option: string; choices: { name: string; value: string | number }[] | 'failed' } | null;
  problem: string;
  isSending: boolean;
}

export const emptyDraft = (): Draft => ({
  text: '',
  command: null,
  values: {},
  shown: [],
  suggestions: null,
  problem: '',
  isSending: false,
});

export interface ComposerActions {
  /** Changes the draft and shows it. */
  change(changes: Partial<Draft>): void;
  suggest(option: ShownOption, typed: string): void;
  send(): void;
}

/** The line at the bottom: `/` lists the commands, a command shows its options. */
export function composerView(
  draft: Draft,
  commands: ShownCommand[],
  place: string,
  people: Who[],
  actions: ComposerActions,
): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    actions.send();
  };
  return html`<form class="composer" @submit=${submit} autocomplete="off">
    ${draft.command ? commandLine(draft, draft.command, people, actions) : textLine(draft, commands, place, actions)}
    ${draft.problem ? html`<p class="problem" role="alert">${draft.problem}</p>` : nothing}
  </form>`;
}

function textLine(draft: Draft, commands: ShownCommand[], place: string, { change }: ComposerActions): TemplateResult {
  const typed = draft.text.startsWith('/') ? draft.text.slice(1).toLowerCase() : undefined;
  const fitting = typed === undefined ? [] : commands.filter((command) => command.name.startsWith(typed));
  const choose = (command: ShownCommand) => change({ ...emptyDraft(), command });
  const keys = (event: KeyboardEvent) => {
    const [first] = fitting;
    if ((event.key !== 'Enter' && event.key !== 'Tab') || !first) return;
    event.preventDefault();
    choose(first);
  };
  return html`${
    fitting.length > 0
      ? html`<div class="popup" role="listbox">
          ${fitting.map((command) => html`<button type="button" data-command=${command.name} @click=${() => choose(command)}>/${command.name}<small>${command.description}</small></button>`)}
        </div>`
      : nothing
  }
    <input class="line" aria-label="Message" placeholder="Type / to use a command in ${place}" .value=${draft.text} @keydown=${keys}
      @input=${(event: InputEvent) => change({ text: textIn(event), problem: '' })} autofocus />`;
}

function commandLine(draft: Draft, command: ShownCommand, people: Who[], actions: ComposerActions): TemplateResult {
  const shown = command.options.filter((option) => option.required || draft.shown.includes(option.name));
  const hidden = command.options.filter((option) => !shown.includes(option));
  return html`<div class="options">
    <strong>/${command.name}</strong>
    ${shown.map((option) => optionView(draft, option, people, actions))}
    ${hidden.map(
      (option) => html`<button type="button" class="plain" data-add=${option.name} title=${option.description}
        @click=${() => actions.change({ shown: [...draft.shown, option.name] })}>+ ${option.name}</button>`,
    )}
    <button class="send" ?disabled=${draft.isSending}>Send</button>
    <button type="button" class="plain" @click=${() => actions.change(emptyDraft())}>✕</button>
  </div>`;
}

function optionView(draft: Draft, option: ShownOption, people: Who[], actions: ComposerActions): TemplateResult {
  const wide = option.required ? 'wide' : '';
  return html`<label class="option ${wide}" title=${option.description}>${option.name}${inputView(draft, option, people, actions)}${suggestionsView(draft, option, actions)}</label>`;
}

function inputView(draft: Draft, option: ShownOption, people: Who[], actions: ComposerActions): TemplateResult {
  const set = (value: string | File | undefined) => {
    const { [option.name]: _, ...others } = draft.values;
    actions.change({ values: value === undefined ? others : { ...others, [option.name]: value }, problem: '' });
  };
  const name = `option-${option.name}`;
  if (option.type === types.file) {
    const pick = (event: Event) => set(event.target instanceof HTMLInputElement ? event.target.files?.[0] : undefined);
    return html`<input type="file" name=${name} @change=${pick} />`;
  }
  const choices = choicesOf(option, people);
  if (choices.length > 0) {
    return html`<select name=${name} @change=${(event: Event) => set(textIn(event) || undefined)}>
      <option value=""></option>${choices.map((choice) => html`<option value=${choice.value}>${choice.name}</option>`)}
    </select>`;
  }
  const value = draft.values[option.name];
  const ask = (event: Event) => {
    if (option.autocomplete) actions.suggest(option, textIn(event));
  };
  const input = (event: Event) => {
    set(textIn(event) || undefined);
    ask(event);
  };
  return html`<input name=${name} inputmode=${option.type === types.number ? 'numeric' : 'text'} .value=${typeof value === 'string' ? value : ''} @input=${input} @focus=${ask} />`;
}

/** What an option lets one pick from; nothing where one types. */
function choicesOf({ type, choices }: ShownOption, people: Who[]): { name: string; value: string | number }[] {
  if (type === types.user) return people.map(({ id, name }) => ({ name, value: id }));
  if (type !== types.boolean) return choices;
  return ['True', 'False'].map((name) => ({ name, value: name.toLowerCase() }));
}

function suggestionsView(draft: Draft, option: ShownOption, actions: ComposerActions): TemplateResult | typeof nothing {
  if (draft.suggestions?.option !== option.name) return nothing;
  const { choices } = draft.suggestions;
  if (choices === 'failed') return html`<div class="popup">Loading options failed</div>`;
  if (choices.length === 0) return html`<div class="popup">No options match your search.</div>`;
  const take = (value: string | number) =>
    actions.change({ values: { ...draft.values, [option.name]: String(value) }, suggestions: null });
  return html`<div class="popup" role="listbox">
    ${choices.map(
      (choice) =>
        html`<button type="button" data-choice=${choice.value} @click=${(event: Event) => {
          event.preventDefault();
          take(choice.value);
        }}>${choice.name}</button>`,
    )}
  </div>`;
}

function textIn(event: Event): string {
  const { target } = event;
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : '';
}
