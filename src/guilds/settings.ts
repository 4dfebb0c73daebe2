import { isDeepStrictEqual } from 'node:util';
import PQueue from 'p-queue';
import { z } from 'zod';
import { type ApprovalRule, approvalRuleSchema } from '../flows/approval.ts';
import { cents } from '../flows/runs.ts';
import { BrokenRecord, type Store } from '../state/store.ts';
import { locales } from '../text/languages.ts';
import { defaultsSchema } from './defaults.ts';
import { type Limit, limitSchema } from './limits.ts';
import { isTimeZone } from './period.ts';
import { type ChannelStyle, type StoredStyle, styleSchema } from './style.ts';
import { WordList } from './words.ts';

const ids = z.array(z.string()).default([]);
const byKind = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value).default({});

/** What a server's managers have decided about its requests. Roles and channels by their ids. */
const rulesSchema = z.object({
  /** Where something can be made, threads included; everywhere when empty. */
  channels: ids,
  /** Who can make something; everybody when empty. */
  roles: ids,
  /** Who can make things of one kind, by the name of its recipe; where it is left out or empty, whoever can make anything. */
  kinds: byKind(z.array(z.string())),
  /** Most open flows of one person at the same time; null: as many as they like. */
  maxFlows: z.number().int().min(1).nullable().default(null),
  /** Seconds between two starts of one person. */
  cooldown: z.number().min(0).default(0),
  /** Who may press the buttons of other people's flows; nobody when empty. */
  pressers: ids,
  /** Who may look through what others have made; everybody when empty. */
  viewers: ids,
  /** Whether people are mentioned when what they waited for is over. */
  mentions: z.boolean().default(true),
  /** Where what matters to managers is written; null: nowhere. */
  logChannel: z.string().nullable().default(null),
  /** Days after which what was asked for is removed, counted from its end; null: it is kept. */
  retention: z.number().int().min(1).nullable().default(null),
  /** Whether people may connect an account of their own, and pay for themselves with it. */
  ownAccounts: z.boolean().default(false),
  /** The language of what everybody reads; null: the one that the server has in Discord. */
  language: z.enum(locales).nullable().default(null).catch(null),
  /** The model taken where none was chosen, by the name of the recipe. */
  models: byKind(z.string()),
  /** The shape taken where none was chosen, by the name of the recipe. */
  aspects: byKind(z.string()),
  /** The other options taken where none were chosen, by the name of the recipe. */
  options: byKind(defaultsSchema),
});
export type Rules = z.infer<typeof rulesSchema>;

/** Named once, so that a zone that was taken back is read like one that holds. One that is no longer known counts as UTC. */
const timeZoneSchema = z.string().refine(isTimeZone).default('UTC').catch('UTC');

const noRules = rulesSchema.parse({});

/** Loose, because an earlier version kept there how often each model was used; that stays as it is. */
const settingsSchema = z.looseObject({
  v: z.literal(1),
  /** By which days, weeks and months begin. */
  timeZone: timeZoneSchema,
  limits: z.array(limitSchema).default([]),
  /** What somebody has to approve: at most one rule for each kind and role. */
  approvals: z.array(approvalRuleSchema).default([]),
  rules: rulesSchema.default(noRules),
  blocked: z.object({ people: ids, words: ids }).default({ people: [], words: [] }),
  /** The house styles of channels, by their ids. */
  styles: z.record(z.string(), styleSchema).default({}),
  /** The latest change of rules or time zone: who made it and when (milliseconds since 1970), and what held before. */
  lastChange: z
    .object({ by: z.string(), at: z.number(), before: z.object({ rules: rulesSchema, timeZone: timeZoneSchema }) })
    .nullable()
    .default(null),
});
type StoredSettings = z.infer<typeof settingsSchema>;

/** What a server has decided. */
export type Settings = Pick<StoredSettings, 'timeZone' | 'limits' | 'approvals' | 'rules' | 'lastChange'> & {
  blocked: { people: readonly string[]; words: WordList };
  styles: Readonly<Record<string, ChannelStyle>>;
};

/** Who changes something, and when, in milliseconds since 1970. */
export interface Change {
  by: string;
  at: number;
}

interface Known {
  stored: StoredSettings;
  settings: Settings;
}

/** What people of a server can set; kept in memory once read, because a server belongs to one process only. */
export class GuildSettings {
  readonly #store: Store;
  readonly #known = new Map<string, Known>();
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store) {
    this.#store = store;
  }

  /** What holds in a server. Answers from memory after the first time; throws when the store cannot be read. */
  async of(guild: string): Promise<Settings> {
    return (this.#known.get(guild) ?? (await this.#load(guild))).settings;
  }

  /** The same without waiting; undefined when it was not read yet. */
  known(guild: string): Settings | undefined {
    return this.#known.get(guild)?.settings;
  }

  /**
   * After how many days a server has requests removed; null where it keeps them, and where nobody can tell. Servers that
   * nothing else asks about take up no memory by this. Throws when the store cannot be read.
   */
  async retentionOf(guild: string): Promise<number | null> {
    const known = this.known(guild);
    if (known) return known.rules.retention;
    const stored = await this.#store.get(keyOf(guild), settingsSchema).catch((error) => {
      if (error instanceof BrokenRecord) return undefined;
      throw error;
    });
    return stored?.rules.retention ?? null;
  }

  /** Puts a limit in the place of the one with the same id, if there is one. Throws when it cannot be written. */
  setLimit(guild: string, limit: Limit): Promise<void> {
    return this.#change(guild, ({ limits }) => ({ limits: [...limits.filter(({ id }) => id !== limit.id), limit] }));
  }

  /**
   * Raises a limit, if it allows as much as whoever decided on it saw. Gives the limit as it is now; undefined where it is
   * another by now, or gone. Throws when it cannot be written.
   *
   * @param from credits that it allowed
   * @param by credits more
   */
  async raiseLimit(guild: string, id: string, from: number, by: number): Promise<Limit | undefined> {
    let raised: Limit | undefined;
    await this.#change(guild, ({ limits }) => ({
      limits: limits.map((limit) => {
        if (limit.id !== id || limit.credits !== from) return limit;
        raised = { ...limit, credits: cents(from + by) };
        return raised;
      }),
    }));
    return raised;
  }

  /** Removes a limit. Throws when that cannot be written. */
  removeLimit(guild: string, id: string): Promise<void> {
    return this.#change(guild, ({ limits }) => ({ limits: limits.filter((limit) => limit.id !== id) }));
  }

  /** Puts a rule in the place of the one about the same kind and role, if there is one. Throws when it cannot be written. */
  setApproval(guild: string, rule: ApprovalRule): Promise<void> {
    return this.#change(guild, ({ approvals }) => ({ approvals: [...without(approvals, rule), rule] }));
  }

  /** Removes the rule about a kind and a role. Throws when that cannot be written. */
  removeApproval(guild: string, about: Pick<ApprovalRule, 'kind' | 'role'>): Promise<void> {
    return this.#change(guild, ({ approvals }) => ({ approvals: without(approvals, about) }));
  }

  /** Changes the list of blocked people or words. Throws when that cannot be written. */
  changeBlocked(guild: string, list: 'people' | 'words', change: (before: string[]) => string[]): Promise<void> {
    return this.#change(guild, ({ blocked }) => ({ blocked: { ...blocked, [list]: change(blocked[list]) } }));
  }

  /**
   * Changes the style of a channel; undefined takes it away. Throws when that cannot be written.
   *
   * @param change what becomes of the style as it is now, if the channel has one
   */
  changeStyle(
    guild: string,
    channel: string,
    change: (before: StoredStyle | undefined) => StoredStyle | undefined,
  ): Promise<void> {
    return this.#change(guild, ({ styles }) => {
      const { [channel]: before, ...others } = styles;
      const after = change(before);
      return { styles: after ? { ...others, [channel]: after } : others };
    });
  }

  /** Changes some of the rules, or the time zone. What held before can be taken back. Throws when it cannot be written. */
  changeRules(guild: string, { by, at }: Change, changes: Partial<Rules & { timeZone: string }>): Promise<void> {
    return this.#change(guild, ({ rules, timeZone }) => {
      const { timeZone: zone = timeZone, ...changed } = changes;
      const before = { rules, timeZone };
      if (isDeepStrictEqual(before, { rules: { ...rules, ...changed }, timeZone: zone })) return {};
      return { rules: { ...rules, ...changed }, timeZone: zone, lastChange: { by, at, before } };
    });
  }

  /**
   * Takes the latest change of rules or time zone back; taken back twice, it holds again. Throws when it cannot be written.
   */
  undo(guild: string, { by, at }: Change): Promise<void> {
    return this.#change(guild, ({ rules, timeZone, lastChange }) =>
      lastChange ? { ...lastChange.before, lastChange: { by, at, before: { rules, timeZone } } } : {},
    );
  }

  /** Begins with nothing set, in place of a record that cannot be read. Throws when it cannot be written. */
  startAnew(guild: string): Promise<void> {
    return this.#queue.add(async () => {
      const fresh = settingsSchema.parse({ v: 1 });
      await this.#store.set(keyOf(guild), fresh);
      this.#known.set(guild, knownAs(fresh));
    });
  }

  /** Removes what a server decided. Throws when that cannot be written. */
  forget(guild: string): Promise<void> {
    return this.#queue.add(async () => {
      await this.#store.delete(keyOf(guild));
      this.#known.delete(guild);
    });
  }

  #change(guild: string, change: (before: StoredSettings) => Partial<StoredSettings>): Promise<void> {
    return this.#queue.add(async () => {
      const { stored } = this.#known.get(guild) ?? (await this.#load(guild));
      const after = { ...stored, ...change(stored) };
      await this.#store.set(keyOf(guild), after);
      this.#known.set(guild, knownAs(after));
    });
  }

  async #load(guild: string): Promise<Known> {
    const stored = await this.#store.get(keyOf(guild), settingsSchema);
    // Whoever changed them meanwhile knows better.
    const known = this.#known.get(guild) ?? knownAs(stored ?? settingsSchema.parse({ v: 1 }));
    this.#known.set(guild, known);
    return known;
  }
}

function knownAs(stored: StoredSettings): Known {
  const { timeZone, limits, approvals, rules, blocked, lastChange } = stored;
  const styles = Object.fromEntries(
    Object.entries(stored.styles).map(([id, style]) => [id, { ...style, words: new WordList(style.words) }]),
  );
  const words = new WordList(blocked.words);
  return {
    stored,
    settings: { timeZone, limits, approvals, rules, lastChange, styles, blocked: { ...blocked, words } },
  };
}

/** The rules about anything else. */
const without = (rules: ApprovalRule[], { kind, role }: Pick<ApprovalRule, 'kind' | 'role'>) =>
  rules.filter((rule) => rule.kind !== kind || rule.role !== role);

const keyOf = (guild: string) => `guild:${guild}`;
