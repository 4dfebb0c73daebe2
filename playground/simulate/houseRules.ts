import type { Flow } from '../../src/flows/flow.ts';
import { isOpen } from '../../src/flows/flow.ts';
import { spendOf } from '../../src/guilds/entries.ts';
import { hasWord } from './disguises.ts';
import type { Promises } from './promises.ts';
import type { Settings, SettingsLog } from './settingsLog.ts';
import { trueTime } from './virtualTime.ts';

interface Watched {
  promises: Promises;
  settings: SettingsLog;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** Watches over what a server's rules and styles do not allow: no start of it is given out, and no word of it is sent. */
export class HouseRules {
  readonly #watched: Watched;
  /** When each flow began and ended, in milliseconds since 1970. */
  readonly #times = new Map<string, { from: number; to: number }>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks at a record as it was written. */
  onWritten(before: Flow | undefined, after: Flow): void {
    const { from } = this.#times.get(after.id) ?? { from: trueTime() };
    const isOver = !isOpen(after);
    const { to } = (isOver && before && !isOpen(before) && this.#times.get(after.id)) || { to: trueTime() };
    this.#times.set(after.id, { from, to: isOver ? to : Number.POSITIVE_INFINITY });
    const { heldAt } = after.money;
    if (after.guild !== null && heldAt !== null && heldAt !== before?.money.heldAt) this.#started(after, heldAt);
  }

  /** @param at when the start was given out, in milliseconds since 1970 */
  #started(flow: Flow, at: number): void {
    const { settings, promises, broken } = this.#watched;
    const { id, requester, recipe, guild, spender, card } = flow;
    const presses = promises.confirmingPresses(flow);
    const roles = [guild, ...(presses.length > 0 ? presses.flatMap((press) => press.roles) : spender.roles)];
    const channel = spender.channel ?? card.channel;
    const lacks = (wanted: string[] = []) => wanted.length > 0 && !wanted.some((role) => roles.includes(role));
    const refusals: Record<string, (settings: Settings) => boolean> = {
      'a blocked person': ({ blocked }) => blocked.people.includes(requester),
      'a closed channel': ({ rules }) => rules.channels.length > 0 && !rules.channels.includes(channel),
      'somebody without a role': ({ rules }) => lacks(rules.roles),
      'somebody without a role for that': ({ rules }) => lacks(rules.kinds[recipe]),
      'somebody with too many flows': ({ rules }) =>
        rules.maxFlows !== null && this.#openBefore(flow, at) >= rules.maxFlows,
      // What somebody approved has waited long enough.
      'somebody who had to pause': ({ rules }) =>
        flow.approval.approved === null && this.#lastStart(flow, at) + rules.cooldown * 1000 > at + slack,
    };
    for (const [whose, isRefused] of Object.entries(refusals))
      if (settings.surely(at, isRefused)) broken(`${id} started for ${whose}`);
  }

  /** Open flows of the same person that are certain to have been begun before, and to have been open at a moment. */
  #openBefore({ id, requester, guild, createdAt }: Flow, at: number): number {
    return [...this.#watched.promises.flows.values()].filter((one) => {
      const { from, to } = this.#times.get(one.id) ?? { from: Number.POSITIVE_INFINITY, to: 0 };
      const isOther = one.id !== id && one.requester === requester && one.guild === guild;
      return isOther && one.createdAt < createdAt && from < at - slack && to > at + slack;
    }).length;
  }

  /** When the latest other start of the same person was given out, as far as it still counts. */
  #lastStart({ id, requester, guild }: Flow, at: number): number {
    const others = [...this.#watched.promises.flows.values()].filter(
      (one) => one.id !== id && one.requester === requester && one.guild === guild,
    );
    const starts = others.flatMap((one) => spendOf(one) ?? []).filter(({ credits }) => credits > 0);
    return Math.max(Number.NEGATIVE_INFINITY, ...starts.map((one) => one.at).filter((one) => one <= at));
  }

  /**
   * A paid call is on its way: its record says so, it has no forbidden word, and what a style added was on the card.
   *
   * @param prompt what is to be made
   * @param all everything that the call says
   */
  onPaid(prompt: string, all: string): void {
    const { promises, settings, broken } = this.#watched;
    const starting = [...promises.flows.values()].filter(({ stage }) => stage === 'submitting');
    const meant = starting.filter(({ asked }) => asked.prompt !== '' && prompt.includes(asked.prompt));
    if (prompt !== '' && meant.length === 0) broken(`“${prompt}” is paid for, and no record says so`);
    for (const flow of meant.filter(({ guild }) => guild !== null)) {
      const at = flow.money.heldAt ?? trueTime();
      const words = settings.around(at).at(0)?.blocked.words ?? [];
      const sent = words.find((word) => hasWord(all, word));
      if (sent !== undefined && settings.surely(at, ({ blocked }) => blocked.words.includes(sent)))
        broken(`${flow.id} sent “${sent}”, which is blocked`);
      const channel = flow.spender.channel ?? flow.card.channel;
      if (settings.surely(at, ({ styles }) => styles[channel]?.words.some((word) => hasWord(all, word)) ?? false))
        broken(`${flow.id} sent a word that the style of its channel refuses`);
    }
    const [flow, ...others] = meant;
    if (flow && others.length === 0) this.#styled(flow, prompt);
  }

  /** What was added to somebody's words stood on the card that they confirmed. */
  #styled(flow: Flow, prompt: string): void {
    const { promises, broken } = this.#watched;
    const presses = promises.confirmingPresses(flow);
    const added = prompt.split(flow.asked.prompt).map((part) => part.replace(/^[, ]+|[, ]+$/g, ''));
    for (const phrase of added)
      if (phrase !== '' && presses.length > 0 && !presses.some(({ seen }) => seen.includes(phrase)))
        broken(`${flow.id} was sent with “${phrase}”, which was not on the card`);
  }
}

/** Milliseconds within which nobody can tell what came first. */
const slack = 500;
