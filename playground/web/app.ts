import { html, nothing, render } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { tooPowerful } from '../discord/limits.ts';
import { type ComposerActions, composerView, type Draft, emptyDraft } from './composer.ts';
import { formView } from './formView.ts';
import { messageView } from './messages.ts';
import type {
  Answer,
  Place,
  Shown,
  ShownButton,
  ShownCommand,
  ShownForm,
  ShownOption,
  ShownSelect,
  View,
} from './protocol.ts';
import { readTyped } from './typed.ts';

/** The page: who one is, where one is, what one sees and types. All of it is drawn anew whenever something changes. */
let view: View | undefined;
let me = '';
let place = '';
let draft = emptyDraft();
let form: ShownForm | undefined;
let isConnected = true;
let isAtEnd = true;
const dismissed = new Set<string>();
const revealed = new Set<string>();
const seen = new Map<string, number>();
let question = 0;
/** What gets the focus once it is drawn: the first that is there. */
let focusNext: string[] = [];

const root = document.getElementById('app') ?? document.body;
const messageLine = '[aria-label=Message]';

async function load(): Promise<void> {
  try {
    view = await (await fetch(`/view?as=${me}`)).json();
    isConnected = true;
  } catch {
    isConnected = false;
  }
  me ||= view?.me.id ?? '';
  place ||= view?.places[0]?.id ?? '';
  show();
}

async function act(action: Record<string, unknown>, files: Record<string, File> = {}): Promise<Answer> {
  const body = new FormData();
  body.set('action', JSON.stringify({ as: me, place, ...action }));
  for (const [name, file] of Object.entries(files)) body.set(name, file);
  try {
    return await (await fetch('/act', { method: 'POST', body })).json();
  } catch {
    return { type: 'refused', problem: 'The playground is not reachable. Try again in a moment.' };
  }
}

function took(answer: Answer): string {
  if (answer.type === 'form') form = answer.form;
  if (answer.type === 'refused') return answer.problem;
  return answer.type === 'failed' ? 'The application did not respond.' : '';
}

const here = (): Place | undefined => view?.places.find((one) => one.id === place) ?? view?.places[0];

async function send(): Promise<void> {
  if (!draft.command && !readLine()) return;
  const { command, values } = draft;
  if (!command) return;
  const files: Record<string, File> = {};
  for (const [name, value] of Object.entries(values)) if (value instanceof File) files[name] = value;
  const limit = here()?.fileLimit ?? Number.POSITIVE_INFINITY;
  if (Object.values(files).some((file) => file.size > limit)) return change({ problem: tooPowerful(limit) });
  change({ isSending: true });
  const problem = took(await act({ do: 'command', command: command.name, values: textsOf(values) }, files));
  draft = problem ? { ...draft, problem, isSending: false } : emptyDraft();
  if (problem) focusOption(command);
  else focusNext = [messageLine];
  show();
}

/** Reads a typed line as a command with its options; whether it can be sent as it stands. */
function readLine(): boolean {
  if (!draft.text.startsWith('/')) {
    change({ problem: draft.text ? 'This bot listens to commands: type / to see them.' : '' });
    return false;
  }
  const typed = readTyped(draft.text, here()?.commands ?? [], view?.people ?? []);
  if (!typed.command) {
    change({ problem: typed.problem });
    return false;
  }
  draft = { ...emptyDraft(), ...typed, shown: Object.keys(typed.values) };
  if (typed.problem) focusOption(typed.command);
  show();
  return typed.problem === '';
}

const textsOf = (values: Draft['values']) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string'));

async function suggest(option: ShownOption, typed: string): Promise<void> {
  const mine = ++question;
  const values = textsOf(draft.values);
  const answer = await act({ do: 'suggest', command: draft.command?.name, option: option.name, typed, values });
  const isStillThere = document.activeElement?.id === `option-${option.name}`;
  if (mine !== question || !isStillThere) return;
  const choices = answer.type === 'choices' ? answer.choices : 'failed';
  change({ suggestions: { option: option.name, choices }, active: 0 });
}

async function press(message: Shown, button: ShownButton): Promise<void> {
  if (button.disabled) return;
  change({ problem: took(await act({ do: 'press', message: message.id, button: button.id })) });
}

async function select(message: Shown, id: string, picked: string[]): Promise<void> {
  change({ problem: took(await act({ do: 'select', message: message.id, select: id, picked })) });
}

async function submit(fields: Record<string, string>): Promise<void> {
  form = undefined;
  focusNext = [messageLine, '.send'];
  change({ problem: took(await act({ do: 'submit', fields })) });
}

async function pick(message: Shown, entry: string): Promise<void> {
  change({ problem: took(await act({ do: 'menu', message: message.id, entry })) });
}

function change(changes: Partial<Draft>): void {
  draft = { ...draft, ...changes };
  show();
}

/** Where one goes on typing: the first option that is missing, else what there is. */
function focusOption({ options }: ShownCommand): void {
  const missing = options.filter((option) => option.required && draft.values[option.name] === undefined);
  focusNext = [...missing.map(({ name }) => `[name=option-${name}]`), '.option input', '[data-add]', '.send'];
}

const composer: ComposerActions = {
  change,
  choose(command) {
    draft = { ...emptyDraft(), command };
    focusOption(command);
    show();
  },
  add(option) {
    focusNext = [`[name=option-${option.name}]`];
    change({ shown: [...draft.shown, option.name] });
  },
  suggest: (option, typed) => void suggest(option, typed),
  send: () => void send(),
  clear() {
    draft = emptyDraft();
    focusNext = [messageLine];
    show();
  },
};

function go(to: string): void {
  place = to;
  isAtEnd = true;
  draft = emptyDraft();
  show();
}

function become(person: string): void {
  me = person;
  place = '';
  draft = emptyDraft();
  void load();
}

/** Light or dark, as the system has it until somebody chooses. */
function switchTheme(): void {
  const { dataset } = document.documentElement;
  const isLight =
    (dataset.theme ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')) === 'light';
  dataset.theme = isLight ? 'dark' : 'light';
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

/** How the bot is, and what can be done about it. */
function botView({ isBotHere, process }: View) {
  const state = isBotHere ? 'online' : process === 'running' ? 'starting' : 'offline';
  const text = isConnected ? `The bot is ${state}.` : 'The playground is offline. Trying again…';
  const control = (what: 'kill' | 'start') => () => void act({ do: 'bot', what }).then(load);
  return html`<p role="status" data-state=${isConnected ? state : 'unreachable'}>${text}</p>
    ${isConnected && process === 'running' ? html`<button data-bot="kill" title="kill -9: nothing is said goodbye to" @click=${control('kill')}>Kill bot</button>` : nothing}
    ${isConnected && process === 'ended' ? html`<button data-bot="start" @click=${control('start')}>Start bot</button>` : nothing}`;
}

function navView(view: View) {
  const { people, server, places } = view;
  return html`<nav aria-label="Places and people">
    <strong>${server}</strong>
    ${places.filter((one) => one.kind !== 'dm').map(placeButton)}
    <h2>Direct messages</h2>
    ${places.filter((one) => one.kind === 'dm').map(placeButton)}
    <h2>You are</h2>
    ${people.map((person) => html`<button data-person=${person.name} aria-current=${person.id === me} @click=${() => become(person.id)}>${person.name}</button>`)}
    <h2>Bot</h2>
    ${botView(view)}
    <button data-theme-switch @click=${switchTheme}>Light or dark</button>
    <p class="about">A playground on this computer: no account, no real credits. Models and prices are examples. The word “explicit” is refused, “doomed” fails.</p>
  </nav>`;
}

function show(): void {
  const current = here();
  if (!view || !current) return;
  const { people, places, named } = view;
  const messages = current.messages.filter((message) => !dismissed.has(message.id));
  const nameOf = (id: string) => [...people, ...places, ...named].find((one) => one.id === id)?.name ?? 'Kubeez';
  const focused = document.activeElement?.closest('article')?.dataset.id;
  const actions = {
    nameOf,
    menus: current.menus,
    revealed,
    press: (message: Shown, button: ShownButton) => void press(message, button),
    select: (message: Shown, { id }: ShownSelect, picked: string[]) => void select(message, id, picked),
    pick: (message: Shown, entry: string) => void pick(message, entry),
    reveal: (file: string) => {
      revealed.add(file);
      show();
    },
    dismiss: (message: Shown) => {
      dismissed.add(message.id);
      focusNext = [messageLine];
      show();
    },
  };
  const close = () => {
    form = undefined;
    focusNext = [messageLine, '.send'];
    show();
  };
  render(
    html`${navView(view)}
      <main>
        <h1>${icons[current.kind]} ${current.name}</h1>
        <div id="scroll" @scroll=${scrolled} tabindex="0" role="region" aria-label="Messages">
          ${messages.length === 0 ? html`<p class="note">Nothing here yet. Type <code>/</code> below, for instance <code>/image a fox in snow</code>.</p>` : nothing}
          ${repeat(
            messages,
            (message) => message.id,
            (message) => messageView(message, actions),
          )}
        </div>
        ${composerView(draft, current.commands, current.name, people, composer)}
      </main>
      ${form ? formView(form, (fields) => void submit(fields), close) : nothing}`,
    root,
  );
  document.querySelector<HTMLDialogElement>('dialog:not([open])')?.showModal();
  document.querySelector('[role=option][aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  moveFocus(focused);
  requestAnimationFrame(keepAtEnd);
}

/** Whoever reads the newest goes on seeing it, also when a picture arrives later than its message. */
function keepAtEnd(): void {
  if (isAtEnd) document.getElementById('scroll')?.scrollTo(0, 1e9);
}

function scrolled({ currentTarget }: Event): void {
  if (!(currentTarget instanceof HTMLElement)) return;
  isAtEnd = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < 80;
}

/** Focus goes where one goes on; a message whose pressed button is gone keeps it. */
function moveFocus(message: string | undefined): void {
  const wanted = focusNext.map((one) => document.querySelector<HTMLElement>(one)).find((one) => one !== null);
  focusNext = [];
  if (wanted) wanted.focus();
  else if (message && document.activeElement === document.body)
    document.querySelector<HTMLElement>(`article[data-id="${message}"]`)?.focus();
}

/** Listens for changes; when the playground is gone, asks again every second until it is back. */
function listen(): void {
  const source = new EventSource('/changes');
  source.onopen = () => void load();
  source.onmessage = () => void load();
  source.onerror = () => {
    source.close();
    isConnected = false;
    show();
    setTimeout(listen, 1000);
  };
}

listen();
root.addEventListener('load', keepAtEnd, true);
// Times such as “in 20 seconds” move by themselves.
setInterval(show, 1000);
void load();
