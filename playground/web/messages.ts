import type { APIAttachment, APIEmbed } from 'discord.js';
import { html, nothing, type TemplateResult } from 'lit';
import { lineOfMarkdown, markdown } from './markdownView.ts';
import type { Shown, ShownButton, ShownSelect } from './protocol.ts';
import { sizeText } from './sizes.ts';
import { timeText } from './times.ts';

export interface MessageActions {
  nameOf(id: string): string;
  press(message: Shown, button: ShownButton): void;
  select(message: Shown, select: ShownSelect, picked: string[]): void;
  dismiss(message: Shown): void;
  /** Spoilers that somebody has looked at, by the id of their file. */
  revealed: ReadonlySet<string>;
  reveal(file: string): void;
  /** Entries of a message's menu, and what picks one. */
  menus: string[];
  pick(message: Shown, entry: string): void;
}

const styles: Record<number, string> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger' };

/** A coloured initial: the page works offline, so there are no pictures of people. */
function avatar(name: string): TemplateResult {
  const hue = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0) * 47, 0) % 360;
  return html`<span class="avatar" aria-hidden="true" style="background: hsl(${hue} 55% 26%)">${name.charAt(0)}</span>`;
}

/** One message, with everything in it that can be seen or pressed. */
export function messageView(message: Shown, actions: MessageActions): TemplateResult {
  const { author, usedBy, replyTo, embeds, attachments, rows } = message;
  return html`<article class="message ${message.mentionsMe ? 'mentioned' : ''}" data-id=${message.id} tabindex="-1" aria-label="Message from ${author.name}">
    ${usedBy ? html`<p class="above">${avatar(usedBy.name)} ${usedBy.name} used <span class="mention">/${usedBy.command}</span></p>` : nothing}
    ${replyTo ? html`<p class="above">↱ ${replyTo.name}: ${lineOfMarkdown(replyTo.text, actions.nameOf)}</p>` : nothing}
    ${avatar(author.name)}
    <p class="by"><strong>${author.name}</strong>${author.bot ? html`<span class="app">APP</span>` : nothing}<time datetime=${new Date(message.at).toISOString()}>${timeText(message.at / 1000, 't', message.at)}</time></p>
    <div class="body">
      ${message.isThinking ? html`<em>${author.name} is thinking…</em>` : markdown(message.content, actions.nameOf)}
      ${attachments.map((file) => attachmentView(file, actions))}
      ${embeds.map((embed) => embedView(embed, actions))}
      ${message.selects.map((select) => selectView(message, select, actions))}
      ${rows.map((row) => rowView(message, row, actions))}
      ${attachments.length > 0 && !message.isPrivate && actions.menus.length > 0 ? menuView(message, actions) : nothing}
      ${message.isPrivate ? html`<p class="private">Only you can see this · <button type="button" class="quiet" @click=${() => actions.dismiss(message)}>Dismiss message</button></p>` : nothing}
    </div>
  </article>`;
}

function embedView(embed: APIEmbed, { nameOf }: MessageActions): TemplateResult {
  const colour = `#${(embed.color ?? 0x4e5058).toString(16).padStart(6, '0')}`;
  const { title, url, author, fields, image, thumbnail, footer } = embed;
  const name = title ? lineOfMarkdown(title, nameOf) : nothing;
  return html`<div class="embed" style="border-left-color: ${colour}">
    ${author ? html`<p class="embed-author">${author.name}</p>` : nothing}
    ${title ? html`<p class="embed-title">${url ? html`<a href=${url} target="_blank" rel="noopener">${name}</a>` : name}</p>` : nothing}
    ${markdown(embed.description ?? '', nameOf)}
    ${(fields ?? []).map((field) => html`<p class="embed-field"><strong>${lineOfMarkdown(field.name, nameOf)}</strong></p>${markdown(field.value, nameOf)}`)}
    ${[thumbnail, image].map((picture) => (picture?.url.startsWith('http') ? html`<img src=${picture.url} alt="" />` : nothing))}
    ${footer ? html`<p class="embed-footer">${footer.text}</p>` : nothing}
  </div>`;
}

/** A file; one named as a spoiler stays hidden until it is asked for. */
function attachmentView(file: APIAttachment, { revealed, reveal }: MessageActions): TemplateResult {
  if (!file.filename.startsWith('SPOILER_') || revealed.has(file.id)) return fileView(file);
  return html`<button type="button" class="hidden-file" data-spoiler=${file.filename} @click=${() => reveal(file.id)}>Spoiler</button>`;
}

/** Pictures, clips and sounds play where they are; anything else can be opened. */
function fileView(file: APIAttachment): TemplateResult {
  const type = file.content_type ?? '';
  const name = html`<a href=${file.url} target="_blank" rel="noopener">${file.filename}</a> <small>${sizeText(file.size)}</small>`;
  if (type.startsWith('image/'))
    return html`<figure class="picture"><img src=${file.url} alt=${file.description ?? file.filename} /></figure>`;
  if (type.startsWith('video/'))
    return html`<figure class="clip"><video src=${file.url} controls preload="metadata" aria-label=${file.description ?? file.filename}></video></figure>`;
  if (type.startsWith('audio/'))
    return html`<figure class="sound"><figcaption>${name}</figcaption><audio src=${file.url} controls preload="metadata" aria-label=${file.description ?? file.filename}></audio></figure>`;
  return html`<p class="file">${name}</p>`;
}

/** What Discord shows behind a right click: Apps → … */
function menuView(message: Shown, { menus, pick }: MessageActions): TemplateResult {
  return html`<details class="menu"><summary data-menu>Apps</summary>
    ${menus.map(
      (entry) =>
        html`<button type="button" data-entry=${entry} @click=${(event: Event) => {
          if (event.target instanceof HTMLElement) event.target.closest('details')?.removeAttribute('open');
          pick(message, entry);
        }}>${entry}</button>`,
    )}
  </details>`;
}

/** A select menu: of one thing, or of several to tick. */
function selectView(message: Shown, select: ShownSelect, actions: MessageActions): TemplateResult {
  const { id, label, isMany, mayBeEmpty, choices } = select;
  if (isMany) return manyView(message, select, actions);
  const pick = ({ target }: Event) => {
    if (!(target instanceof HTMLSelectElement)) return;
    if (target.value !== '') actions.select(message, select, [target.value]);
    else if (mayBeEmpty) actions.select(message, select, []);
  };
  const hasChosen = choices.some(({ isChosen }) => isChosen);
  return html`<div class="row"><select data-select=${id} aria-label=${label} @change=${pick}>
    <option value="" ?selected=${!hasChosen}>${label}</option>
    ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.isChosen}>${choice.label}</option>`)}
  </select></div>`;
}

function manyView(message: Shown, select: ShownSelect, actions: MessageActions): TemplateResult {
  const { id, label, choices } = select;
  const chosen = choices.filter(({ isChosen }) => isChosen).map((choice) => choice.label);
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    event.target.closest('details')?.removeAttribute('open');
    actions.select(message, select, new FormData(event.target).getAll('picked').map(String));
  };
  return html`<details class="row many" data-select=${id}><summary>${chosen.length > 0 ? chosen.join(', ') : label}</summary>
    <form @submit=${send}>
      ${choices.map((choice) => html`<label class="tick"><input type="checkbox" name="picked" value=${choice.value} ?checked=${choice.isChosen} />${choice.label}</label>`)}
      <button class="button secondary">Pick these</button>
    </form>
  </details>`;
}

function rowView(message: Shown, row: ShownButton[], actions: MessageActions): TemplateResult {
  return html`<div class="row">
    ${row.map((button) =>
      button.url
        ? html`<a class="button secondary" href=${button.url} target="_blank" rel="noopener" data-button=${button.label}>${button.label} ↗</a>`
        : html`<button type="button" class="button ${styles[button.style] ?? 'secondary'}" ?disabled=${button.disabled} data-button=${button.label} @click=${() => actions.press(message, button)}>${button.label}</button>`,
    )}
  </div>`;
}
