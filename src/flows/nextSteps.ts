import type { MediaKind } from '../kubeez/media.ts';
import { mayChange } from './changing.ts';
import { dearShare } from './dear.ts';
import type { Flow } from './flow.ts';
import { type RecipeName, recipes } from './recipes/index.ts';
import { jobsOf, runsIn } from './runs.ts';

/**
 * What one can do from a finished card; each but `ask`, `details`, `more`, `fresh`, `delete` and `erase` leads to a new flow. With
 * `prompt`, `model` and `cheaper` one can also change what is asked for while its price is on the card.
 */
export const nextStepNames = [
  'repeat',
  'styleless',
  'prompt',
  'model',
  'cheaper',
  'vary',
  'animate',
  'edit',
  'caption',
  'separate',
  'fresh',
  'ask',
  'details',
  'delete',
  'erase',
  'more',
] as const;

export type NextStep = (typeof nextStepNames)[number];

/** Next steps that begin another recipe with the result. */
export const recipeOfStep: Partial<Record<NextStep, RecipeName>> = {
  animate: 'animate',
  edit: 'edit',
  caption: 'captions',
  separate: 'separate',
};

const fitting: Record<MediaKind | 'text', NextStep[]> = {
  image: ['animate', 'edit'],
  video: ['caption', 'separate'],
  audio: ['separate'],
  text: [],
};

/** Whether a clip certainly has no sound: then captions and separation make no sense. */
const isSilent = ({ recipe, asked: { models, options } }: Flow) =>
  recipes[recipe].canBeSilent === true && (options.sound === false || models.every(({ silent }) => silent));

/** Whether managers could make room for it. */
const isLimitInTheWay = ({ stage, shown: { reason } }: Flow) =>
  stage === 'failed' && reason?.code === 'limitFull' && reason.room !== undefined;

const canChooseModel = ({ recipe, asked: { models } }: Flow) =>
  recipes[recipe].takesModel === true && models.length === 1;

/** What can be changed of a flow whose price is on the card. Pure. */
export function changesOf(flow: Flow): NextStep[] {
  if (!mayChange(flow)) return [];
  const another = dearShare(flow) === undefined ? ('model' as const) : ('cheaper' as const);
  return [
    ...(recipes[flow.recipe].takesPrompt ? (['prompt'] as const) : []),
    ...(canChooseModel(flow) ? [another] : []),
  ];
}

/** Whether it ended because it would have cost too much. */
const isTooDear = ({ stage, shown: { reason } }: Flow) =>
  stage === 'failed' &&
  (reason?.code === 'limitFull' || (reason?.code === 'insufficient' && reason.price !== undefined));

/** Whether it would be allowed without what the style of its channel adds. */
const isStyleInTheWay = ({ shown: { reason } }: Flow) => reason?.code === 'stylePhrase';

/** What fits a flow that ended, the usual first. Pure. */
export function nextSteps(flow: Flow): NextStep[] {
  const { stage } = flow;
  // There is nothing left to go on from.
  if (flow.clearedAt !== null) return stage === 'delivered' ? [...withoutWords] : [];
  const { makes, takesPrompt, canVary = false, isLast = false } = recipes[flow.recipe];
  const words: NextStep[] = takesPrompt ? ['repeat', 'prompt'] : ['repeat'];
  // Without a result the words are what there is to go on from.
  if (['failed', 'cancelled', 'expired'].includes(stage))
    return [
      ...(isLimitInTheWay(flow) ? (['ask'] as const) : []),
      ...(isTooDear(flow) && canChooseModel(flow) ? (['cheaper'] as const) : []),
      ...(isStyleInTheWay(flow) ? (['styleless'] as const) : []),
      ...(takesPrompt ? (['prompt'] as const) : []),
      'repeat',
    ];
  if (stage !== 'delivered') return [];
  const isLate = jobsOf(flow).some(({ status, missing }) => status === 'running' || missing.length > 0);
  const hasLinks = isLate || flow.shown.results.some(({ as, url }) => as !== 'file' && url !== '');
  const onward = isLast || isSilent(flow) ? [] : fitting[makes];
  return [
    ...words,
    ...(hasLinks ? (['fresh'] as const) : []),
    ...(canVary ? (['vary'] as const) : []),
    ...onward,
    'details',
    'delete',
  ];
}

/** Steps that are still possible once the server no longer keeps what was asked for. */
export const withoutWords: readonly NextStep[] = ['details', 'delete'];

/** Steps that nobody should take by accident, or that are not for everybody: never on the card itself. */
const alwaysBehind: NextStep[] = ['details', 'delete'];

/** The next steps shown on the card: one row of five; what does not fit is behind the last button. */
export function onCard(flow: Flow): NextStep[] {
  const steps = nextSteps(flow);
  // **Check** takes a place of its own.
  const most = runsIn(flow, 'unclear').length > 0 ? 4 : 5;
  const open = steps.filter((step) => !alwaysBehind.includes(step));
  if (open.length === steps.length && steps.length <= most) return steps;
  return [...open.slice(0, most - 1), 'more'];
}
