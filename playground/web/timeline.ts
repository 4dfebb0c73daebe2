import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type MessageActions, messageView } from './messages.ts';
import type { Place, Shown } from './protocol.ts';
import { dayText } from './times.ts';

/** The messages of a place, with their days and, above the first that was not read, a line. */
export function timelineView(
  messages: Shown[],
  firstNew: string | undefined,
  actions: MessageActions,
): ReturnType<typeof repeat> {
  return repeat(
    messages,
    (message) => message.id,
    (message, index) => {
      const before = messages[index - 1];
      const day = dayText(message.at);
      return html`${before && dayText(before.at) === day ? nothing : html`<p class="day">${day}</p>`}
        ${message.id === firstNew ? html`<p class="new-line" role="separator" aria-label="New messages"><span>New</span></p>` : nothing}
        ${messageView(message, before, actions)}`;
    },
  );
}

const examples = ['/image a fox in snow', '/video a ship in fog', '/music slow folk about rain'];

/** What one can begin with where nothing is yet. */
export function welcomeView({ name, commands }: Place, begin: (text: string) => void): TemplateResult {
  const known = examples.flatMap((example) => {
    const command = commands.find(({ base }) => example.startsWith(`/${base} `));
    return command ? [example.replace(command.base, command.name)] : [];
  });
  return html`<div class="note"><h2 class="welcome">Welcome to ${name}</h2>
    <p>Nothing here yet. Type <code>/</code> below to see what the bot can do, or begin with one of these and press Enter:</p>
    <div class="row">${known.map((example) => html`<button type="button" class="button secondary" @click=${() => begin(example)}>${example}</button>`)}</div></div>`;
}
