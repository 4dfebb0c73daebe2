import { brief, cut, plain } from '../text/cut.ts';
import { allOf, size, t } from '../text/text.ts';
import { timestamp } from '../text/timestamp.ts';
import { isLapsed, needsApproval, ruleOf } from './approval.ts';
import type { Input } from './asked.ts';
import { dearShare } from './dear.ts';
import { problemSentence } from './fileProblems.ts';
import { goesOnWhen, wanted } from './files.ts';
import { type Flow, type Obstacle, type PostedResult, secondsExpected } from './flow.ts';
import { hasUnseenFiles } from './givenFiles.ts';
import { isOwnAccount } from './payer.ts';
import { recipes } from './recipes/index.ts';
import { leftIn, type Room, whoseLimit } from './room.ts';
import { cents, creditsOf, creditsTaken, jobsOf, runsIn } from './runs.ts';
import { duration, missingName, obstacleSentence, reasonSentence } from './sentences.ts';
import { addedBy, addedPictures, gonePictures } from './style.ts';

/** The lines of a card that say how its flow stands. Pure. */

/** A duration in seconds, to one decimal. */
export const seconds1 = (seconds: number) => t('fact.seconds', { seconds: Math.round(seconds * 10) / 10 });

/**
 * The lines for the current stage.
 *
 * @param room characters that are left on the card
 */
export function stageLines(flow: Flow, now: number, room: number): string[] {
  const lines = linesOfStage(flow, now, room);
  const { writtenOff } = flow.money;
  // A result has it among its facts.
  return writtenOff > 0 && flow.stage !== 'delivered'
    ? [...lines, t('card.earlierUnclear', { credits: writtenOff })]
    : lines;
}

function linesOfStage(flow: Flow, now: number, room: number): string[] {
  const { confirmed, quote } = flow.money;
  const { position } = flow.wait;
  const { reason } = flow.shown;
  switch (flow.stage) {
    case 'uploading':
      return uploadLines(flow);
    case 'quoting':
      return [
        confirmed ? t('card.confirmed', { person: `<@${confirmed.by}>` }) : t('card.pricing'),
        ...approvedLine(flow),
      ];
    case 'quoted':
      return quoteLines(flow);
    case 'held':
      return heldLines(flow);
    case 'queued':
      return [position === null ? t('card.waitingInLine') : t('card.inLine', { position }), ...approvedLine(flow)];
    case 'submitting':
      return startingLines(flow);
    case 'running':
      return runningLines(flow, now);
    case 'delivering':
      return [t('card.finishing')];
    case 'delivered':
      return deliveredLines(flow, now, room);
    case 'cancelled':
      return [t('card.cancelled'), ...uploadOver(flow)];
    case 'expired':
      if (isLapsed(flow)) return [t('card.lapsed')];
      return [quote ? t('card.expired') : t('card.filesLate'), ...uploadOver(flow)];
    case 'failed':
      return reason ? [t('card.failed', { reason: reasonSentence(reason, flow) })] : [];
    case 'unclear':
      return reason ? [t('card.unclear', { reason: reasonSentence(reason, flow) })] : [];
  }
}

/** Most starts are over in a moment; one that waits for its result takes minutes. */
function startingLines(flow: Flow): string[] {
  const { claim, answer, submittedAt } = flow.wait;
  if (claim) return [t('card.startRefused')];
  if (answer === 'lost') return [t('card.answerLost')];
  if (recipes[flow.recipe].patience < 2 * 60_000) return [t('card.starting')];
  return [t('card.working', { since: timestamp(submittedAt ?? 0, 't') })];
}

/** The platform cannot close an upload page, so the card says that the link no longer does anything. */
const uploadOver = (flow: Flow) => (flow.upload.isOver ? [`-# ${t('card.uploadOver')}`] : []);

function uploadLines(flow: Flow): string[] {
  const { session, problem } = flow.upload;
  const { inputs, attachments, models } = flow.asked;
  if (hasUnseenFiles(flow.asked)) return [t('card.looking')];
  if (!session) return [attachments.length > 0 ? t('card.sending') : t('card.gettingLink')];
  if (attachments.length > 0 && !session.sentBy && !problem) return [t('card.sending')];
  return [
    waitingLine(flow, session.sentBy),
    goesOnWhen(models[0]),
    ...inputs.slice(0, 12).map(fileLine),
    ...(problem ? [t('card.fileProblem', { problem: plain(problemSentence(problem, models[0])) })] : []),
  ];
}

function waitingLine({ asked, wait }: Flow, sentBy: 'dm' | 'private' | null): string {
  const files = wanted(asked.models[0]);
  const until = timestamp(wait.giveUpAt, 't');
  if (sentBy === null) return t('card.linkNotSent', { files });
  return sentBy === 'dm' ? t('card.linkInDms', { files, until }) : t('card.linkPrivate', { files, until });
}

function fileLine({ name, seconds, bytes, width, height, role }: Input): string {
  const facts = [
    plain(cut(name, 60)),
    width === undefined || height === undefined ? undefined : t('fact.pixels', { width, height }),
    seconds === undefined ? undefined : seconds1(seconds),
    bytes === undefined ? undefined : size(bytes),
    role === 'product' ? t('fact.product') : undefined,
  ];
  return t('card.file', { facts: facts.filter(Boolean).join(' · ') });
}

function quoteLines(flow: Flow): string[] {
  const { quote } = flow.money;
  if (!quote) return [];
  const left = cents(quote.balance - quote.credits);
  const said = { credits: quote.credits, basis: quote.basis, until: timestamp(quote.until, 't') };
  return [
    isOwnAccount(flow) ? t('card.quoteOwn', said) : t('card.quote', { ...said, left }),
    ...limitLine(flow),
    ...dearLine(flow),
    ...approvalLine(flow, quote.credits),
    ...modelReasonLine(flow),
    ...adjustedLine(flow),
    ...styleLine(flow),
    ...uploadOver(flow),
  ];
}

/** What the tightest spend limit has left once this is paid for. */
function limitLine({ money: { room, quote } }: Flow): string[] {
  return room && quote ? [t('card.limit', roomAfter(room, quote.credits))] : [];
}

/** What a spend limit has left once so many credits are spent. */
export const roomAfter = (room: Room, price: number) => ({
  whose: whoseLimit(room),
  per: room.per,
  credits: room.credits,
  left: cents(leftIn(room) - price),
});

function dearLine(flow: Flow): string[] {
  const percent = dearShare(flow);
  return percent === undefined ? [] : [t('card.dear', { percent })];
}

/** What became of options that were chosen for another model. */
function adjustedLine({ asked: { adjusted, models } }: Flow): string[] {
  if (adjusted.length === 0) return [];
  const changes = adjusted.map(({ option, from, to }) => {
    const was = option === 'sound' ? t('setting.withSound') : plain(cut(from, 40));
    return to === null
      ? t('setting.leftOut', { option, value: was })
      : t('setting.instead', { from: was, to: plain(cut(to, 40)) });
  });
  return [`-# ${t('card.adjusted', { model: brief(models[0].name), changes: changes.join(', ') })}`];
}

/** What Confirm leads to, where somebody else has to approve the price; or that somebody has. */
function approvalLine(flow: Flow, credits: number): string[] {
  const rule = ruleOf(flow);
  if (rule && needsApproval(flow, credits)) return [t('card.toApprove', { role: `<@&${rule.approvers}>` })];
  return approvedLine(flow);
}

function approvedLine({ approval: { approved } }: Flow): string[] {
  return approved ? [t('card.approved', { person: `<@${approved.by}>`, credits: approved.credits })] : [];
}

function heldLines({ approval, wait }: Flow): string[] {
  const { rule, problem, offer } = approval;
  const when = timestamp(wait.giveUpAt, 'R');
  const channel = `<#${rule?.channel}>`;
  return [
    t('card.held', { role: `<@&${rule?.approvers}>`, when }),
    ...(problem === null ? [] : [t('card.notice', { notice: t(`approval.${problem}`, { channel }) })]),
    ...(offer ? [offerLine(offer)] : []),
  ];
}

function offerLine({ by, model, credits, isRefused }: NonNullable<Flow['approval']['offer']>): string {
  const said = { person: `<@${by}>`, model: brief(model.name), credits };
  return isRefused ? t('card.offerRefused', said) : t('card.offer', said);
}

const modelReasonLine = ({ asked: { models, modelTakenAs: reason } }: Flow): string[] =>
  reason === null ? [] : [`-# ${t('card.modelReason', { model: brief(models[0].name), reason })}`];

/** What the style of the channel adds. */
function styleLine({ asked }: Flow): string[] {
  const { style } = asked;
  if (!style) return [];
  const named = brief(style.name);
  if (style.isOff) return [`-# ${t('card.withoutStyle', { style: named })}`];
  const { before, after } = addedBy(asked);
  const phrases = [before, after].flatMap((phrase) =>
    phrase === '' ? [] : t('setting.quoted', { phrase: plain(cut(phrase, 200)) }),
  );
  const pictures = addedPictures(asked).length;
  const added = pictures === 0 ? phrases : [...phrases, t('card.stylePictures', { count: pictures })];
  const gone = gonePictures(asked).length;
  return [
    ...(added.length === 0 ? [] : [`-# ${t('card.styleAdds', { style: named, phrases: allOf(added) })}`]),
    ...(gone === 0 ? [] : [`-# ${t('card.picturesGone', { style: named, count: gone })}`]),
  ];
}

const barLength = 12;
/** Seconds after its expected end until a job counts as late. */
const lateAfter = 5;

function runningLines(flow: Flow, now: number): string[] {
  const { since, seconds } = flow.wait.running ?? { since: now, seconds: secondsExpected(flow) };
  const elapsed = Math.max(0, now - since) / 1000;
  const share = seconds > 0 ? Math.min(0.95, elapsed / seconds) : 0.95;
  const full = Math.round(share * barLength);
  const bar = '▰'.repeat(full) + '▱'.repeat(barLength - full);
  const left = missingFacts(flow);
  const end = since + seconds * 1000;
  const facts = { bar, elapsed: duration(rounded(elapsed)) };
  const line =
    elapsed > seconds + lateAfter
      ? t('card.late', facts)
      : elapsed > seconds
        ? t('card.almostReady', facts)
        : t('card.running', { ...facts, when: timestamp(end, 'R') });
  return [line, ...squares(flow), ...left];
}

const square = { running: '🟨', completed: '🟩', failed: '🟥' };

/** One square for each of several jobs. */
function squares(flow: Flow): string[] {
  const jobs = jobsOf(flow);
  return jobs.length > 1 ? [jobs.map((job) => square[job.status]).join('')] : [];
}

/** Seconds, rounded to the step by which a card changes. */
const rounded = (seconds: number) => Math.floor(seconds / 5) * 5;

/** How long the jobs took, in seconds; undefined after long waits, when the number would say nothing about the jobs. */
function secondsTaken({ wait: { running }, endedAt }: Flow, now: number): number | undefined {
  const seconds = running ? Math.max(1, ((endedAt ?? now) - running.since) / 1000) : undefined;
  return seconds !== undefined && seconds < 3600 ? seconds : undefined;
}

function deliveredLines(flow: Flow, now: number, room: number): string[] {
  const taken = secondsTaken(flow, now);
  const jobs = jobsOf(flow);
  const credits = creditsTaken(flow);
  const costs = flow.money.charged === null ? t('fact.creditsConfirmed', { credits }) : t('fact.credits', { credits });
  const seed = jobs.length === 1 ? (jobs[0]?.seed ?? undefined) : undefined;
  const failed = jobs.filter((job) => job.status === 'failed').length;
  const done = jobs.filter((job) => job.status === 'completed').length;
  const all = flow.runs.length;
  const facts = [
    done < all ? t('fact.someOf', { done, all }) : undefined,
    runsIn(flow, 'unclear').length > 0 ? t('fact.creditsAtLeast', { credits }) : costs,
    taken === undefined ? undefined : duration(taken),
    seed === undefined || flow.asked.options.seed !== undefined ? undefined : t('setting.seed', { seed: String(seed) }),
    failed > 0 ? t('fact.failed', { count: failed }) : undefined,
    ...missingFacts(flow),
  ];
  const summary = t('card.delivered', { facts: facts.filter(Boolean).join(' · ') });
  const model = allOf(flow.asked.models.map(({ name }) => plain(name)));
  const made = `-# ${t('card.madeWithAi', { model, date: timestamp(flow.endedAt ?? now, 'D') })}`;
  const lines = [summary, ...squares(flow), ...lateLines(flow), made];
  return [...lines, ...resultLines(flow.shown.results, room - lines.join('\n').length - 2)];
}

/** Jobs without a result, and what is known of each. */
function missingFacts(flow: Flow): string[] {
  const refused = runsIn(flow, 'refused');
  const unclear = runsIn(flow, 'unclear');
  const { writtenOff } = flow.money;
  const all = flow.runs.length;
  return [
    ...(refused.length > 0 ? [t('fact.notStarted', { count: refused.length, all })] : []),
    ...(unclear.length > 0 ? [t('fact.unclear', { count: unclear.length, all, credits: creditsOf(unclear) })] : []),
    ...(writtenOff > 0 ? [t('fact.earlierUnclear', { credits: writtenOff })] : []),
  ];
}

/** What may still come, by name. */
function lateLines(flow: Flow): string[] {
  const jobs = jobsOf(flow);
  const missing = jobs.flatMap((job) => job.missing).map((one) => missingName(one, flow));
  const running = jobs.filter((job) => job.status === 'running').length;
  const late = [
    ...(missing.length > 0 ? [plain(cut(missing.join(', '), 300))] : []),
    ...(running > 0 ? [t('fact.jobsRunning', { count: running, all: jobs.length })] : []),
  ];
  return late.length > 0 ? [t('card.notThereYet', { names: late.join(' · ') })] : [];
}

/** The lines about results that are not attached as they are: whole lines, at most `room` characters in all. */
export function resultLines(results: PostedResult[], room: number): string[] {
  const lines = results.flatMap(resultLine);
  let left = room - moreRoom;
  const fitting = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  if (fitting < 0) return lines;
  return [...lines.slice(0, fitting), t('card.moreResults', { count: lines.length - fitting })];
}

/** Characters kept for the last of such lines. */
const moreRoom = 60;

function resultLine({ as, why, link }: PostedResult): string[] {
  if (as === 'file') return [];
  const reason = obstacleSentence(why, as === 'smaller' ? 'original' : 'file');
  const instead = as === 'link' ? [] : [t(`result.${as}`)];
  return [[reason, ...instead, linkSentence(as, why, link)].join(' ')];
}

function linkSentence(as: 'smaller' | 'poster' | 'link', why: Obstacle | null, link: string | null): string {
  if (link !== null) return as === 'smaller' ? t('result.fullSize', { link }) : t('result.openFile', { link });
  return why === 'linkRefused' ? t('result.pressFresh') : t('result.noLink');
}
