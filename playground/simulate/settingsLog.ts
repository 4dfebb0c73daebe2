import { z } from 'zod';
import { approvalRuleSchema } from '../../src/flows/approval.ts';
import { limitSchema } from '../../src/guilds/limits.ts';
import { trueTime } from './virtualTime.ts';

const ids = z.array(z.string());

/** What a server has decided, as far as promises are about it. */
const settingsSchema = z.object({
  limits: z.array(limitSchema),
  approvals: z.array(approvalRuleSchema),
  rules: z.object({
    channels: ids,
    roles: ids,
    kinds: z.record(z.string(), ids),
    maxFlows: z.number().nullable(),
    cooldown: z.number(),
    retention: z.number().nullable(),
    ownAccounts: z.boolean(),
  }),
  blocked: z.object({ people: ids, words: ids }),
  styles: z.record(
    z.string(),
    z.object({ words: ids, pictures: z.array(z.object({ message: z.string(), attachment: z.string() })) }),
  ),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What managers may decide about. */
export type Managed =
  | 'limits'
  | 'roleLimits'
  | 'approvals'
  | 'rules'
  | 'styles'
  | 'pictures'
  | 'ownAccounts'
  | 'retention';

const recordSchema = z.object({ value: settingsSchema });

/** Milliseconds by which what a process knows of settings may differ from what the disk has of them. */
const lag = 2_000;

/** What the server of a story had decided at every moment, by what was written. */
export class SettingsLog {
  readonly #versions: { at: number; settings: Settings }[] = [];

  /** Takes note of settings as they are written; gives them, and those before, where it was them. */
  onWritten(key: string, text: string | undefined): { before: Settings | undefined; after: Settings } | undefined {
    if (!/^kubeez:guild:\d+$/.test(key) || text === undefined) return undefined;
    const before = this.#versions.at(-1)?.settings;
    const after = recordSchema.parse(JSON.parse(text)).value;
    this.#versions.push({ at: trueTime(), settings: after });
    return { before, after };
  }

  /**
   * Every version that a process may have gone by at a moment, oldest first; none where it may not have known of any. What
   * all of them say, held.
   *
   * @param moment milliseconds since 1970
   */
  around(moment: number): Settings[] {
    const since = this.#versions.findLastIndex(({ at }) => at <= moment - lag);
    if (since < 0) return [];
    return this.#versions
      .slice(since)
      .filter(({ at }) => at <= moment + lag)
      .map(({ settings }) => settings);
  }

  /** Whether something is true of all the versions that a process may have gone by. */
  surely(moment: number, isSo: (settings: Settings) => boolean): boolean {
    const versions = this.around(moment);
    return versions.length > 0 && versions.every(isSo);
  }

  /** Whether something was ever decided about this. */
  has = (what: Managed): boolean => this.ever(isDecided[what]);

  /** The messages of the reference pictures that styles have now. */
  get pictures(): string[] {
    const styles = Object.values(this.#versions.at(-1)?.settings.styles ?? {});
    return styles.flatMap(({ pictures }) => pictures.map(({ message }) => message));
  }

  /** Whether something was ever true. */
  ever(isSo: (settings: Settings) => boolean): boolean {
    return this.#versions.some(({ settings }) => isSo(settings));
  }
}

const isDecided: Record<Managed, (settings: Settings) => boolean> = {
  limits: ({ limits }) => limits.length > 0,
  roleLimits: ({ limits }) => limits.some(({ scope }) => scope === 'role'),
  approvals: ({ approvals }) => approvals.length > 0,
  rules: ({ rules, blocked }) => {
    const lists = [rules.channels, rules.roles, Object.keys(rules.kinds), blocked.people, blocked.words];
    return rules.maxFlows !== null || rules.cooldown > 0 || lists.some((list) => list.length > 0);
  },
  styles: ({ styles }) => Object.keys(styles).length > 0,
  pictures: ({ styles }) => Object.values(styles).some(({ pictures }) => pictures.length > 0),
  ownAccounts: ({ rules }) => rules.ownAccounts,
  retention: ({ rules }) => rules.retention !== null,
};
