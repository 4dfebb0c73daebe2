import type { MediaKind } from '../kubeez/model.ts';
import { cut } from '../text/cut.ts';
import { anyOf, t } from '../text/text.ts';
import { problemOf } from './files.ts';
import type { Flow, Input } from './flow.ts';
import { bareType, formatOf, formats, isAccepted } from './formats.ts';

/** Files that people attach in Discord: what they are is told from their first bytes, before the price. Pure. */

/** What the first bytes show, by address: a MIME type, or null where they fit none. A file that was not read is missing. */
export type SeenTypes = Record<string, string | null>;

/** What Discord says of a file whose type it does not know. */
const generic = ['', 'application/octet-stream', 'binary/octet-stream'];

const typesByEnding: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  mp4: 'video/mp4',
  m4v: 'video/x-m4v',
  mov: 'video/quicktime',
  mkv: 'video/matroska',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  m4a: 'audio/x-m4a',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
};

/** Whether a MIME type says nothing about a file. */
export const isGeneric = (type: string) => generic.includes(bareType(type));

/** The type of a file as its name suggests it; empty where it suggests none. */
const typeByName = (name: string) => typesByEnding[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? '';

/** Whether files still have to be looked at. */
export const hasUnseenFiles = ({ inputs, attachments }: Pick<Flow, 'inputs' | 'attachments'>) =>
  [...inputs, ...attachments].some(({ claimedType }) => claimedType !== undefined);

/** What looking at a flow's files leads to: the flow with what they really are, or a sentence on what is wrong. */
export function lookedAt(flow: Flow, types: SeenTypes): { ok: true; flow: Flow } | { ok: false; problem: string } {
  const files = [...flow.inputs, ...flow.attachments];
  const problem = files.map((file) => unfit(file, types, flow)).find((one) => one !== undefined);
  if (problem !== undefined) return { ok: false, problem };
  const seen = (file: Input): Input => {
    const { claimedType, ...rest } = file;
    return claimedType === undefined ? file : { ...rest, kind: kindOf(typeOf(file, types), claimedType) ?? file.kind };
  };
  const next = { ...flow, inputs: flow.inputs.map(seen), attachments: flow.attachments.map(seen) };
  const needed = [...next.inputs, ...next.attachments].filter(({ role }) => role === undefined);
  const misfit = problemOf(
    flow,
    needed.map((file) => ({ ...file, unreadable: false })),
  );
  return misfit === null ? { ok: true, flow: next } : { ok: false, problem: misfit };
}

/** What is wrong with the format of a file, as a sentence; undefined when nothing is. */
function unfit(file: Input, types: SeenTypes, flow: Flow): string | undefined {
  if (file.claimedType === undefined) return undefined;
  const name = cut(file.name, 100);
  const works = formats(file.role === 'product' ? productNeed : flow.model.needs);
  if (file.bytes === 0) return t('files.empty', { name, formats: works });
  const type = typeOf(file, types);
  const kind = kindOf(type, file.claimedType);
  if (kind === undefined) return t('files.notWanted', { name, wanted: wantedKind(file, flow), formats: works });
  if (!isAccepted(kind, type)) return t('files.wrongFormat', { name, format: formatOf(type), formats: works });
  if (file.role === 'product' && kind !== 'image') return t('files.notProduct', { name, kind, formats: works });
  return undefined;
}

const productNeed = [{ kinds: ['image' as const] }];

const wantedKind = ({ role }: Input, { model }: Flow) => {
  const kinds = role === 'product' ? ['image' as const] : [...new Set(model.needs.flatMap((need) => need.kinds))];
  return anyOf(kinds.map((kind) => t('files.one', { kind })));
};

/** What a file is: by its bytes, else by what Discord says of it, else by its name. */
function typeOf({ url, name, claimedType = '' }: Input, types: SeenTypes): string {
  const claimed = isGeneric(claimedType) ? typeByName(name) : bareType(claimedType);
  const seen = types[url];
  if (seen === undefined) return claimed;
  // Bytes of no known type are at best what they claim to be where that is a text, such as SVG.
  return seen === null ? (claimed === 'image/svg+xml' ? claimed : '') : bareType(seen);
}

function kindOf(type: string, claimedType: string): MediaKind | undefined {
  if (type === 'application/ogg') return 'audio';
  const kind = (['image', 'video', 'audio'] as const).find((one) => type.startsWith(`${one}/`));
  // MP4 and its like hold films or sounds alone, and their first bytes do not tell which.
  return kind === 'video' && claimedType.startsWith('audio/') ? 'audio' : kind;
}
