import { z } from 'zod';
import { kindSchema } from '../kubeez/media.ts';
import { cut } from '../text/cut.ts';
import { anyOf, t } from '../text/text.ts';
import { type AskedModel, inputSchema } from './asked.ts';
import { kindOf, wanted } from './files.ts';
import { formatOf, formats } from './formats.ts';

const name = z.string();
const { role } = inputSchema.shape;

/** What is wrong with files: a code and what its sentence is filled with. */
export const fileProblemSchema = z.discriminatedUnion('code', [
  z.object({ code: z.literal('unreadable'), name }),
  z.object({ code: z.literal('empty'), name, role }),
  /** It is not a file of any kind that could be used. */
  z.object({ code: z.literal('notWanted'), name, role }),
  z.object({ code: z.literal('wrongKind'), name, kind: kindSchema }),
  z.object({ code: z.literal('notProduct'), name, kind: kindSchema }),
  /** `type`: its MIME type. */
  z.object({ code: z.literal('wrongFormat'), name, role, type: z.string() }),
  z.object({ code: z.literal('wrongLength'), name, seconds: z.number() }),
  /** `max`: bytes. */
  z.object({ code: z.literal('tooLarge'), name, max: z.number() }),
  z.object({ code: z.literal('tooMany'), count: z.number(), kinds: z.array(kindSchema) }),
  /** No more is known, as in records from before there were codes. */
  z.object({ code: z.literal('doesNotWork') }),
]);

export type FileProblem = z.infer<typeof fileProblemSchema>;

const productNeed = [{ kinds: ['image' as const] }];

/** What is wrong with files, in one sentence. */
export function problemSentence(problem: FileProblem, model: Pick<AskedModel, 'name' | 'needs'>): string {
  const named = { name: 'name' in problem ? cut(problem.name, 100) : '', model: cut(model.name, 100) };
  const needs = 'role' in problem && problem.role === 'product' ? productNeed : model.needs;
  const needed = wanted(model);
  switch (problem.code) {
    case 'unreadable':
      return t('files.unreadable', { ...named, needed, formats: formats(needs) });
    case 'empty':
      return t('files.empty', { ...named, formats: formats(needs) });
    case 'notWanted': {
      const kinds = [...new Set(needs.flatMap((need) => need.kinds))];
      const one = anyOf(kinds.map((kind) => t('files.one', { kind })));
      return t('files.notWanted', { ...named, wanted: one, formats: formats(needs) });
    }
    case 'wrongKind':
      return t('files.wrongKind', { ...named, kind: problem.kind, needed, formats: formats(needs) });
    case 'notProduct':
      return t('files.notProduct', { ...named, kind: problem.kind, formats: formats(productNeed) });
    case 'wrongFormat':
      return t('files.wrongFormat', { ...named, format: formatOf(problem.type), formats: formats(needs) });
    case 'wrongLength':
      return t('files.wrongLength', { ...named, seconds: Math.round(problem.seconds * 10) / 10, needed });
    case 'tooLarge':
      return t('files.tooLarge', { ...named, megabytes: Math.round(problem.max / 1024 / 1024) });
    case 'tooMany': {
      const files = t('files.count', { kind: kindOf(problem), count: problem.count });
      return t('files.tooMany', { ...named, files, needed });
    }
    case 'doesNotWork':
      return t('files.doesNotWork');
  }
}
