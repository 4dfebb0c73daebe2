import type { APIAttachment, APIEmbed } from 'discord.js';
import { html, nothing, type TemplateResult } from 'lit';
import { markdown } from './markdown.ts';
import type { Shown, ShownButton } from './protocol.ts';

export interface MessageActions {
  nameOf(id: string): string;
  press(message: Shown, button: ShownButton): void;
  dismiss(message: Shown): void;
  /** Entries of a message's menu, and what picks one. */
  menus: string[];
  pick(message: Shown, entry: string): void;
}

const styles: Record<number, string> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'destructive' };

/** A coloured initial: the page works offline, so there are no pictures of people. */
function avatar(name: string): string {
  const hue = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0) * 47, 0) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${hue} 55% 45%)"/><text x="20" y="27" font-size="20" font-family="sans-serif" text-anchor="middle" fill="white">${name.charAt(0)}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** One message, with everything in it that can be seen or pressed. */
export function messageView(message: Shown, actions: MessageActions): TemplateResult {
  const { author, usedBy } = message;
  return html`<discord-message
    data-id=${message.id}
    author=${author.name}
    avatar=${avatar(author.name)}
    ?bot=${author.bot}
    ?edited=${message.isEdited}
    ?highlight=${message.mentionsMe}
    ?ephemeral=${message.isPrivate}
    .dismissMessageClicked=${() => actions.dismiss(message)}
    .timestamp=${new Date(message.at)}
  >
    ${message.replyTo ? html`<discord-reply slot="reply" author=${message.replyTo.name} avatar=${avatar(message.replyTo.name)} bot>${message.replyTo.text}</discord-reply>` : nothing}
    ${usedBy ? html`<discord-command slot="reply" author=${usedBy.name} avatar=${avatar(usedBy.name)} command="/${usedBy.command}"></discord-command>` : nothing}
    ${message.isThinking ? 'is thinking…' : markdown(message.content, actions.nameOf)}
    ${message.embeds.map((embed) => embedView(embed, actions))}
    ${message.attachments.length > 0 ? html`<discord-attachments slot="attachments">${message.attachments.map(attachmentView)}</discord-attachments>` : nothing}
    ${message.attachments.length > 0 && !message.isPrivate ? menuView(message, actions) : nothing}
    ${message.rows.length > 0 ? html`<discord-attachments slot="components">${message.rows.map((row) => rowView(message, row, actions))}</discord-attachments>` : nothing}
  </discord-message>`;
}

/** Titles know no formatting here, so a backslash before a sign has done its work. */
const unescaped = (text: string) => text.replace(/\\(?=[^a-z0-9\s])/gi, '');

function embedView(embed: APIEmbed, { nameOf }: MessageActions): TemplateResult {
  const colour = `#${(embed.color ?? 0).toString(16).padStart(6, '0')}`;
  return html`<discord-embed slot="embeds" embed-title=${unescaped(embed.title ?? '')} color=${colour}>
    <discord-embed-description slot="description">${markdown(embed.description ?? '', nameOf)}</discord-embed-description>
    ${embed.footer ? html`<discord-embed-footer slot="footer">${embed.footer.text}</discord-embed-footer>` : nothing}
  </discord-embed>`;
}

/** Pictures, clips and sounds play where they are; anything else can be opened. */
function attachmentView(file: APIAttachment): TemplateResult {
  const type = file.content_type ?? '';
  if (type.startsWith('image/'))
    return html`<discord-image-attachment url=${file.url} alt=${file.description ?? ''} width="360"></discord-image-attachment>`;
  if (type.startsWith('video/')) return html`<discord-video-attachment href=${file.url}></discord-video-attachment>`;
  if (type.startsWith('audio/'))
    return html`<discord-audio-attachment href=${file.url} name=${file.filename} bytes=${Math.max(1, Math.round(file.size / 1024))} bytes-unit="KB"></discord-audio-attachment>`;
  return html`<discord-file-attachment href=${file.url} name=${file.filename} bytes=${Math.max(1, Math.round(file.size / 1024))} bytes-unit="KB"></discord-file-attachment>`;
}

/** What Discord shows behind a right click: Apps → … */
function menuView(message: Shown, { menus, pick }: MessageActions): TemplateResult {
  return html`<details class="menu" slot="components"><summary data-menu>Apps</summary>
    ${menus.map(
      (entry) =>
        html`<button type="button" data-entry=${entry} @click=${(event: Event) => {
          if (event.target instanceof HTMLElement) event.target.closest('details')?.removeAttribute('open');
          pick(message, entry);
        }}>${entry}</button>`,
    )}
  </details>`;
}

function rowView(message: Shown, row: ShownButton[], actions: MessageActions): TemplateResult {
  return html`<discord-action-row>
    ${row.map((button) =>
      button.url
        ? html`<discord-button url=${button.url} data-button=${button.label}>${button.label}</discord-button>`
        : html`<discord-button type=${styles[button.style] ?? 'secondary'} ?disabled=${button.disabled} data-button=${button.label} @click=${() => actions.press(message, button)}>${button.label}</discord-button>`,
    )}
  </discord-action-row>`;
}
