import type { MediaKind, UploadedFile } from '../kubeez/media.ts';
import { allOf, t } from '../text/text.ts';
import type { AskedModel, Input, Need } from './asked.ts';
import type { FileProblem } from './fileProblems.ts';
import type { Flow } from './flow.ts';
import { bareType, isAccepted } from './formats.ts';

/** What a job can do with the files that are there. Pure. */

/** Files in the order in which the tool takes them, whatever order they came in. */
export function inOrder<File extends { kind: Input['kind'] }>(files: File[], needs: Need[]): File[] {
  const rank = (file: File) => needs.findIndex((need) => need.kinds.includes(file.kind));
  return files
    .map((file, index) => ({ file, index }))
    .sort((a, b) => rank(a.file) - rank(b.file) || a.index - b.index)
    .map(({ file }) => file);
}

const fitting = (need: Need, inputs: Input[]) =>
  inputs.filter((input) => input.role === undefined && need.kinds.includes(input.kind)).length;

/** Every need has at least its fewest files. */
export const isMet = (needs: Need[], inputs: Input[]) => needs.every((need) => fitting(need, inputs) >= need.min);

/** The files are enough: nothing is wrong with them, and every need is met. */
export const isEnough = ({ upload, asked }: Pick<Flow, 'upload' | 'asked'>) =>
  upload.problem === null && isMet(asked.models[0].needs, asked.inputs);

/** Nothing more could be used. */
export const isFull = (flow: Pick<Flow, 'upload' | 'asked'>) =>
  isEnough(flow) && flow.asked.models[0].needs.every((need) => fitting(need, flow.asked.inputs) >= need.max);

/** A file, as far as it is known yet. */
type JudgedFile = Pick<Input, 'kind' | 'name' | 'seconds' | 'bytes'> &
  Partial<Pick<UploadedFile, 'type' | 'unreadable'>>;

/** What is wrong with the files, or null. */
export function problemOf({ needs }: Pick<AskedModel, 'needs'>, files: JudgedFile[]): FileProblem | null {
  for (const file of [...files.filter(({ unreadable }) => unreadable), ...files]) {
    const problem = problemOfFile(needs, file);
    if (problem) return problem;
  }
  for (const { kinds, max } of needs) {
    const count = files.filter((file) => kinds.includes(file.kind)).length;
    if (count > max) return { code: 'tooMany', count, kinds };
  }
  return null;
}

function problemOfFile(needs: Need[], { name, kind, type, seconds, bytes = 0, unreadable }: JudgedFile) {
  if (unreadable) return { code: 'unreadable', name } as const;
  const need = needs.find(({ kinds }) => kinds.includes(kind));
  if (!need) return { code: 'wrongKind', name, kind } as const;
  if (type !== undefined && !isAccepted(kind, bareType(type))) return { code: 'wrongFormat', name, type } as const;
  const [shortest = 0, longest = Number.POSITIVE_INFINITY] = need.seconds ?? [];
  if (seconds !== undefined && (seconds < shortest || seconds > longest))
    return { code: 'wrongLength', name, seconds } as const;
  if (need.bytes !== undefined && bytes > need.bytes) return { code: 'tooLarge', name, max: need.bytes } as const;
  return null;
}

/** What files of several kinds are called. */
export function kindOf({ kinds }: Pick<Need, 'kinds'>): MediaKind | 'recording' | 'file' {
  const [kind, other] = kinds;
  if (kind !== undefined && other === undefined) return kind;
  return kinds.includes('image') ? 'file' : 'recording';
}

/** What a job needs, in words and in order: "1 image", "1 to 8 images", "1 image, then 1 video of 3 to 30 s". */
export function wanted({ needs }: Pick<AskedModel, 'needs'>): string {
  const [first = '', ...others] = needs.map(wantedOf);
  return others.reduce((before, second) => t('files.then', { first: before, second }), first);
}

function wantedOf(need: Need): string {
  const { min, max, seconds, purpose } = need;
  const kind = kindOf(need);
  const files = min === max ? t('files.count', { kind, count: max }) : t('files.range', { kind, min, max });
  const measured = seconds ? withLength(files, seconds) : files;
  return purpose === undefined ? measured : t('files.reference', { files: measured });
}

function withLength(files: string, [shortest, longest]: [number, number]): string {
  if (shortest > 0) return t('files.ofLength', { files, shortest, longest });
  return longest >= 120
    ? t('files.ofMinutes', { files, longest: Math.round(longest / 60) })
    : t('files.ofSeconds', { files, longest });
}

/** Says when the flow goes on, to whoever uploads. */
export function goesOnWhen({ needs }: Pick<AskedModel, 'needs'>): string {
  if (needs.every(({ min, max }) => min === max)) return t('card.goesOnByItself');
  const most = needs.map((need) => t('files.count', { kind: kindOf(need), count: need.max }));
  return t('card.pressDone', { most: allOf(most) });
}

/** Files in words: “1 image”, “2 images”, “3 files”. */
export function fileCount(files: Pick<Input, 'kind'>[]): string {
  const kinds = new Set(files.map(({ kind }) => kind));
  const [kind] = kinds;
  return t('files.count', { kind: kinds.size === 1 && kind ? kind : 'file', count: files.length });
}
