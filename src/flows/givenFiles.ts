import { type MediaKind, mediaKinds } from '../kubeez/media.ts';
import type { Input } from './asked.ts';
import { change } from './change.ts';
import type { FileProblem } from './fileProblems.ts';
import { problemOf } from './files.ts';
import type { Flow } from './flow.ts';
import { bareType, isAccepted } from './formats.ts';

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
export const hasUnseenFiles = ({ inputs, attachments }: Pick<Flow['asked'], 'inputs' | 'attachments'>) =>
  [...inputs, ...attachments].some(({ claimedType }) => claimedType !== undefined);

/** The outcome of looking at a flow's files: the flow with their real types, or what is wrong with them. */
export function lookedAt(flow: Flow, types: SeenTypes): { ok: true; flow: Flow } | { ok: false; problem: FileProblem } {
  const { inputs, attachments, models } = flow.asked;
  const problem = [...inputs, ...attachments].map((file) => unfit(file, types)).find((one) => one !== undefined);
  if (problem !== undefined) return { ok: false, problem };
  const seen = (file: Input): Input => {
    const { claimedType, ...rest } = file;
    return claimedType === undefined ? file : { ...rest, kind: kindOf(typeOf(file, types), claimedType) ?? file.kind };
  };
  const next = change(flow, { asked: { inputs: inputs.map(seen), attachments: attachments.map(seen) } });
  const needed = [...next.asked.inputs, ...next.asked.attachments].filter(({ role }) => role === undefined);
  const misfit = problemOf(models[0], needed);
  return misfit === null ? { ok: true, flow: next } : { ok: false, problem: misfit };
}

/** What is wrong with the format of a file; undefined when nothing is. */
function unfit(file: Input, types: SeenTypes): FileProblem | undefined {
  const { name, role, claimedType } = file;
  if (claimedType === undefined) return undefined;
  if (file.bytes === 0) return { code: 'empty', name, role };
  const type = typeOf(file, types);
  const kind = kindOf(type, claimedType);
  if (kind === undefined) return { code: 'notWanted', name, role };
  if (!isAccepted(kind, type)) return { code: 'wrongFormat', name, role, type };
  if (role === 'product' && kind !== 'image') return { code: 'notProduct', name, kind };
  return undefined;
}

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
  const kind = mediaKinds.find((one) => type.startsWith(`${one}/`));
  // MP4 and its like hold films or sounds alone, and their first bytes do not tell which.
  return kind === 'video' && claimedType.startsWith('audio/') ? 'audio' : kind;
}
