import { html, nothing, type TemplateResult } from 'lit';
import { avatar } from './avatar.ts';
import type { Place, View } from './protocol.ts';
import { openFirst } from './selects.ts';

export interface SidebarActions {
  go(place: string): void;
  become(person: string): void;
  speak(language: string): void;
  switchTheme(): void;
  close(): void;
}

export interface SidebarState {
  place: string;
  isConnected: boolean;
  /** Whether it lies over a narrow page. */
  isOpen: boolean;
  /** Messages of a place that one has not read. */
  unread(place: Place): number;
}

export const placeIcons = { channel: '#', thread: '↳', dm: '@' };

/** Where one can be, and as whom. */
export function sidebarView(view: View, state: SidebarState, actions: SidebarActions): TemplateResult {
  const { people, server, places, me } = view;
  const placeView = (one: Place) => placeButton(one, state, actions);
  return html`<nav id="places" aria-label="Places and people" class=${state.isOpen ? 'open' : ''}>
    <div class="server"><strong>${server}</strong><button type="button" class="narrow-only" aria-label="Close the list of places" @click=${actions.close}>✕</button></div>
    <h2>Channels</h2>
    ${places.filter((one) => one.kind !== 'dm').map(placeView)}
    <h2>Direct messages</h2>
    ${places.filter((one) => one.kind === 'dm').map(placeView)}
    <h2>You are</h2>
    ${people.map(
      ({
        id,
        name,
        roles,
      }) => html`<button type="button" class="person" data-person=${name} aria-current=${id === me.id} @click=${() => actions.become(id)}>
        ${avatar(name)}<span>${name}<small class="roles">${roles.join(', ') || 'Member'}</small></span></button>`,
    )}
    ${languageView(view, actions)}
    <h2>Bot</h2>
    ${botView(view, state)}
    <button type="button" data-theme-switch @click=${actions.switchTheme}>Light or dark</button>
    <p class="about">A playground on this computer: no account, no real credits. Models and prices are examples. The word “explicit” is refused, “doomed” fails.</p>
  </nav>`;
}

/** The bot answers people in the language of their app; cards are in that of the server. */
function languageView({ me, language: { now, all } }: View, actions: SidebarActions): TemplateResult {
  const change = ({ target }: Event) => {
    if (target instanceof HTMLSelectElement) actions.speak(target.value);
  };
  return html`<label class="language">Language of ${me.name}’s app
    <select data-language @change=${change} @keydown=${openFirst}>${all.map(({ id, name }) => html`<option value=${id} .selected=${id === now}>${name}</option>`)}</select></label>`;
}

function placeButton(one: Place, { place, unread }: SidebarState, actions: SidebarActions): TemplateResult {
  const count = one.id === place ? 0 : unread(one);
  return html`<button type="button" data-place=${one.kind} aria-current=${one.id === place} class=${count > 0 ? 'unread' : ''} @click=${() => actions.go(one.id)}>
    <span class="icon" aria-hidden="true">${placeIcons[one.kind]}</span><span class="name">${one.name}</span>
    ${count > 0 ? html`<span class="badge">${count}<span class="unseen"> new</span></span>` : nothing}
  </button>`;
}

/** How the bot is; the panel beside the page kills it and starts it again. */
function botView({ isBotHere, process }: View, { isConnected }: SidebarState): TemplateResult {
  const state = isBotHere ? 'online' : process === 'running' ? 'starting' : 'offline';
  const text = isConnected ? `The bot is ${state}.` : 'The playground is offline. Trying again…';
  return html`<p role="status" data-state=${isConnected ? state : 'unreachable'}>${text}</p>`;
}
