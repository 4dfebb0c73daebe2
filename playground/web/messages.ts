import type { APIEmbed } from 'discord.js';
import { html, nothing, type TemplateResult } from 'lit';
import { spoken } from './announce.ts';
import { type AttachmentActions, attachmentsView } from './attachments.ts';
import { avatar } from './avatar.ts';
import { plainWords } from './markdown.ts';
import { lineOfMarkdown, linkView, markdown, type TextActions } from './markdownView.ts';
import type { Shown, ShownButton, ShownSelect } from './protocol.ts';
import { selectView } from './selects.ts';
import { timeText } from './times.ts';

export interface MessageActions extends TextActions, AttachmentActions {
  press(message: Shown, button: ShownButton): void;
  select(message: Shown, select: ShownSelect, picked: string[]): void;
  dismiss(message: Shown): void;
  /** Entries of a message's menu, and what picks one. */
  menus: string[];
  pick(message: Shown, entry: string): void;
}

const styles: Record<number, string> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger' };

/** How long after a message the next one of its author belongs to it, in milliseconds. */
const togetherFor = 7 * 60_000;

/** One message, with everything in it that can be seen or pressed. `before` is the message above it. */
export function messageView(message: Shown, before: Shown | undefined, actions: MessageActions): TemplateResult {
  const { author, content, usedBy, replyTo, embeds, attachments, rows, selects, at } = message;
  const time = timeText(at / 1000, 't', at);
  const hasMenu = attachments.length > 0 && !message.isPrivate && actions.menus.length > 0;
  const isContinued =
    before?.author.id === author.id &&
    at - before.at < togetherFor &&
    !usedBy &&
    !replyTo &&
    !hasMenu &&
    !message.isPrivate;
  const looks = [message.mentionsMe ? 'mentioned' : '', isContinued ? 'continued' : ''].join(' ');
  return html`<article class="message ${looks}" data-id=${message.id} tabindex="-1" aria-label="${time}, ${spoken(message)}">
    ${usedBy ? html`<p class="above">${avatar(usedBy.name)} ${usedBy.name} used <span class="mention">/${usedBy.command}</span></p>` : nothing}
    ${replyTo ? replyView(message, replyTo, actions) : nothing}
    ${avatar(author.name)}
    <p class="by"><strong>${author.name}</strong>${author.bot ? html`<span class="app">APP</span>` : nothing}<time datetime=${new Date(at).toISOString()}>${time}</time></p>
    <div class="body">
      ${message.isThinking ? html`<p class="thinking"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> ${author.name} is thinking…</p>` : markdown(content, actions)}
      ${attachmentsView(attachments, actions)}
      ${embeds.map((embed) => embedView(embed, actions))}
      ${selects.map((select) => selectView(select, (picked) => actions.select(message, select, picked)))}
      ${rows.map((row) => rowView(message, row, actions))}
      ${message.isPrivate ? html`<p class="private">Only you can see this · <button type="button" class="quiet" @click=${() => actions.dismiss(message)}>Dismiss message</button></p>` : nothing}
    </div>
    ${hasMenu ? menuView(message, actions) : nothing}
  </article>`;
}

/** What a message answers; a press leads there. */
function replyView(
  { author }: Shown,
  { id, channel, name, text }: NonNullable<Shown['replyTo']>,
  actions: MessageActions,
) {
  if (id === null) return html`<p class="above reply">Original message was deleted</p>`;
  const words = plainWords(text);
  return html`<p class="above reply"><button type="button" class="reply-preview" data-reply=${id} aria-label="${author.name} answers ${name}: ${words}" @click=${() => actions.jump(channel, id)}>${avatar(name)} <b>${name}</b> ${words}</button></p>`;
}

function embedView(embed: APIEmbed, actions: MessageActions): TemplateResult {
  const colour = `#${(embed.color ?? 0x4e5058).toString(16).padStart(6, '0')}`;
  const { title, url, author, fields, image, thumbnail, footer } = embed;
  const name = title ? lineOfMarkdown(title, actions) : nothing;
  return html`<div class="embed" style="border-left-color: ${colour}">
    ${embedPicture('thumbnail', thumbnail?.url, actions)}
    ${author ? html`<p class="embed-author">${author.name}</p>` : nothing}
    ${title ? html`<p class="embed-title">${url ? linkView(url, name, actions) : name}</p>` : nothing}
    ${markdown(embed.description ?? '', actions)}
    ${(fields ?? []).map((field) => html`<p class="embed-field"><strong>${lineOfMarkdown(field.name, actions)}</strong></p>${markdown(field.value, actions)}`)}
    ${embedPicture('image', image?.url, actions)}
    ${footer ? html`<p class="embed-footer">${footer.text}</p>` : nothing}
  </div>`;
}

function embedPicture(kind: 'thumbnail' | 'image', url: string | undefined, { look }: MessageActions) {
  if (!url?.startsWith('http')) return nothing;
  const show = () => look([{ url, name: kind === 'thumbnail' ? 'Picture of this card' : 'Picture' }], 0);
  return html`<button type="button" class="embed-${kind}" aria-label="Enlarge the picture of this card" @click=${show}><img src=${url} alt="" /></button>`;
}

/** What Discord shows behind a right click: Apps → … */
function menuView(message: Shown, { menus, pick }: MessageActions): TemplateResult {
  return html`<details class="menu"><summary data-menu aria-label="Apps" title="Apps">⋯</summary>
    <div class="menu-list">${menus.map(
      (entry) =>
        html`<button type="button" class="menu-entry" data-entry=${entry} @click=${(event: Event) => {
          if (event.target instanceof HTMLElement) event.target.closest('details')?.removeAttribute('open');
          pick(message, entry);
        }}>${entry}</button>`,
    )}</div>
  </details>`;
}

function rowView(message: Shown, row: ShownButton[], actions: MessageActions): TemplateResult {
  return html`<div class="row">
    ${row.map((button) =>
      button.url
        ? html`<span data-button=${button.label}>${linkView(button.url, `${button.label} ↗`, actions, 'button secondary')}</span>`
        : html`<button type="button" class="button ${styles[button.style] ?? 'secondary'}" ?disabled=${button.disabled} data-button=${button.label} @click=${() => actions.press(message, button)}>${button.label}</button>`,
    )}
  </div>`;
}
