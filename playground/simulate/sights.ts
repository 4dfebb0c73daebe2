import type { Reason } from '../../src/flows/reasons.ts';
import { jobsOf } from '../../src/flows/runs.ts';
import { t } from '../../src/text/text.ts';
import { buttonsOf } from '../discord/person.ts';
import type { Message, World } from '../discord/world.ts';
import type { Job } from '../kubeez/platform.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Life } from './life.ts';
import type { PressLog } from './presses.ts';
import type { Promises } from './promises.ts';
import type { Troubles } from './troubles.ts';
import { trueTime } from './virtualTime.ts';

interface Watched {
  world: World;
  accounts: KubeezAccounts;
  troubles: Troubles;
  promises: Promises;
  presses: PressLog;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** Milliseconds in which a card says that an answer was lost. */
const saysSoWithin = 12_000;
/** Milliseconds in which the job of an answer that arrived is written down. */
const knownWithin = 15_000;
/** Milliseconds from the moment a result can be had to the moment it is on its card: a poll, a pause and the way. */
const arrivesWithin = 11_000;
/** Milliseconds after a start in which cards are drawn that have changed meanwhile. */
const takesUpWithin = 8_000;

/** What people see while a story goes on, as far as it can be told whether that is as it should be. */
export class Sights {
  readonly #watched: Watched;
  /** Jobs that the bot knows of, because it was told and lived on. */
  readonly #told = new Set<string>();
  /** Paid calls without an answer, by their words. */
  readonly #unanswered = new Map<string, number>();
  /** Paid calls that may still be answered, by their words. */
  readonly #underWay = new Map<string, number>();
  #startedAt = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** A process may act from now on. */
  noteStart(): void {
    this.#startedAt = trueTime();
  }

  onPaid(prompt: string): void {
    this.#unanswered.set(prompt, (this.#unanswered.get(prompt) ?? 0) + 1);
    this.#underWay.set(prompt, (this.#underWay.get(prompt) ?? 0) + 1);
  }

  /** The answer to a paid call has arrived: it is not called lost, nor what it names unclear. */
  onArrived(prompt: string, jobs: string[], life: Life): void {
    const { world, broken, troubles } = this.#watched;
    const { machines, places } = troubles;
    this.#unanswered.set(prompt, (this.#unanswered.get(prompt) ?? 0) - 1);
    this.#underWay.set(prompt, (this.#underWay.get(prompt) ?? 0) - 1);
    setTimeout(() => {
      // Of a call that repeats a job nobody can tell by its words which card it is about.
      const isCertain = this.#unanswered.get(prompt) === 0 && !this.#unanswered.get('');
      // A card in a server that has removed the bot stays as it was.
      if (life.isOver || prompt === '' || !isCertain || places.has('removals')) return;
      for (const { id, embeds } of world.messages.values()) {
        const text = JSON.stringify(embeds);
        if (text.includes(prompt) && text.includes(t('card.answerLost')))
          broken(`${id} says “${t('card.answerLost')}”, though every answer has arrived`);
      }
    }, saysSoWithin);
    if ((['fullDisk', 'storeAway', 'slowDisk', 'stolenLease', 'lostRecords'] as const).some((one) => machines.has(one)))
      return;
    setTimeout(() => {
      if (!life.isOver) for (const job of jobs) this.#told.add(job);
    }, knownWithin);
  }

  /** The answer to a paid call is lost, and the bot has been told: so is whoever waits, soon. */
  onLost(prompt: string, life: Life): void {
    const { world, troubles, broken } = this.#watched;
    this.#underWay.set(prompt, (this.#underWay.get(prompt) ?? 0) - 1);
    // A card with the same words may be another flow's, whose answer is still to come; a call that repeats a job has no words.
    const isAnotherUnderWay = () => (this.#underWay.get(prompt) ?? 0) > 0 || (this.#underWay.get('') ?? 0) > 0;
    if (prompt === '' || isAnotherUnderWay() || !troubles.isDiscordSound || troubles.places.has('daysGoBy')) return;
    const isStarting = (message: Message) => {
      const text = JSON.stringify(message.embeds);
      return text.includes(prompt) && text.includes(t('card.starting'));
    };
    const before = new Map([...world.messages.values()].filter(isStarting).map((one) => [one.id, one.edits]));
    setTimeout(() => {
      // Another flow with the same words, whose card said so before its own call began, may wait for its answer by now.
      if (life.isOver || isAnotherUnderWay()) return;
      for (const message of world.messages.values())
        if (isStarting(message) && before.get(message.id) === message.edits)
          broken(`${message.id} says “${t('card.starting')}” ${saysSoWithin} ms after the answer was lost`);
    }, saysSoWithin);
  }

  /** A message was edited: in a quiet story no start draws what is there already. */
  onEdit(before: string, after: string, id: string): void {
    const { world, troubles, presses, broken } = this.#watched;
    const isOld = world.madeAt(id) < this.#startedAt;
    // A press that came while the last process stopped may or may not have changed the card.
    if (presses.lastOn(id) > this.#startedAt - 2_000) return;
    if (troubles.isQuiet && isOld && before === after && trueTime() - this.#startedAt < takesUpWithin)
      broken(`message ${id} was edited after a start, and nothing in it changed`);
  }

  /** In a quiet story nothing is worth a warning but what people do wrong, and what Discord wants to go slower. */
  onLogged(text: string): void {
    if (this.#watched.troubles.isQuiet && !expected.test(text)) this.#watched.broken(`in a quiet story: ${text}`);
  }

  atTheEnd(): void {
    const { promises, accounts, troubles, broken } = this.#watched;
    const known = new Set([...promises.flows.values()].flatMap((flow) => jobsOf(flow).map(({ id }) => id)));
    for (const id of this.#told) {
      const job = accounts.find(id)?.job;
      // Captions come with the answer to their start, and have no name.
      if (job && job.kind !== 'captions' && !known.has(id))
        broken(`job ${id} was named by an answer, and is on no card`);
    }
    this.#cards();
    this.#deleted();
    if (troubles.isQuiet) this.#times();
    if (troubles.theme?.isSmooth) this.#failures();
  }

  /** Flows may fail for what was asked, or as jobs; and a start that a rate limit refused may have been charged. */
  #failures(): void {
    const { promises, accounts, broken } = this.#watched;
    const wasLimited = accounts.all.some(({ refusedStarts }) => refusedStarts > 0);
    for (const { id, shown } of promises.flows.values()) {
      const { code } = shown.reason ?? {};
      if (code !== undefined && !failsAnyway.includes(code) && !(wasLimited && code === 'lost'))
        broken(`${id} failed: ${code}`);
    }
  }

  /** A card that can be pressed on has its record, or says that there is none. */
  #cards(): void {
    const { world, promises, broken } = this.#watched;
    for (const message of world.messages.values()) {
      if (message.author !== world.bot.id || message.ephemeralFor !== null || !world.channels.has(message.channel))
        continue;
      for (const { custom_id = '', label } of buttonsOf(message)) {
        const id = /^flow:\w+:(\w+)$/.exec(custom_id)?.[1];
        if (id !== undefined && !promises.flows.has(id) && !this.#mayNotKnow(id))
          broken(`message ${message.id} offers “${label}” for ${id}, of which there is no record`);
      }
    }
  }

  /** A process that ends between a card and its record leaves the card as it is: nothing could be spent on it. */
  #mayNotKnow(id: string): boolean {
    const { promises, troubles } = this.#watched;
    if (promises.wasForgotten(id)) return promises.mayNotKnow(id);
    return (['kills', 'restarts', 'twoProcesses', 'stolenLease'] as const).some((one) => troubles.machines.has(one));
  }

  /** What somebody deleted is shown to nobody else after that. */
  #deleted(): void {
    const { world, promises, broken } = this.#watched;
    for (const { id, shown, requester } of promises.flows.values()) {
      const { deletedAt } = shown;
      if (deletedAt === null) continue;
      for (const { usedBy, createdAt, embeds, attachments } of world.messages.values())
        if (
          usedBy?.command === 'show' &&
          usedBy.user !== requester &&
          createdAt > deletedAt + 1_000 &&
          (JSON.stringify(embeds).includes(`"text":"#${id}`) ||
            attachments.some(({ filename }) => filename.includes(id)))
        )
          broken(`${id} was deleted, and shown to somebody else after that`);
    }
  }

  /** Results arrive as soon as they can be had. */
  #times(): void {
    const { world, promises, accounts, broken } = this.#watched;
    for (const flow of promises.flows.values()) {
      const { id, stage, card } = flow;
      const jobs = jobsOf(flow);
      const message = world.messages.get(card.message ?? '');
      const own = jobs.flatMap((job) => accounts.find(job.id)?.job ?? []);
      // What lacks a file is waited for on purpose, and a busy platform is asked again later.
      if (
        flow.wait.lookUps > 0 ||
        stage !== 'delivered' ||
        !message ||
        own.length < jobs.length ||
        jobs.some(({ missing }) => missing.length > 0)
      )
        continue;
      const { running } = flow.wait;
      // Nobody looks before the time that was expected.
      const expectedAt = running ? running.since + running.seconds * 1000 : 0;
      const there = Math.max(expectedAt, ...own.map((job) => this.#isThereAt(job)));
      const posted = message.attachments.map((file) => world.madeAt(file.id));
      const late = Math.min(...posted) - there;
      if (posted.length > 0 && late > arrivesWithin)
        broken(`the result of ${id} was on its card ${Math.round(late / 1000)} s after it was there`);
    }
  }

  #isThereAt({ readyAt }: Job): number {
    const { accounts, troubles } = this.#watched;
    return readyAt + Math.max(accounts.bot.settings.cdnLag, troubles.fileLag);
  }
}

const expected =
  /^(start failed Kubeez: (moderation|insufficient|invalid|busy|lost: Connection closed)|(was )?rate limited by Discord|another process runs|Kubeez did not answer Kubeez: not(Found|Offered)|Kubeez answered in an unknown form)/;

/** Reasons that lie in what was asked, or in the job. */
const failsAnyway: Reason['code'][] = ['jobFailed', 'moderation', 'uploadGone'];
