import type { User } from '../discord/world.ts';
import { type Job, Platform } from '../kubeez/platform.ts';

/** The token of the bot's own account, which stands in its environment. */
export const botToken = 'stand-in-token';

/** Credits that somebody's own account has at first. */
const ownCredits = 120;

/** A job, and the account that paid for it. */
interface Paid {
  job: Job;
  platform: Platform;
  /** The person whose account it is; null for the bot's own. */
  owner: string | null;
}

/** The accounts at Kubeez: the bot's own, and one for each person, who may connect it. */
export class KubeezAccounts {
  readonly bot: Platform;
  readonly #own = new Map<string, Platform>();

  /** @param bot the bot's own, as it is from then on */
  constructor(bot: Platform, users: User[]) {
    this.bot = bot;
    const { settings, origin, mediaOrigin, readFile } = bot;
    for (const { id } of users) {
      const platform = new Platform(bot.clock, bot.rows);
      Object.assign(platform, { settings, origin, mediaOrigin, readFile, credits: ownCredits });
      this.#own.set(id, platform);
    }
  }

  /** The token that somebody's own account is connected with. */
  tokenOf = (person: string) => `token-of-${person}`;

  get all(): Platform[] {
    return [this.bot, ...this.#own.values()];
  }

  /** The account that a token opens. */
  openedBy(token: string): Platform | undefined {
    return token === botToken ? this.bot : this.#own.get(token.replace('token-of-', ''));
  }

  /** The person whose account it is; null for the bot's own. */
  ownerOf(platform: Platform): string | null {
    return [...this.#own].find(([, own]) => own === platform)?.[0] ?? null;
  }

  get jobs(): Job[] {
    return this.all.flatMap(({ jobs }) => [...jobs.values()]);
  }

  find(id: string): Paid | undefined {
    const platform = this.all.find(({ jobs }) => jobs.has(id));
    const job = platform?.jobs.get(id);
    return platform && job && { job, platform, owner: this.ownerOf(platform) };
  }
}
