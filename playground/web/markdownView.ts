import { html, nothing, type TemplateResult } from 'lit';
import { type Block, type Inline, parseInline, parseMarkdown } from './markdown.ts';
import { timeText } from './times.ts';

/** What is behind mentions and links in a text. */
export interface TextActions {
  /** The name behind the id of somebody or of a channel. */
  nameOf(id: string): string;
  /** Begins a command that a text names. */
  use(command: string): void;
  /** Goes to a channel, and to a message in it. */
  jump(channel: string, message?: string): void;
}

/** Shows a text as Discord would. */
export const markdown = (text: string, actions: TextActions) =>
  parseMarkdown(text).map((block) => blockView(block, actions));

/** The same of a line, such as a title. */
export const lineOfMarkdown = (text: string, actions: TextActions) => inlineViews(parseInline(text), actions);

/** A link; one to a message of this Discord leads there on the page. */
export function linkView(url: string, content: unknown, { jump }: TextActions, look = ''): TemplateResult {
  const [, channel, message] = /^https:\/\/discord\.com\/channels\/[^/]+\/(\d+)(?:\/(\d+))?$/.exec(url) ?? [];
  const go = (event: Event) => {
    if (channel === undefined) return;
    event.preventDefault();
    jump(channel, message);
  };
  return html`<a class=${look || nothing} href=${url} target="_blank" rel="noopener" @click=${go}>${content}</a>`;
}

function blockView(block: Block, actions: TextActions): TemplateResult {
  switch (block.type) {
    case 'text':
      return html`<div class="text">${inlineViews(block.children, actions)}</div>`;
    case 'small':
      return html`<small class="text">${inlineViews(block.children, actions)}</small>`;
    case 'heading':
      return html`<div class="heading level${block.level}">${inlineViews(block.children, actions)}</div>`;
    case 'code':
      return html`<pre><code>${block.text}</code></pre>`;
    case 'quote':
      return html`<blockquote>${block.children.map((inner) => blockView(inner, actions))}</blockquote>`;
    case 'list': {
      const items = block.items.map(
        ({ depth, children }) => html`<li class="depth${depth}">${inlineViews(children, actions)}</li>`,
      );
      return block.isOrdered ? html`<ol start=${block.start}>${items}</ol>` : html`<ul>${items}</ul>`;
    }
  }
}

const inlineViews = (pieces: Inline[], actions: TextActions): (TemplateResult | string)[] =>
  pieces.map((piece) => inlineView(piece, actions));

function inlineView(piece: Inline, actions: TextActions): TemplateResult | string {
  if (typeof piece === 'string') return piece;
  switch (piece.type) {
    case 'strong':
      return html`<strong>${inlineViews(piece.children, actions)}</strong>`;
    case 'em':
      return html`<em>${inlineViews(piece.children, actions)}</em>`;
    case 'underline':
      return html`<u>${inlineViews(piece.children, actions)}</u>`;
    case 'strike':
      return html`<s>${inlineViews(piece.children, actions)}</s>`;
    case 'spoiler':
      return html`<button type="button" class="spoiler" aria-label="Spoiler: show it" @click=${reveal}><span>${inlineViews(piece.children, actions)}</span></button>`;
    case 'code':
      return html`<code>${piece.text}</code>`;
    case 'link':
      return linkView(piece.url, inlineViews(piece.children, actions), actions);
    case 'time': {
      const when = new Date(piece.seconds * 1000);
      return html`<time datetime=${Number.isNaN(when.getTime()) ? nothing : when.toISOString()}>${timeText(piece.seconds, piece.style, Date.now())}</time>`;
    }
    case 'user':
    case 'role':
      return html`<span class="mention">@${actions.nameOf(piece.id)}</span>`;
    case 'channel':
      return html`<button type="button" class="mention" @click=${() => actions.jump(piece.id)}>#${actions.nameOf(piece.id)}</button>`;
    case 'command':
      return html`<button type="button" class="mention" @click=${() => actions.use(piece.name)}>/${piece.name}</button>`;
    case 'emoji':
      return `:${piece.name}:`;
  }
}

/** Shows what a spoiler hides; nothing hides it again, as at Discord. */
function reveal({ currentTarget }: Event): void {
  if (!(currentTarget instanceof HTMLElement)) return;
  currentTarget.classList.add('revealed');
  currentTarget.removeAttribute('aria-label');
}
