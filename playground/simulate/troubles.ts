import type { Platform, Settings } from '../kubeez/platform.ts';
import type { Chance } from './chance.ts';

/** What may become of a request to Kubeez, beside being answered. */
const ofKubeez = [
  'cut',
  'lost',
  'hangs',
  'late',
  'doubled',
  'malformed',
  'oddShape',
  'errorPage',
  'errorPageAfter',
  'tooMany',
  'tooManyWait',
  'tooManyText',
  'tooManyError',
  'toolErrorBefore',
  'toolErrorAfter',
  'sessionGone',
  'sessionOdd',
] as const;
export type KubeezTrouble = (typeof ofKubeez)[number];

/** The same of a request to Discord. */
const ofDiscord = ['cut', 'lost', 'late', 'serverError', 'serverErrorAfter', 'tooMany', 'tooManyGlobal'] as const;
export type DiscordTrouble = (typeof ofDiscord)[number];

/** And of a file. */
const ofFiles = ['missing', 'forbidden', 'page', 'half', 'late', 'astray', 'cut'] as const;
export type FileTrouble = (typeof ofFiles)[number];

/** What can go wrong with the processes and the store. */
const ofMachines = [
  'kills',
  'restarts',
  'fullDisk',
  'storeAway',
  'slowDisk',
  'gatewayDrops',
  'doubledEvents',
  'twoProcesses',
  'stolenLease',
] as const;
type MachineTrouble = (typeof ofMachines)[number];

/** What people and servers do to the places the bot writes in, and the platform to what it offers. */
const ofPlaces = [
  'deletedCards',
  'deletedChannels',
  'lostPermissions',
  'closedDms',
  'movedPrices',
  'drainedCredits',
] as const;
type PlaceTrouble = (typeof ofPlaces)[number];

/** Which faults a story has, and when each of them strikes. Once it is calm, none does any more. */
export class Troubles {
  readonly places: ReadonlySet<PlaceTrouble>;
  readonly machines: ReadonlySet<MachineTrouble>;
  isCalm = false;
  isDiskFull = false;
  isDiskAway = false;
  /** While on, Kubeez answers nothing but 503. */
  isKubeezOut = false;
  isDiscordOut = false;
  readonly #chance: Chance;
  readonly #kubeez: KubeezTrouble[];
  readonly #discord: DiscordTrouble[];
  readonly #files: FileTrouble[];
  /** How likely one strikes a request. */
  readonly #rate: number;
  readonly #deaths: number;
  #died = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
    // Few kinds at a time reach further into a story than all together.
    const some = <Kind>(kinds: readonly Kind[], share: number) => kinds.filter(() => chance.happens(share));
    this.#kubeez = some(ofKubeez, 0.2);
    this.#discord = some(ofDiscord, 0.2);
    this.#files = some(ofFiles, 0.2);
    this.machines = new Set(some(ofMachines, 0.2));
    this.places = new Set(some(ofPlaces, 0.15));
    this.#rate = chance.pick([0.02, 0.06, 0.15, 0.3]);
    this.#deaths = chance.pick([1, 1, 2, 4]);
  }

  /** How the platform is in this story. */
  settle(settings: Settings): void {
    const chance = this.#chance;
    settings.generation = chance.pick(['documented', 'documented', 'newer', 'mixed']);
    settings.speed = chance.pick([2, 5, 10]);
    settings.historyLag = chance.pick([0, 0, 2_000, 20_000]);
    settings.clockOffset = chance.pick([0, 0, 0, 1_500, -1_500, 120_000, -120_000]);
    settings.cdnLag = chance.pick([0, 0, 3_000, 40_000]);
    settings.freshFor = chance.pick([0, 0, 3_000]);
    settings.chargesInStatus = chance.happens(0.5);
    settings.structured = chance.happens(0.8);
    settings.directUploads = false;
    if (chance.happens(0.1)) settings.withdrawn.push('get_generations');
  }

  /** One line that names what is on. */
  describe(platform: Platform): string {
    const { generation, speed, historyLag, clockOffset, cdnLag, withdrawn } = platform.settings;
    return [
      `rate ${this.#rate}`,
      `Kubeez ${this.#kubeez.join(' ') || '–'}`,
      `Discord ${this.#discord.join(' ') || '–'}`,
      `files ${this.#files.join(' ') || '–'}`,
      `machines ${[...this.machines].join(' ') || '–'}`,
      `places ${[...this.places].join(' ') || '–'}`,
      `platform ${generation} ×${speed} history +${historyLag} ms clock ${clockOffset} ms files +${cdnLag} ms ${withdrawn.join(' ')}`,
    ].join('; ');
  }

  /** @param isPaid paid calls are struck more often: there is the money */
  kubeezTrouble(isPaid: boolean): KubeezTrouble | undefined {
    return this.#strike(this.#kubeez, isPaid ? Math.max(this.#rate, 0.3) : this.#rate);
  }

  discordTrouble(): DiscordTrouble | undefined {
    return this.#strike(this.#discord, this.#rate);
  }

  fileTrouble(): FileTrouble | undefined {
    return this.#strike(this.#files, this.#rate * 2);
  }

  #strike<Kind>(kinds: readonly Kind[], rate: number): Kind | undefined {
    if (this.isCalm || kinds.length === 0 || !this.#chance.happens(rate)) return undefined;
    return this.#chance.pick(kinds);
  }

  /** Whether the process is killed at this point. */
  kills(): boolean {
    if (this.isCalm || !this.machines.has('kills') || this.#died >= this.#deaths) return false;
    if (!this.#chance.happens(0.02)) return false;
    this.#died++;
    return true;
  }

  isEventDoubled(): boolean {
    return !this.isCalm && this.machines.has('doubledEvents') && this.#chance.happens(0.1);
  }

  /** Milliseconds an access to the store takes. */
  diskTakes(): number {
    if (this.isCalm) return 1;
    return this.machines.has('slowDisk') && this.#chance.happens(0.1)
      ? this.#chance.skewed(10, 5_000)
      : this.#chance.below(4);
  }

  gatewayTakes(): number {
    return this.#chance.skewed(5, 120);
  }

  /** Milliseconds a request is on its way, there or back. */
  travelTakes(): number {
    return this.#chance.skewed(2, 150);
  }

  /** Milliseconds by which something late is late. */
  delay(): number {
    return this.#chance.skewed(300, 70_000);
  }

  /** Chance for what hangs on a trouble that struck. */
  get chance(): Chance {
    return this.#chance;
  }
}
