import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { brief, cut, plain } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';
import { writeButtonId } from './buttonId.ts';
import type { Press } from './events.ts';
import { subjectOf } from './fileNames.ts';
import { fileCount, isEnough, wanted, whenItGoesOn } from './files.ts';
import { creditsPerJob, creditsTaken, type Flow, jobsOf, type Obstacle, type Stage } from './flow.ts';
import { hasUnseenFiles } from './givenFiles.ts';
import { type NextStep, onCard } from './nextSteps.ts';
import { recipes } from './recipes/index.ts';

import { credits, modelReasonWords, noticeSentences, obstacleSentence, reasonSentence } from './sentences.ts';

const colours = { waiting: 0x5865f2, good: 0x2ecc71, bad: 0xe74c3c, quiet: 0x80848e, unsure: 0xf1c40f };

const colourOf: Record<Stage, number> = {
  uploading: colours.waiting,
  quoting: colours.waiting,
  quoted: colours.waiting,
  queued: colours.waiting,
  submitting: colours.waiting,
  running: colours.waiting,
  delivering: colours.waiting,
  delivered: colours.good,
  failed: colours.bad,
  cancelled: colours.quiet,
  expired: colours.quiet,
  unclear: colours.unsure,
};

/** Room for the prompt on the card, in characters; escaping may double it, and the rest must fit beside it. */
const promptRoom = 800;

/** What Discord is sent to show a flow. */
export interface Card {
  content: string;
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIButtonComponent>[];
}

/** Draws the card from the record alone. Pure; `now` in milliseconds since 1970. */
export function renderCard(flow: Flow, now: number): Card {
  const recipe = recipes[flow.recipe];
  const above = [
    `> ${plain(cut(flow.prompt || subjectOf(flow), promptRoom))}`,
    settings(flow),
    '',
    ...(flow.note ? [`ℹ️ ${plain(cut(flow.note, 300))}`] : []),
    ...(flow.notice ? [`ℹ️ ${noticeSentences[flow.notice]}`] : []),
  ];
  const room = limits.embedDescription - above.join('\n').length;
  const lines = [...above, ...stageLines(flow, now, room)];
  return {
    content: '',
    embeds: [
      {
        title: cut(`${recipe.emoji} ${recipe.title} · ${plain(flow.model.name)}`, limits.embedTitle),
        description: cut(lines.join('\n').trim(), limits.embedDescription),
        color: colourOf[flow.stage],
        footer: { text: flow.parent === null ? `#${flow.id}` : `#${flow.id} · from #${flow.parent}` },
      },
    ],
    components: buttons(flow),
  };
}

function settings(flow: Flow): string {
  const { aspect_ratio, duration, resolution, quality, sound, seed, negative_prompt } = flow.options;
  const { title, style, instrumental, negative_tags, language, languages, dialogue = [] } = flow.options;
  const avoided = negative_prompt ?? negative_tags;
  const voices = [...new Set(dialogue.flatMap(({ voice }) => voice ?? []))];
  const parts = [
    `<@${flow.requester}>`,
    title === undefined ? undefined : `“${plain(cut(title, 80))}”`,
    style === undefined ? undefined : plain(cut(style, 100)),
    instrumental ? 'instrumental' : undefined,
    voices.length === 0 ? undefined : plain(cut(voices.join(', '), 100)),
    language === undefined ? undefined : plain(language),
    languages === undefined ? undefined : plain(languages.join(', ')),
    jobsOf(flow) > 1 && languages === undefined ? `${jobsOf(flow)} variants` : undefined,
    aspect_ratio,
    duration ?? inputLength(flow),
    resolution,
    quality,
    sound === undefined ? undefined : sound ? 'with sound' : 'silent',
    seed === undefined ? undefined : `seed ${seed}`,
    avoided === undefined ? undefined : `without: ${plain(cut(avoided, 100))}`,
    flow.spoiler ? 'spoiler' : undefined,
    flow.inputs.length > 0 ? `${flow.inputs.length} file${flow.inputs.length === 1 ? '' : 's'}` : undefined,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** How long the result of a lip-sync or a motion will be: as long as the sound or the clip it follows. */
function inputLength({ recipe, inputs }: Flow): string | undefined {
  if (recipe !== 'lipsync' && recipe !== 'motion') return undefined;
  const seconds = inputs.find((input) => input.kind !== 'image')?.seconds;
  return seconds === undefined ? undefined : `${Math.round(seconds * 10) / 10} s`;
}

/** @param room characters that are left on the card */
function stageLines(flow: Flow, now: number, room: number): string[] {
  switch (flow.stage) {
    case 'uploading':
      return uploadLines(flow);
    case 'quoting':
      return [flow.confirmed ? '⏳ Confirmed. Checking that the price still holds…' : '⏳ Working out the price…'];
    case 'quoted':
      return quoteLines(flow);
    case 'queued':
      return [
        flow.place === null
          ? '⏳ Waiting for a free place…'
          : `⏳ Waiting for a free place: number ${flow.place} in line. Leaving costs nothing.`,
      ];
    case 'submitting':
      return startingLines(flow);
    case 'running':
      return runningLines(flow, now);
    case 'delivering':
      return ['⏳ Finishing…'];
    case 'delivered':
      return deliveredLines(flow, room);
    case 'cancelled':
      return [`Cancelled. Nothing was spent.${uploadOver(flow)}`];
    case 'expired':
      return [
        `${!flow.quote ? 'The files did not arrive in time.' : 'This expired before anyone confirmed it.'} Nothing was spent.${uploadOver(flow)}`,
      ];
    case 'failed':
    case 'unclear':
      return [`${flow.stage === 'failed' ? '❌' : '⚠️'} ${flow.reason ? reasonSentence(flow.reason, flow) : ''}`];
  }
}

/** Most starts are over in a moment; one that waits for its result takes minutes. */
function startingLines(flow: Flow): string[] {
  if (flow.claim) return ['⏳ Kubeez refused the start. Checking that nothing was charged…'];
  if (flow.answer === 'lost') return ['⏳ The answer from Kubeez was lost. Looking for the job…'];
  if (recipes[flow.recipe].patience < 2 * 60_000) return ['⏳ Starting…'];
  const begun = Math.round((flow.submittedAt ?? 0) / 1000);
  return [`⏳ Kubeez has been working on this since <t:${begun}:t>. This usually takes 1 to 5 minutes.`];
}

/** The platform cannot close an upload page, so the card says that it is of no use any more. */
const uploadOver = (flow: Flow) => (flow.uploadOver ? ' The upload is over: files added now are not used.' : '');

function uploadLines(flow: Flow): string[] {
  if (hasUnseenFiles(flow)) return ['⏳ Looking at your file…'];
  if (!flow.upload)
    return [flow.attachments.length > 0 ? '⏳ Bringing your file to Kubeez…' : '⏳ Getting an upload link…'];
  if (flow.attachments.length > 0 && !flow.upload.sentBy && !flow.uploadProblem)
    return ['⏳ Bringing your file to Kubeez…'];
  const until = `<t:${Math.round(flow.giveUpAt / 1000)}:t>`;
  const where = {
    dm: `The link is in your DMs and works until ${until}.`,
    private: `The link was sent to you privately, here, and works until ${until}.`,
    none: 'I could not send you the link. Press **Show link**.',
  }[flow.upload.sentBy ?? 'none'];
  const problem = flow.uploadProblem
    ? [`⚠️ ${plain(flow.uploadProblem)} Remove it on the upload page, or upload another.`]
    : [];
  return [
    `📎 **Waiting for ${wanted(flow.model)}.** ${where}`,
    whenItGoesOn(flow.model),
    ...flow.inputs.slice(0, 12).map(fileLine),
    ...problem,
  ];
}

function fileLine({ name, seconds, bytes, role }: Flow['inputs'][number]): string {
  return `✔️ ${plain(cut(name, 60))}${measure(seconds, bytes)}${role === 'product' ? ' · the product' : ''}`;
}

function measure(seconds: number | undefined, bytes: number | undefined): string {
  const parts = [
    seconds === undefined ? undefined : `${Math.round(seconds * 10) / 10} s`,
    bytes === undefined ? undefined : size(bytes),
  ].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** A size as people read it: `12 KB`, `30 MB`. */
const size = (bytes: number) =>
  bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${Math.round(bytes / 1_000_000)} MB`;

const basisWords = {
  list: 'fixed price',
  exact: 'exact price for this job',
  pessimistic: 'the most it can cost: not every file could be measured',
};

function quoteLines(flow: Flow): string[] {
  const { quote } = flow;
  if (!quote) return [];
  const left = Math.round((quote.balance - quote.credits) * 100) / 100;
  return [
    `💳 **${credits(quote.credits)}** — ${basisWords[quote.basis]}`,
    `${credits(left)} left afterwards · holds until <t:${Math.round(quote.until / 1000)}:t>`,
    ...modelReasonLine(flow),
    ...(uploadOver(flow) ? [`-#${uploadOver(flow)}`] : []),
  ];
}

const modelReasonLine = ({ model, modelTakenAs }: Flow): string[] =>
  modelTakenAs === null ? [] : [`-# ${brief(model.name)}, ${modelReasonWords[modelTakenAs]}.`];

const barLength = 12;
/** Seconds after its expected end until a job counts as late. */
const lateAfter = 5;

function runningLines(flow: Flow, now: number): string[] {
  const { since, seconds } = flow.running ?? { since: now, seconds: flow.model.seconds };
  const elapsed = Math.max(0, now - since) / 1000;
  const share = seconds > 0 ? Math.min(0.95, elapsed / seconds) : 0.95;
  const full = Math.round(share * barLength);
  const bar = '▰'.repeat(full) + '▱'.repeat(barLength - full);
  const left = missingFacts(flow).map((fact) => `${fact}.`);
  const squares = flow.jobs.length > 1 ? [flow.jobs.map((job) => square[job.status]).join('')] : [];
  const end = Math.round(since / 1000 + seconds);
  const isLate = elapsed > seconds + lateAfter;
  const when = isLate ? 'taking a little longer than usual' : elapsed > seconds ? 'almost ready' : `ready <t:${end}:R>`;
  return [`${bar} ${spoken(elapsed)} · ${when}`, ...squares, ...left];
}

const square = { running: '🟨', completed: '🟩', failed: '🟥' };

/** A length of time, rounded to what a card changes by. */
function spoken(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds / 5) * 5} s`;
  return `${Math.floor(seconds / 60)} min`;
}

function deliveredLines(flow: Flow, room: number): string[] {
  const taken = credits(creditsTaken(flow));
  const costs = flow.charged === null ? `${taken} confirmed` : `${taken} charged`;
  const seed = flow.jobs.length === 1 ? (flow.jobs[0]?.seed ?? undefined) : undefined;
  const failed = flow.jobs.filter((job) => job.status === 'failed').length;
  const facts = [
    flow.unclear > 0 ? `at least ${taken} charged` : costs,
    seed === undefined || flow.options.seed !== undefined ? undefined : `seed ${seed}`,
    failed > 0 ? `${failed} of ${flow.jobs.length} failed` : undefined,
    ...missingFacts(flow),
  ];
  const squares = flow.jobs.length > 1 ? [flow.jobs.map((job) => square[job.status]).join('')] : [];
  const lines = [`✅ ${facts.filter(Boolean).join(' · ')}`, ...squares, ...lateLines(flow)];
  return [...lines, ...resultLines(flow.results, room - lines.join('\n').length - 2)];
}

/** Jobs that are not there, and what is known of them. */
function missingFacts(flow: Flow): string[] {
  const { missing, unclear, writtenOff } = flow;
  const all = jobsOf(flow);
  return [
    ...(missing > 0 ? [`${missing} of ${all} could not be started`] : []),
    ...(unclear > 0
      ? [`${unclear} of ${all} unclear: the answer was lost, up to ${credits(unclear * creditsPerJob(flow))}`]
      : []),
    ...(writtenOff > 0 ? [`an earlier start stayed unclear, up to ${credits(writtenOff)} more`] : []),
  ];
}

/** What may still come, by name. */
function lateLines(flow: Flow): string[] {
  const missing = flow.jobs.flatMap((job) => job.missing);
  const running = flow.jobs.filter((job) => job.status === 'running').length;
  const late = [
    ...(missing.length > 0 ? [plain(cut(missing.join(', '), 300))] : []),
    ...(running > 0 ? [`${running} of ${flow.jobs.length} jobs`] : []),
  ];
  return late.length > 0 ? [`⏳ Not there yet: ${late.join(' · ')}. Press **Fresh link** in a few minutes.`] : [];
}

/** What is said of results that are not attached as they are, in whole lines of at most `room` characters together. */
export function resultLines(results: Flow['results'], room: number): string[] {
  const lines = results.flatMap(resultLine);
  let left = room - moreRoom;
  const fitting = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  if (fitting < 0) return lines;
  return [...lines.slice(0, fitting), `${lines.length - fitting} more: press **Fresh link** on the card.`];
}

/** Characters kept for the last of such lines. */
const moreRoom = 60;

function resultLine({ as, why, link }: Flow['results'][number]): string[] {
  if (as === 'file') return [];
  const reason = obstacleSentence(why, as === 'smaller' ? 'original' : 'file');
  const instead = { smaller: '; this is a smaller version', poster: '; this is a picture of it', link: '' }[as];
  return [`${reason}${instead}. ${linkWords(as, why, link)}`];
}

function linkWords(as: 'smaller' | 'poster' | 'link', why: Obstacle | null, link: string | null): string {
  if (link !== null) return `[${as === 'smaller' ? 'Full size' : 'Open the file'}](${link})`;
  return why === 'linkRefused' ? 'Press **Fresh link** to get it privately.' : 'There is no link to it.';
}

function buttons(flow: Flow): APIActionRowComponent<APIButtonComponent>[] {
  const row = buttonsOf(flow);
  if (row.length === 0) return [];
  return [{ type: ComponentType.ActionRow, components: row }];
}

type ButtonColour = Exclude<ButtonStyle, ButtonStyle.Link | ButtonStyle.Premium>;

function button(flow: Flow, action: Press | NextStep, label: string, style: ButtonColour): APIButtonComponent {
  return {
    type: ComponentType.Button,
    custom_id: writeButtonId({ action, flow: flow.id }),
    label: cut(label, limits.buttonLabel),
    style,
  };
}

function buttonsOf(flow: Flow): APIButtonComponent[] {
  const cancel = button(flow, 'cancel', t('button.cancel'), ButtonStyle.Secondary);
  const check = button(flow, 'check', 'Check', ButtonStyle.Primary);
  switch (flow.stage) {
    case 'uploading':
      return flow.upload ? [...uploadButtons(flow), cancel] : [confirmSoon(flow, 'Getting ready…'), cancel];
    case 'quoting':
    case 'queued':
      return [confirmSoon(flow, flow.confirmed ? 'On its way…' : 'Working out the price…'), cancel];
    case 'quoted':
      return [
        button(flow, 'confirm', t('button.confirm', { credits: flow.quote?.credits ?? 0 }), ButtonStyle.Success),
        cancel,
      ];
    case 'unclear':
      return [check, ...(flow.jobs.length === 0 ? [button(flow, 'again', 'Start again', ButtonStyle.Secondary)] : [])];
    case 'delivered':
      return [...(flow.unclear > 0 ? [check] : []), ...stepButtons(flow, onCard(flow))];
    default:
      return stepButtons(flow, onCard(flow));
  }
}

/** Holds the place of Confirm: a press that comes late must not land on another button than it was meant for. */
const confirmSoon = (flow: Flow, label: string): APIButtonComponent => ({
  ...button(flow, 'confirm', label, ButtonStyle.Success),
  disabled: true,
});

/** Done is always there, for the same reason, but can be pressed only when there are files enough. */
function uploadButtons(flow: Flow): APIButtonComponent[] {
  const files = flow.inputs.filter(({ role }) => role === undefined);
  const isReady = isEnough(flow) && flow.inputs.length > 0 && flow.notice !== 'measuring';
  const done = button(flow, 'done', isReady ? `Done · ${fileCount(files)}` : 'Done', ButtonStyle.Primary);
  return [{ ...done, disabled: !isReady }, button(flow, 'link', 'Show link', ButtonStyle.Secondary)];
}

const stepLabels: Record<NextStep, string> = {
  repeat: 'Again',
  prompt: 'Edit prompt',
  vary: 'Vary',
  animate: 'Animate',
  edit: 'Edit',
  caption: 'Caption',
  separate: 'Separate',
  fresh: 'Fresh link',
  delete: 'Delete…',
  erase: 'Delete',
  more: '⋯',
};

/** Next steps as buttons. */
export function stepButtons(flow: Flow, steps: NextStep[]): APIButtonComponent[] {
  return steps.map((step) => button(flow, step, stepLabels[step], ButtonStyle.Secondary));
}
