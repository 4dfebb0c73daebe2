import { isDeepStrictEqual } from 'node:util';
import { notAsked } from '../../src/flows/approval.ts';
import { renderAsk } from '../../src/flows/approvalMessage.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { buttonsOf } from '../discord/person.ts';
import type { Message, World } from '../discord/world.ts';
import { isSamePrice, type Press, type PressLog } from './presses.ts';
import type { Promises } from './promises.ts';
import type { SettingsLog } from './settingsLog.ts';
import type { Troubles } from './troubles.ts';
import { trueTime } from './virtualTime.ts';

/** Milliseconds in which a message is changed, unless nothing goes on meanwhile. */
const changesWithin = 10 * 60_000;

interface Watched {
  world: World;
  promises: Promises;
  presses: PressLog;
  settings: SettingsLog;
  troubles: Troubles;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** Watches over what somebody else had to approve: nothing of it starts without that. */
export class Approvals {
  readonly #watched: Watched;
  /** The confirmation for which each approval was used, by flow and time of the approval. */
  readonly #used = new Map<string, number>();
  /** When each message that asks was last to be changed, in milliseconds since 1970. */
  readonly #changedAt = new Map<string, number>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks at a record as it was written. */
  onWritten(before: Flow | undefined, after: Flow): void {
    const { approval } = before ?? { approval: notAsked };
    if (after.approval.message && after.approval.version > approval.version)
      this.#changedAt.set(after.approval.message.message, trueTime());
    if (after.approval.asks > approval.asks) this.#asked(after);
    const { approved, declined } = after.approval;
    if (before && approved && approved.at !== approval.approved?.at) this.#approved(before, approved);
    if (before && declined && declined.at !== approval.declined?.at) this.#declined(before, declined);
    if (after.stage === 'submitting' && before?.stage === 'queued') this.#started(after);
  }

  /** Approvers are asked by a rule that somebody made. */
  #asked({ id, approval: { rule } }: Flow): void {
    const { settings, broken } = this.#watched;
    const isKnown = settings.ever(({ approvals }) => approvals.some((one) => isDeepStrictEqual(one, rule)));
    if (!isKnown) broken(`${id} is held under a rule that nobody made`);
  }

  /** An approval stands on a press by somebody else who had the role, on a button with that price. */
  #approved(before: Flow, { by, credits, isOffer }: NonNullable<Flow['approval']['approved']>): void {
    const { presses, broken } = this.#watched;
    const { id, approval, requester, money } = before;
    const isRight = (one: Press) => one.by === by && one.roles.includes(approval.rule?.approvers ?? '');
    if (by === requester || by === money.confirmed?.by) broken(`${id} was approved by whoever asked for it`);
    if (!isOffer) {
      const ask = `approval:approve:${id}.${approval.asks}`;
      const press = presses.use((one) => one.id === ask && isSamePrice(one.credits, credits) && isRight(one));
      if (!press) broken(`${id} took ${credits} credits for approved, and nobody has who could`);
      return;
    }
    const offer = `approval:offer:${id}.${approval.asks}=`;
    const taken = presses.use(
      (one) => one.id === `flow:take:${id}` && one.by === requester && isSamePrice(one.credits, credits),
    );
    if (!presses.use((one) => one.id.startsWith(offer) && isRight(one)) || !taken)
      broken(`${id} took an offer of ${credits} credits that nobody made, or nobody took`);
  }

  #declined({ id, approval, requester }: Flow, { by }: NonNullable<Flow['approval']['declined']>): void {
    const { presses, broken } = this.#watched;
    const press = presses.use(
      (one) =>
        one.id === `approval:decline:${id}.${approval.asks}` &&
        one.by === by &&
        by !== requester &&
        one.roles.includes(approval.rule?.approvers ?? ''),
    );
    if (!press) broken(`${id} was declined by nobody who could`);
  }

  /** What has to be approved is approved at no less than it costs, and each approval is used for one confirmation. */
  #started(flow: Flow): void {
    const { broken } = this.#watched;
    const { id, money, approval } = flow;
    const { confirmed } = money;
    const { approved } = approval;
    if (approval.declined) broken(`${id} started, and was declined`);
    if (!confirmed || !(this.#isWanted(flow) || approval.rule !== null)) return;
    if (!approved || approved.credits < confirmed.credits) {
      broken(`${id} started for ${confirmed.credits} credits, of which ${approved?.credits ?? 0} were approved`);
      return;
    }
    const key = `${id} ${approved.at}`;
    const earlier = this.#used.get(key) ?? confirmed.at;
    if (earlier !== confirmed.at) broken(`${id} used one approval twice`);
    this.#used.set(key, earlier);
  }

  /** Whether the server's rules wanted the price approved when it was read last. */
  #isWanted(flow: Flow): boolean {
    const { settings, promises } = this.#watched;
    const { recipe, money, guild } = flow;
    const presses = promises.confirmingPresses(flow);
    const roleSets = presses.length > 0 ? presses.map(({ roles }) => roles) : [flow.spender.roles];
    const has = (role: string) => role === guild || roleSets.every((roles) => roles.includes(role));
    const price = money.confirmed?.credits ?? 0;
    return settings.surely(money.quote?.at ?? 0, ({ approvals }) =>
      approvals.some(
        ({ above, kind, role }) => price > above && (kind === null || kind === recipe) && (role === null || has(role)),
      ),
    );
  }

  /** What must hold when nothing goes on any more: every message that asked says what became of it. */
  atTheEnd(): void {
    const { world, promises, broken } = this.#watched;
    for (const flow of promises.flows.values()) {
      if (flow.stage === 'held') broken(`${flow.id} is still held, a day later`);
      const message = world.messages.get(flow.approval.message?.message ?? '');
      if (message && !this.#mayBeOld(message)) this.#says(flow, message);
    }
    const known = new Set([...promises.flows.values()].map(({ approval }) => approval.message?.message));
    for (const message of world.messages.values()) {
      if (!known.has(message.id) && this.#wasClosedSince(message)) continue;
      const [open] = buttonsOf(message).filter(({ custom_id = '' }) => custom_id.startsWith('approval:'));
      if (open && message.ephemeralFor === null && !this.#mayBeOld(message))
        broken(`message ${message.id} still asks: “${open.label}” (${open.custom_id})`);
    }
  }

  /** What was answered while its channel was closed to the bot is not looked at again. */
  #mayBeOld({ id, channel }: Message): boolean {
    const at = this.#changedAt.get(id) ?? 0;
    const { closings } = this.#watched.troubles;
    return closings.some((one) => one.channel === channel && one.from < at + changesWithin && at < one.to);
  }

  /** Then it was asked elsewhere instead; such a message shows how things stand once somebody presses a button on it. */
  #wasClosedSince({ channel, createdAt }: Message): boolean {
    return this.#watched.troubles.closings.some((one) => one.channel === channel && one.to > createdAt);
  }

  #says(flow: Flow, message: Message): void {
    const [drawn] = renderAsk(flow).embeds;
    const [shown] = message.embeds;
    if (shown?.title !== drawn?.title || shown?.description !== drawn?.description || shown?.color !== drawn?.color)
      this.#watched.broken(
        `the message to approvers of ${flow.id} (${flow.stage}) says “${shown?.description}”, not “${drawn?.description}”`,
      );
  }
}
