import type { MediaKind } from '../kubeez/model.ts';
import { cut } from '../text/cut.ts';
import { allOf, t } from '../text/text.ts';
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
  for (const file of [...files.filter(({ unreadable }) => unreadable), ...files]) {
    const problem = problemOfFile(model, file);
    if (problem) return problem;
  }
  for (const need of model.needs) {
    const count = files.filter((file) => need.kinds.includes(file.kind)).length;
    if (count > need.max)
      return t('files.tooMany', {
        files: t('files.count', { kind: kindOf(need), count }),
        model: cut(model.name, 100),
        needed: wanted(model),
      });
  }
  return null;
}

function problemOfFile(
  { name: modelName, needs }: Pick<Flow['model'], 'name' | 'needs'>,
  file: Omit<UploadedFile, 'unmeasured'>,
): string | null {
  const name = cut(file.name, 100);
  const model = cut(modelName, 100);
  const needed = wanted({ needs });
  const works = formats(needs);
  if (file.unreadable) return t('files.unreadable', { name, model, needed, formats: works });
  const need = needs.find((one) => one.kinds.includes(file.kind));
  if (!need) return t('files.wrongKind', { name, kind: file.kind, model, needed, formats: works });
  if (file.type !== undefined && !isAccepted(file.kind, bareType(file.type)))
    return t('files.wrongFormat', { name, format: formatOf(file.type), formats: works });
  const [shortest = 0, longest = Number.POSITIVE_INFINITY] = need.seconds ?? [];
  if (file.seconds !== undefined && (file.seconds < shortest || file.seconds > longest))
    return t('files.wrongLength', { name, seconds: Math.round(file.seconds * 10) / 10, model, needed });
  if (need.bytes !== undefined && (file.bytes ?? 0) > need.bytes)
    return t('files.tooLarge', { name, megabytes: Math.round(need.bytes / 1024 / 1024), model });
  return null;
}

/** What files of several kinds are called. */
function kindOf({ kinds }: Pick<Need, 'kinds'>): MediaKind | 'recording' | 'file' {
  const [kind, other] = kinds;
  if (kind !== undefined && other === undefined) return kind;
  return kinds.includes('image') ? 'file' : 'recording';
}

/** What a job needs, in words and in order: "1 image", "1 to 8 images", "1 image, then 1 video of 3 to 30 s". */
export function wanted({ needs }: Pick<Flow['model'], 'needs'>): string {
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

/** When an upload goes on, for whoever uploads. */
export function goesOnWhen({ needs }: Pick<Flow['model'], 'needs'>): string {
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
