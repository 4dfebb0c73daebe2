import type { MediaKind } from '../kubeez/media.ts';
import { allOf, t } from '../text/text.ts';
import type { Need } from './asked.ts';

/** Which formats of files the platform takes (kubeez.com/docs, rest-api-model-requirements). Pure. */

const accepted: Record<MediaKind, RegExp> = {
  image: /^image\/(a?png|jpe?g|webp)$/,
  video: /^video\/(mp4|x-m4v|quicktime|(x-)?matroska|webm)$/,
  // A sound in a container for films keeps the container's type.
  audio: /^(audio|video)\/|^application\/ogg$/,
};

/** Whether the platform takes a file of this kind and MIME type. */
export const isAccepted = (kind: MediaKind, type: string) => accepted[kind].test(type);

/** A MIME type in small letters and without parameters. */
export const bareType = (type: string) => type.split(';')[0]?.trim().toLowerCase() ?? '';

/** A format as people call it: `HEIC`, `SVG`. */
export const formatOf = (type: string) =>
  (type.split('/')[1] ?? type).replace(/^(x-|vnd\.)|\+xml$|-sequence$/g, '').toUpperCase();

const formatNames = (): Record<MediaKind, string[]> => ({
  image: ['PNG', 'JPEG', 'WebP'],
  video: [t('files.plainMp4'), 'MOV'],
  audio: ['MP3', 'WAV'],
});

/** The formats that work for these needs: “PNG, JPEG and WebP”. */
export function formats(needs: Pick<Need, 'kinds'>[]): string {
  const kinds = new Set(needs.flatMap((need) => need.kinds));
  return allOf([...kinds].flatMap((kind) => formatNames()[kind]));
}
