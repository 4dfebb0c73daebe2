import { html, nothing, render } from 'lit';
import { tooPowerful } from '../discord/limits.ts';
import { messagesOf, news } from './announce.ts';
import { type ComposerActions, composerView, type Draft, emptyDraft } from './composer.ts';
import { formView } from './formView.ts';
import { leaveMenu, pageKeys, setTabStops } from './keys.ts';
import type { MessageActions } from './messages.ts';
import type { Answer, Place, Shown, ShownButton, ShownCommand, ShownForm, ShownOption, View } from './protocol.ts';
import { placeIcons, sidebarView } from './sidebar.ts';
import { switchTheme } from './theme.ts';
import { timelineView, welcomeView } from './timeline.ts';
import { readTyped } from './typed.ts';
import { Unread } from './unread.ts';
import { type Viewed, viewerView } from './viewer.ts';

/** The page: who one is, where one is, what one sees and types. All of it is drawn anew whenever something changes. */
let view: View | undefined;
let me = '';
let place = '';
let draft = emptyDraft();
let form: ShownForm | undefined;
/** Why a form was not taken. */
let formProblem = '';
/** Pictures that are looked at. */
let viewed: Viewed | undefined;
let isConnected = true;
let isAtEnd = true;
const dismissed = new Set<string>();
const revealed = new Set<string>();
const unread = new Unread();
/** Where the line of new messages stands: at this message. */
let firstNew: string | undefined;
/** The message that had the focus last, and whether the focus is still there. */
let current: string | undefined;
let isInMessages = false;
/** What is read aloud. */
let announcement = '';
/** Whether the list of places lies over a narrow page. */
let isListOpen = false;
let question = 0;
/** What gets the focus once it is drawn: the first that is there. */
let focusNext: string[] = [];

const root = document.getElementById('app') ?? document.body;
const announcer = document.getElementById('announcer');
const messageLine = '[aria-label=Message]';

async function load(): Promise<void> {
  const [before, asked] = [view, me];
  try {
    const seen: View = await (await fetch(`/view?as=${asked}`)).json();
    // Whoever has become somebody else meanwhile has asked anew.
    if (asked !== me) return;
    view = seen;
    isConnected = true;
  } catch {
    isConnected = false;
  }
  if (view) {
    me ||= view.me.id;
    place = here()?.id ?? '';
    unread.meet(me, view.places);
    const said = before?.me.id === me ? news(messagesOf(before.places, place), messagesOf(view.places, place)) : '';
    announcement = said || announcement;
  }
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
  if (answer.type === 'form') {
    form = answer.form;
    formProblem = '';
  }
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
  else {
    // What comes of it is at the end, and whoever asks for more has read what was there.
    isAtEnd = true;
    firstNew = undefined;
    focusNext = [messageLine];
  }
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
  formProblem = took(await act({ do: 'submit', fields }));
  if (formProblem) return show();
  form = undefined;
  focusNext = [messageLine, '.send'];
  change({ problem: '' });
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
  if (to !== place) {
    place = to;
    const there = here();
    firstNew = there && unread.first(me, there);
    announcement = '';
    draft = emptyDraft();
  }
  isAtEnd = true;
  // Where the list lies over the page there is a keyboard on the glass, which the line would call up.
  focusNext = isListOpen ? ['.burger'] : [messageLine, '.send'];
  isListOpen = false;
  show();
}

/** Goes to a message, and shows which one it is. */
function jump(channel: string, message?: string): void {
  const there = view?.places.find((one) => one.id === channel);
  const isThere = there && (message === undefined || there.messages.some(({ id }) => id === message));
  if (!isThere) {
    change({ problem: 'You cannot see that from here.' });
    return;
  }
  go(channel);
  const element = message === undefined ? null : document.querySelector<HTMLElement>(articleOf(message));
  if (!element) return;
  isAtEnd = false;
  element.scrollIntoView({ block: 'center' });
  element.focus({ preventScroll: true });
  element.animate([{ backgroundColor: 'var(--mention)' }, {}], 2000);
}

const articleOf = (message: string) => `article[data-id="${message}"]`;

/** Changes the language of one's app. */
function speak(language: string): void {
  draft = emptyDraft();
  void act({ do: 'speak', language });
}

function become(person: string): void {
  me = person;
  place = '';
  firstNew = undefined;
  announcement = '';
  if (isListOpen) openList(false);
  draft = emptyDraft();
  void load();
}

function openList(isOpen: boolean): void {
  isListOpen = isOpen;
  focusNext = isOpen ? ['nav [aria-current=true]'] : ['.burger'];
  show();
}

/** What is new counts as read while it is before somebody's eyes. */
function keepTrack(current: Place): void {
  const isSeen = isAtEnd && !document.hidden;
  if (!isSeen) firstNew ??= unread.first(me, current);
  else unread.read(me, current);
}

/** Puts a text into the line. */
function begin(text: string): void {
  focusNext = [messageLine];
  change({ ...emptyDraft(), text });
}

function use(name: string): void {
  const command = here()?.commands.find((one) => one.base === name);
  if (command) composer.choose(command);
  else change({ problem: `/${name} cannot be used here.` });
}

function nameOf(id: string): string {
  const { people = [], places = [], named = [] } = view ?? {};
  return [...people, ...places, ...named].find((one) => one.id === id)?.name ?? 'Kubeez';
}

const messageActions = (menus: string[]): MessageActions => ({
  nameOf,
  use,
  jump,
  menus,
  revealed,
  press: (message, button) => void press(message, button),
  select: (message, { id }, picked) => void select(message, id, picked),
  pick: (message, entry) => void pick(message, entry),
  look(pictures, at) {
    viewed = { pictures, at };
    show();
  },
  reveal(file) {
    revealed.add(file);
    show();
  },
  dismiss(message) {
    dismissed.add(message.id);
    focusNext = [messageLine];
    show();
  },
});

function closeForm(): void {
  form = undefined;
  focusNext = [...(current ? [articleOf(current)] : []), messageLine, '.send'];
  show();
}

function closeViewer(): void {
  viewed = undefined;
  show();
}

function show(): void {
  const shown = here();
  if (!view || !shown) return;
  // The panel beside the page goes by these.
  Object.assign(document.body.dataset, { as: me, place: shown.id });
  keepTrack(shown);
  const { kind, name, commands } = shown;
  const messages = shown.messages.filter(({ id }) => !dismissed.has(id));
  const waiting = unread.count(me, shown);
  const state = { place, isConnected, isOpen: isListOpen, unread: (one: Place) => unread.count(me, one) };
  const others = view.places.filter((one) => one.id !== place && state.unread(one) > 0).length;
  const close = () => openList(false);
  document.title = `${others > 0 ? `(${others}) ` : ''}${name} · Kubeez playground`;
  render(
    html`${sidebarView(view, state, { go, become, speak, switchTheme, close })}
      ${isListOpen ? html`<div class="veil" @click=${close}></div>` : nothing}
      <main ?inert=${isListOpen}>
        <header>
          <button type="button" class="burger narrow-only" aria-label="Places and people${others > 0 ? `, ${others} with new messages` : ''}" aria-expanded=${isListOpen} aria-controls="places" @click=${() => openList(true)}>☰${others > 0 ? html`<span class="badge" aria-hidden="true">${others}</span>` : nothing}</button>
          <h1><span class="icon" aria-hidden="true">${placeIcons[kind]}</span><span class="name">${name}</span></h1>
        </header>
        <div id="scroll" role="log" aria-live="off" aria-label="Messages in ${name}" @scroll=${scrolled}>${timelineView(messages, firstNew, messageActions(shown.menus))}${messages.length === 0 ? welcomeView(shown, begin) : nothing}</div>
        ${isAtEnd ? nothing : html`<button type="button" class="to-end" @click=${toEnd}>↓ ${waiting > 0 ? `${waiting} new` : 'Newest messages'}</button>`}
        ${composerView(draft, commands, name, view.people, composer)}
      </main>
      ${form ? formView(form, formProblem, (fields) => void submit(fields), closeForm) : nothing}
      ${viewed ? viewerView(viewed, look, closeViewer) : nothing}`,
    root,
  );
  if (announcer && announcer.textContent !== announcement) announcer.textContent = announcement;
  document.querySelector<HTMLDialogElement>('dialog:not([open])')?.showModal();
  document.querySelector('[role=option][aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  setTabStops(current);
  moveFocus();
  requestAnimationFrame(keepAtEnd);
}

function look(at: number): void {
  if (viewed) viewed = { ...viewed, at };
  show();
}

function toEnd(): void {
  isAtEnd = true;
  focusNext = [messageLine, '.send'];
  show();
}

/** Whoever reads the newest goes on seeing it, also when a picture arrives later than its message. */
function keepAtEnd(): void {
  if (isAtEnd) document.getElementById('scroll')?.scrollTo(0, 1e9);
}

function scrolled({ currentTarget }: Event): void {
  if (!(currentTarget instanceof HTMLElement)) return;
  const wasAtEnd = isAtEnd;
  isAtEnd = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < 80;
  if (isAtEnd !== wasAtEnd) show();
}

/** Focus goes where one goes on; a message whose button is gone or can no longer be pressed keeps it. */
function moveFocus(): void {
  const wanted = focusNext.map((one) => document.querySelector<HTMLElement>(one)).find((one) => one !== null);
  focusNext = [];
  const { activeElement } = document;
  const isLost = activeElement === document.body || activeElement?.matches(':disabled');
  if (wanted) wanted.focus();
  else if (isInMessages && isLost && current)
    document.querySelector<HTMLElement>(articleOf(current))?.focus({ preventScroll: true });
}

/** Remembers in which message the focus is. */
function focused({ target }: FocusEvent): void {
  const message = target instanceof Element ? target.closest('article')?.dataset.id : undefined;
  isInMessages = message !== undefined;
  if (message === undefined || message === current) return;
  current = message;
  setTabStops(current);
}

/** Whoever presses beside the messages is not led back to them. */
function pressed({ target }: Event): void {
  if (target instanceof Element && !target.closest('article')) isInMessages = false;
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
root.addEventListener('focusin', focused);
root.addEventListener('focusout', leaveMenu);
root.addEventListener('pointerdown', pressed);
document.addEventListener('keydown', (event) => {
  pageKeys(event);
  if (event.key === 'Escape' && isListOpen) openList(false);
});
document.addEventListener('visibilitychange', show);
// Times such as “in 20 seconds” move by themselves.
setInterval(show, 1000);
void load();
