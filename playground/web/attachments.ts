import type { APIAttachment } from 'discord.js';
import { html, nothing, type TemplateResult } from 'lit';
import { sizeText } from './sizes.ts';
import { type Picture, pictureOf } from './viewer.ts';

export interface AttachmentActions {
  /** Spoilers that somebody has looked at, by the id of their file. */
  revealed: ReadonlySet<string>;
  reveal(file: string): void;
  /** Shows one of several pictures large. */
  look(pictures: Picture[], at: number): void;
}

const isPicture = ({ content_type: type }: APIAttachment) => type?.startsWith('image/') ?? false;
const isSpoiler = ({ filename }: APIAttachment) => filename.startsWith('SPOILER_');

/** Pictures side by side, and below them what plays or is opened. */
export function attachmentsView(files: APIAttachment[], actions: AttachmentActions): TemplateResult {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return html`${pictures.length > 0 ? html`<div class="tiles" data-count=${pictures.length}>${pictures.map((file) => tileView(file, pictures, actions))}</div>` : nothing}
    ${others.map((file) => (isHidden(file, actions) ? spoilerView(file, actions) : fileView(file)))}`;
}

const isHidden = (file: APIAttachment, { revealed }: AttachmentActions) => isSpoiler(file) && !revealed.has(file.id);

function tileView(file: APIAttachment, all: APIAttachment[], actions: AttachmentActions): TemplateResult {
  if (isHidden(file, actions)) return spoilerView(file, actions);
  const { url, name } = pictureOf(file);
  const look = () => {
    // Looking through the pictures does not uncover a spoiler.
    const seen = all.filter((one) => !isHidden(one, actions));
    actions.look(seen.map(pictureOf), seen.indexOf(file));
  };
  return html`<figure class="picture"><button type="button" aria-label="Enlarge picture: ${name}" @click=${look}><img src=${url} alt=${name} /></button></figure>`;
}

/** A file that stays hidden until somebody asks for it. */
function spoilerView({ id, filename }: APIAttachment, { reveal }: AttachmentActions): TemplateResult {
  return html`<button type="button" class="hidden-file" data-spoiler=${filename} aria-label="Spoiler: show ${filename.replace('SPOILER_', '')}" @click=${() => reveal(id)}><span class="hidden-label">Spoiler</span></button>`;
}

/** Clips and sounds play where they are; anything else can be opened. */
function fileView({ url, filename, size, description, content_type: type }: APIAttachment): TemplateResult {
  const label = description ?? filename;
  const name = html`<a href=${url} target="_blank" rel="noopener">${filename}</a> <small>${sizeText(size)}</small>`;
  if (type?.startsWith('video/'))
    return html`<figure class="clip"><video src=${url} controls playsinline preload="metadata" aria-label=${label}></video></figure>`;
  if (type?.startsWith('audio/'))
    return html`<figure class="sound"><figcaption>${name}</figcaption><audio src=${url} controls preload="metadata" aria-label=${label}></audio></figure>`;
  return html`<p class="file">${name}</p>`;
}
