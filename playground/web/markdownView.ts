import { html, nothing, type TemplateResult } from 'lit';
import { type Block, type Inline, parseInline, parseMarkdown } from './markdown.ts';
import { timeText } from './times.ts';

/** The name behind the id of somebody or of a channel. */
export type NameOf = (id: string) => string;

/** Shows a text as Discord would. */
export const markdown = (text: string, nameOf: NameOf) => parseMarkdown(text).map((block) => blockView(block, nameOf));

/** The same of a line, such as a title. */
export const lineOfMarkdown = (text: string, nameOf: NameOf) => inlineViews(parseInline(text), nameOf);

function blockView(block: Block, nameOf: NameOf): TemplateResult {
  switch (block.type) {
    case 'text':
      return html`<div class="text">${inlineViews(block.children, nameOf)}</div>`;
    case 'small':
      return html`<small class="text">${inlineViews(block.children, nameOf)}</small>`;
    case 'heading':
      return html`<div class="heading level${block.level}">${inlineViews(block.children, nameOf)}</div>`;
    case 'code':
      return html`<pre><code>${block.text}</code></pre>`;
    case 'quote':
      return html`<blockquote>${block.children.map((inner) => blockView(inner, nameOf))}</blockquote>`;
    case 'list': {
      const items = block.items.map(
        ({ depth, children }) => html`<li class="depth${depth}">${inlineViews(children, nameOf)}</li>`,
      );
      return block.isOrdered ? html`<ol start=${block.start}>${items}</ol>` : html`<ul>${items}</ul>`;
    }
  }
}

const inlineViews = (pieces: Inline[], nameOf: NameOf): (TemplateResult | string)[] =>
  pieces.map((piece) => inlineView(piece, nameOf));

function inlineView(piece: Inline, nameOf: NameOf): TemplateResult | string {
  if (typeof piece === 'string') return piece;
  switch (piece.type) {
    case 'strong':
      return html`<strong>${inlineViews(piece.children, nameOf)}</strong>`;
    case 'em':
      return html`<em>${inlineViews(piece.children, nameOf)}</em>`;
    case 'underline':
      return html`<u>${inlineViews(piece.children, nameOf)}</u>`;
    case 'strike':
      return html`<s>${inlineViews(piece.children, nameOf)}</s>`;
    case 'spoiler':
      return html`<button type="button" class="spoiler" aria-label="Spoiler" @click=${reveal}><span>${inlineViews(piece.children, nameOf)}</span></button>`;
    case 'code':
      return html`<code>${piece.text}</code>`;
    case 'link':
      return html`<a href=${piece.url} target="_blank" rel="noopener">${inlineViews(piece.children, nameOf)}</a>`;
    case 'time': {
      const when = new Date(piece.seconds * 1000);
      return html`<time datetime=${Number.isNaN(when.getTime()) ? nothing : when.toISOString()}>${timeText(piece.seconds, piece.style, Date.now())}</time>`;
    }
    case 'user':
      return html`<span class="mention">@${nameOf(piece.id)}</span>`;
    case 'role':
      return html`<span class="mention">@${nameOf(piece.id)}</span>`;
    case 'channel':
      return html`<span class="mention">#${nameOf(piece.id)}</span>`;
    case 'command':
      return html`<span class="mention">/${piece.name}</span>`;
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
