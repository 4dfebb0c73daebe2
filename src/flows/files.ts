import { cut } from '../text/cut.ts';
import type { UploadedFile } from './events.ts';
import type { Flow, Input, Need } from './flow.ts';
import { bareType, formatOf, formats, isAccepted } from './formats.ts';

/** What a job can do with the files that are there. Pure. */

/** Files in the order in which the tool takes them, whatever order they came in. */
export function inOrder<File extends { kind: Input['kind'] }>(files: File[], needs: Need[]): File[] {
  const place = (file: File) => needs.findIndex((need) => need.kinds.includes(file.kind));
  return files
    .map((file, index) => ({ file, index }))
    .sort((a, b) => place(a.file) - place(b.file) || a.index - b.index)
    .map(({ file }) => file);
}

const fitting = (need: Need, inputs: Input[]) =>
  inputs.filter((input) => input.role === undefined && need.kinds.includes(input.kind)).length;

/** Every need is met, though perhaps not to the full. */
export const isEnough = ({ uploadProblem, inputs, model }: Pick<Flow, 'uploadProblem' | 'inputs' | 'model'>) =>
  uploadProblem === null && model.needs.every((need) => fitting(need, inputs) >= need.min);

/** Nothing more could be used. */
export const isFull = (flow: Flow) =>
  isEnough(flow) && flow.model.needs.every((need) => fitting(need, flow.inputs) >= need.max);

/** One sentence on what is wrong with the files, or null. */
export function problemOf(
  { model }: { model: Pick<Flow['model'], 'name' | 'needs'> },
  files: Omit<UploadedFile, 'unmeasured'>[],
): string | null {
  const named = cut(model.name, 100);
  const needed = `${named} needs ${wanted(model)}`;
  const unreadable = files.find((file) => file.unreadable);
  if (unreadable) return `Kubeez cannot read “${cut(unreadable.name, 100)}”. ${needed}; ${formats(model.needs)} work.`;
  for (const file of files) {
    const need = model.needs.find((one) => one.kinds.includes(file.kind));
    if (!need) return `“${cut(file.name, 100)}” is ${article(file.kind)}, but ${needed}. ${formats(model.needs)} work.`;
    if (file.type !== undefined && !isAccepted(file.kind, bareType(file.type)))
      return `“${cut(file.name, 100)}” is of the format ${formatOf(file.type)}, which Kubeez does not take. ${formats(model.needs)} work.`;
    const [shortest = 0, longest = Number.POSITIVE_INFINITY] = need.seconds ?? [];
    if (file.seconds !== undefined && (file.seconds < shortest || file.seconds > longest)) {
      return `“${cut(file.name, 100)}” is ${Math.round(file.seconds * 10) / 10} seconds long, but ${needed}.`;
    }
    if (need.bytes !== undefined && (file.bytes ?? 0) > need.bytes)
      return `“${cut(file.name, 100)}” is larger than ${Math.round(need.bytes / 1024 / 1024)} MB, the most ${named} takes.`;
  }
  for (const need of model.needs) {
    const count = files.filter((file) => need.kinds.includes(file.kind)).length;
    if (count > need.max) return `${count} ${kindWords(need, count)} arrived, but ${needed}.`;
  }
  return null;
}

const articles = { image: 'an image', video: 'a video', audio: 'an audio file' };
const article = (kind: Input['kind']) => articles[kind];

const nouns = { image: 'image', video: 'video', audio: 'audio file' };
const kindWords = ({ kinds }: Need, count: number) =>
  `${kinds.map((kind) => nouns[kind]).join(' or ')}${count === 1 ? '' : 's'}`;

/** What a job needs, in words and in order: "1 image", "1 to 8 images", "1 image, then 1 video of 3 to 30 s". */
export function wanted({ needs }: Pick<Flow['model'], 'needs'>): string {
  return needs.map(wantedOf).join(', then ');
}

function wantedOf(need: Need): string {
  const { min, max, seconds, purpose } = need;
  const count = min === max ? `${max}` : `${min} to ${max}`;
  const length = seconds ? lengthWords(seconds) : '';
  return `${count} ${kindWords(need, max)}${length}${purpose === undefined ? '' : ` (${purpose})`}`;
}

function lengthWords([shortest, longest]: [number, number]): string {
  if (shortest > 0) return ` of ${shortest} to ${longest} s`;
  return longest >= 120 ? ` of at most ${Math.round(longest / 60)} minutes` : ` of at most ${longest} s`;
}

/** When an upload goes on, for whoever uploads. */
export function whenItGoesOn({ needs }: Pick<Flow['model'], 'needs'>): string {
  if (needs.every(({ min, max }) => min === max)) return 'When everything is there, it goes on by itself.';
  const most = needs.map((need) => `${need.max} ${kindWords(need, need.max)}`).join(' and ');
  return `When everything is there, press **Done** on the card in Discord. It goes on by itself only with ${most}.`;
}

/** Files in words: “1 image”, “2 images”, “3 files”. */
export function fileCount(files: Pick<Input, 'kind'>[]): string {
  const kinds = [...new Set(files.map(({ kind }) => kind))];
  const noun = kinds.length === 1 && kinds[0] ? nouns[kinds[0]] : 'file';
  return `${files.length} ${noun}${files.length === 1 ? '' : 's'}`;
}
