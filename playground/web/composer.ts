import { html, nothing, type TemplateResult } from 'lit';
import { type Listbox, listKeys, listView, optionId } from './listbox.ts';
import type { ShownCommand, ShownOption, Who } from './protocol.ts';
import { optionTypes } from './typed.ts';

type Choice = { name: string; value: string | number };

/** What is being typed. */
export interface Draft {
  text: string;
  command: ShownCommand | null;
  values: Record<string, string | File>;
  /** Optional options that were added. */
  shown: string[];
  suggestions: { option: string; choices: Choice[] | 'failed' } | null;
  /** The entry of the open list that Enter takes. */
  active: number;
  /** Whether the list of commands was closed with Escape. */
  isListClosed: boolean;
  problem: string;
  isSending: boolean;
}

export const emptyDraft = (): Draft => ({
  text: '',
  command: null,
  values: {},
  shown: [],
  suggestions: null,
  active: 0,
  isListClosed: false,
  problem: '',
  isSending: false,
});

export interface ComposerActions {
  /** Changes the draft and shows it. */
  change(changes: Partial<Draft>): void;
  /** Takes a command, and moves on to its options. */
  choose(command: ShownCommand): void;
  /** Shows an option that was left out, and moves on to it. */
  add(option: ShownOption): void;
  suggest(option: ShownOption, typed: string): void;
  send(): void;
  /** Starts over. */
  clear(): void;
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

function textLine(draft: Draft, commands: ShownCommand[], place: string, actions: ComposerActions): TemplateResult {
  const typed = draft.text.startsWith('/') ? draft.text.slice(1).toLowerCase() : undefined;
  const isOpen = typed !== undefined && !draft.isListClosed;
  const list: Listbox<ShownCommand> = {
    id: 'commands',
    label: 'Commands',
    entries: isOpen ? commands.filter((command) => command.name.startsWith(typed)) : [],
    active: draft.active,
    activate: (active) => actions.change({ active }),
    take: actions.choose,
    close: () => actions.change({ isListClosed: true }),
  };
  const input = (event: InputEvent) =>
    actions.change({ text: textIn(event), problem: '', active: 0, isListClosed: false });
  const entry = ({ name, description }: ShownCommand) => html`/${name}<small>${description}</small>`;
  const hasList = list.entries.length > 0;
  const begin = () => actions.change({ text: draft.text || '/', isListClosed: false });
  return html`${hasList ? listView(list, entry, ({ name }) => ({ command: name })) : nothing}
    <div class="text-line"><button type="button" class="plus" aria-label="Show the commands" title="Commands" @click=${begin}>+</button>
    <input class="line" aria-label="Message" placeholder="Type / to use a command in ${place}" .value=${draft.text}
      role="combobox" aria-autocomplete="list" aria-expanded=${hasList} aria-controls=${hasList ? list.id : nothing}
      aria-activedescendant=${hasList ? optionId(list, list.active) : nothing}
      @keydown=${(event: KeyboardEvent) => listKeys(event, list)} @input=${input} autofocus /></div>`;
}

function commandLine(draft: Draft, command: ShownCommand, people: Who[], actions: ComposerActions): TemplateResult {
  const shown = command.options.filter((option) => option.required || draft.shown.includes(option.name));
  const hidden = command.options.filter((option) => !shown.includes(option));
  // Escape closes an open list first, then the command.
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) actions.clear();
  };
  return html`<div class="options" @keydown=${keys}>
    <strong>/${command.name}</strong>
    ${shown.map((option) => optionView(draft, option, people, actions))}
    ${hidden.map(
      (option) => html`<button type="button" class="plain" data-add=${option.name} title=${option.description}
        @click=${() => actions.add(option)}>+ ${option.name}</button>`,
    )}
    <button class="send" ?disabled=${draft.isSending}>Send</button>
    <button type="button" class="plain" aria-label="Leave /${command.name}" @click=${actions.clear}>✕</button>
  </div>`;
}

function optionView(draft: Draft, option: ShownOption, people: Who[], actions: ComposerActions): TemplateResult {
  const wide = option.required ? 'wide' : '';
  const name = `option-${option.name}`;
  return html`<div class="option ${wide}">
    <label for=${name} title=${option.description}>${option.name}</label>
    ${inputView(draft, option, people, actions)}
  </div>`;
}

function inputView(draft: Draft, option: ShownOption, people: Who[], actions: ComposerActions): TemplateResult {
  const set = (value: string | File | undefined) => {
    const { [option.name]: _, ...others } = draft.values;
    actions.change({ values: value === undefined ? others : { ...others, [option.name]: value }, problem: '' });
  };
  const name = `option-${option.name}`;
  if (option.type === optionTypes.file) {
    const pick = (event: Event) => set(event.target instanceof HTMLInputElement ? event.target.files?.[0] : undefined);
    return html`<input type="file" id=${name} name=${name} @change=${pick} />`;
  }
  const value = draft.values[option.name];
  const choices = choicesOf(option, people);
  if (choices.length > 0) {
    return html`<select id=${name} name=${name} @change=${(event: Event) => set(textIn(event) || undefined)}>
      <option value=""></option>${choices.map((choice) => html`<option value=${choice.value} ?selected=${String(choice.value) === value}>${choice.name}</option>`)}
    </select>`;
  }
  const ask = (event: Event) => {
    if (option.autocomplete) actions.suggest(option, textIn(event));
  };
  const input = (event: Event) => {
    set(textIn(event) || undefined);
    ask(event);
  };
  const leave = () => {
    if (draft.suggestions?.option === option.name) actions.change({ suggestions: null });
  };
  const list = suggestionsOf(draft, option, actions);
  const text = typeof value === 'string' ? value : '';
  const keyboard = option.type === optionTypes.number ? 'numeric' : 'text';
  if (!option.autocomplete)
    return html`<input id=${name} name=${name} inputmode=${keyboard} .value=${text} @input=${input} />`;
  const hasList = list.entries.length > 0;
  return html`<input id=${name} name=${name} inputmode=${keyboard} .value=${text} @input=${input} @focus=${ask} @blur=${leave}
      role="combobox" aria-autocomplete="list" aria-expanded=${hasList} aria-controls=${hasList ? list.id : nothing}
      aria-activedescendant=${hasList ? optionId(list, list.active) : nothing}
      @keydown=${(event: KeyboardEvent) => listKeys(event, list)} />${suggestionsView(draft, option, list)}`;
}

/** What an option lets one pick from; nothing where one types. */
function choicesOf({ type, choices }: ShownOption, people: Who[]): Choice[] {
  if (type === optionTypes.user) return people.map(({ id, name }) => ({ name, value: id }));
  if (type !== optionTypes.boolean) return choices;
  return ['True', 'False'].map((name) => ({ name, value: name.toLowerCase() }));
}

function suggestionsOf(draft: Draft, option: ShownOption, { change }: ComposerActions): Listbox<Choice> {
  const { suggestions } = draft;
  const isOpen = suggestions?.option === option.name && suggestions.choices !== 'failed';
  return {
    id: `choices-${option.name}`,
    label: `Choices for ${option.name}`,
    entries: isOpen && Array.isArray(suggestions.choices) ? suggestions.choices : [],
    active: draft.active,
    activate: (active) => change({ active }),
    take: ({ value }) => change({ values: { ...draft.values, [option.name]: String(value) }, suggestions: null }),
    close: () => change({ suggestions: null }),
  };
}

function suggestionsView(draft: Draft, option: ShownOption, list: Listbox<Choice>): TemplateResult | typeof nothing {
  if (draft.suggestions?.option !== option.name) return nothing;
  const { choices } = draft.suggestions;
  if (choices === 'failed') return html`<div class="popup" role="status">Loading options failed</div>`;
  if (choices.length === 0) return html`<div class="popup" role="status">No options match your search.</div>`;
  return listView(
    list,
    ({ name }) => name,
    ({ value }) => ({ choice: String(value) }),
  );
}

function textIn(event: Event): string {
  const { target } = event;
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : '';
}
