import type { APIAttachment } from 'discord.js';
import { html, nothing, type TemplateResult } from 'lit';

export interface Picture {
  url: string;
  /** What is on it, or how its file is called. */
  name: string;
}

/** Pictures that are looked at, and which of them. */
export interface Viewed {
  pictures: Picture[];
  at: number;
}

export const pictureOf = ({ url, description, filename }: APIAttachment): Picture => ({
  url,
  name: description ?? filename,
});

/** A picture as large as the window allows, with those beside it. Escape and a press beside it close it. */
export function viewerView({ pictures, at }: Viewed, look: (at: number) => void, close: () => void): TemplateResult {
  const picture = pictures[at];
  const step = (by: number) => look((at + by + pictures.length) % pictures.length);
  const keys = ({ key }: KeyboardEvent) => {
    if (pictures.length > 1 && (key === 'ArrowLeft' || key === 'ArrowRight')) step(key === 'ArrowLeft' ? -1 : 1);
  };
  const press = ({ target }: Event) => {
    if (target instanceof HTMLDialogElement) target.close();
  };
  const leave = ({ target }: Event) => {
    if (target instanceof Element) target.closest('dialog')?.close();
  };
  return html`<dialog class="viewer" aria-labelledby="viewer-title" @close=${close} @keydown=${keys} @click=${press}>
    <img class="viewer-picture" src=${picture?.url ?? ''} alt=${picture?.name ?? ''} />
    <div class="viewer-bar">
      ${pictures.length > 1 ? html`<button type="button" class="viewer-button" aria-label="Picture before this one" @click=${() => step(-1)}>◀</button>` : nothing}
      <p id="viewer-title" aria-live="polite">${pictures.length > 1 ? `${at + 1} of ${pictures.length} · ` : ''}${picture?.name}</p>
      ${pictures.length > 1 ? html`<button type="button" class="viewer-button" aria-label="Next picture" @click=${() => step(1)}>▶</button>` : nothing}
      <a class="button secondary" href=${picture?.url ?? ''} target="_blank" rel="noopener">Open original</a>
      <button type="button" class="viewer-button" aria-label="Close" @click=${leave}>✕</button>
    </div>
  </dialog>`;
}
