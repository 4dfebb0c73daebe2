import '@skyra/discord-components-core';
import { html, nothing, render } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { composerView, type Draft, emptyDraft } from './composer.ts';
import { messageView } from './messages.ts';
import type { Answer, Place, Shown, ShownButton, ShownForm, ShownOption, View } from './protocol.ts';

/** The page: who one is, where one is, what one sees and types. All of it is drawn anew whenever something changes. */
let view: View | undefined;
let me = '';
let place = '';
let draft = emptyDraft();
let form: ShownForm | undefined;
const dismissed = new Set<string>();
const seen = new Map<string, number>();
let question = 0;

const root = document.getElementById('app') ?? document.body;

async function load(): Promise<void> {
  view = await (await fetch(`/view?as=${me}`)).json();
  me ||= view?.me.id ?? '';
  place ||= view?.places[0]?.id ?? '';
  show();
}

async function act(action: Record<string, unknown>, files: Record<string, File> = {}): Promise<Answer> {
  const body = new FormData();
  body.set('action', JSON.stringify({ as: me, place, ...action }));
  for (const [name, file] of Object.entries(files)) body.set(name, file);
  return (await fetch('/act', { method: 'POST', body })).json();
}

function took(answer: Answer): string {
  if (answer.type === 'form') form = answer.form;
  if (answer.type === 'refused') return answer.problem;
  return answer.type === 'failed' ? 'The application did not respond.' : '';
}

async function send(): Promise<void> {
  const { command, values } = draft;
  if (!command) return change({ problem: draft.text ? 'This bot listens to commands: type / to see them.' : '' });
  change({ isSending: true });
  const texts = Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string'));
  const files: Record<string, File> = {};
  for (const [name, value] of Object.entries(values)) if (value instanceof File) files[name] = value;
  const problem = took(await act({ do: 'command', command: command.name, values: texts }, files));
  draft = problem ? { ...draft, problem, isSending: false } : emptyDraft();
  show();
}

async function suggest(option: ShownOption, typed: string): Promise<void> {
  const mine = ++question;
  const values = Object.fromEntries(Object.entries(draft.values).filter(([, value]) => typeof value === 'string'));
  const answer = await act({ do: 'suggest', command: draft.command?.name, option: option.name, typed, values });
  if (mine !== question) return;
  change({ suggestions: { option: option.name, choices: answer.type === 'choices' ? answer.choices : 'failed' } });
}

async function press(message: Shown, button: ShownButton): Promise<void> {
  if (button.disabled) return;
  change({ problem: took(await act({ do: 'press', message: message.id, button: button.id })) });
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  if (!form || !(event.target instanceof HTMLFormElement)) return;
  const fields = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, String(value)]));
  form = undefined;
  change({ problem: took(await act({ do: 'submit', fields })) });
}

async function pick(message: Shown, entry: string): Promise<void> {
  change({ problem: took(await act({ do: 'menu', message: message.id, entry })) });
}

function change(changes: Partial<Draft>): void {
  draft = { ...draft, ...changes };
  show();
}

function go(to: string): void {
  place = to;
  draft = emptyDraft();
  show();
}

function become(person: string): void {
  me = person;
  place = '';
  draft = emptyDraft();
  void load();
}

const icons = { channel: '#', thread: '🧵', dm: '✉️' };

function placeButton(one: Place) {
  const isHere = one.id === place;
  if (isHere) seen.set(one.id, one.messages.length);
  const unread = one.kind === 'dm' ? one.messages.length - (seen.get(one.id) ?? 0) : 0;
  return html`<button data-place=${one.kind} aria-current=${isHere} @click=${() => go(one.id)}>
    ${icons[one.kind]} ${one.name}${unread > 0 ? html`<span class="badge">${unread}</span>` : nothing}
  </button>`;
}

function show(): void {
  if (!view) return;
  const { people, server, places, isBotHere } = view;
  const here = places.find((one) => one.id === place) ?? places[0];
  if (!here) return;
  const messages = here.messages.filter((message) => !dismissed.has(message.id));
  const nameOf = (id: string) => people.find((person) => person.id === id)?.name ?? 'Kubeez';
  const scroll = document.getElementById('scroll');
  const isAtEnd = !scroll || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const actions = {
    nameOf,
    menus: here.menus,
    press: (message: Shown, button: ShownButton) => void press(message, button),
    pick: (message: Shown, entry: string) => void pick(message, entry),
    dismiss: (message: Shown) => {
      dismissed.add(message.id);
      show();
    },
  };
  render(
    html`<nav>
        <strong>${server}</strong>
        ${places.filter((one) => one.kind !== 'dm').map(placeButton)}
        <h2>Direct messages</h2>
        ${places.filter((one) => one.kind === 'dm').map(placeButton)}
        <h2>You are</h2>
        ${people.map((person) => html`<button data-person=${person.name} aria-current=${person.id === me} @click=${() => become(person.id)}>${person.name}</button>`)}
        <p>${isBotHere ? 'The bot is online.' : 'The bot is offline.'}</p>
        <p>A playground on this computer: no account, no real credits. Models and prices are examples. The word “explicit” is refused, “doomed” fails.</p>
      </nav>
      <main>
        <header>${icons[here.kind]} ${here.name}</header>
        <div id="scroll">
          <discord-messages>
            ${messages.length === 0 ? html`<p class="note">Nothing here yet. Type <code>/</code> below, for instance <code>/image</code>.</p>` : nothing}
            ${repeat(
              messages,
              (message) => message.id,
              (message) => messageView(message, actions),
            )}
          </discord-messages>
        </div>
        ${composerView(draft, here.commands, here.name, people, { change, suggest: (option, typed) => void suggest(option, typed), send: () => void send() })}
      </main>
      ${form ? formView(form) : nothing}`,
    root,
  );
  document.querySelector<HTMLDialogElement>('dialog:not([open])')?.showModal();
  if (isAtEnd) requestAnimationFrame(() => document.getElementById('scroll')?.scrollTo(0, 1e9));
}

function formView({ title, lines }: ShownForm) {
  const close = () => {
    form = undefined;
    show();
  };
  return html`<dialog @close=${close}>
    <form @submit=${submit}>
      <h2>${title}</h2>
      ${lines.map((line) => html`<label><span>${line.label}${line.isRequired ? ' *' : ''}</span>${line.description ? html`<small>${line.description}</small>` : nothing}${lineView(line)}</label>`)}
      <button class="send">Submit</button> <button type="button" class="plain" @click=${close}>Cancel</button>
    </form>
  </dialog>`;
}

/** Something to write or to pick. What somebody has typed stays when the page is drawn anew. */
function lineView({ id, value, choices, isLong, isRequired, longest }: ShownForm['lines'][number]) {
  if (choices) {
    return html`<select name=${id} ?required=${isRequired}>
      ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`)}
    </select>`;
  }
  return isLong
    ? html`<textarea name=${id} rows="5" maxlength=${longest} ?required=${isRequired} .defaultValue=${value}></textarea>`
    : html`<input name=${id} maxlength=${longest} ?required=${isRequired} .defaultValue=${value} />`;
}

new EventSource('/changes').onmessage = () => void load();
// Times such as “in 20 seconds” move by themselves.
setInterval(show, 1000);
void load();
