import type { Platform, Settings } from '../kubeez/platform.ts';
import { Chance } from './chance.ts';
import { type Theme, themes } from './themes.ts';

/** What may become of a request to Kubeez, beside being answered. */
const ofKubeez = [
  'cut',
  'lost',
  'hangs',
  'late',
  'doubled',
  'malformed',
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
  'clockSetBack',
  'lostRecords',
  'brokenLists',
  'commandsRefused',
  'downAtStart',
  'lostSessions',
] as const;
export type MachineTrouble = (typeof ofMachines)[number];

/** What is the case for a while. */
export type Switch = 'isDiskFull' | 'isDiskAway' | 'isKubeezOut' | 'isDiscordOut';

/** What people and servers do to the places the bot writes in, and the platform to what it offers. */
const ofPlaces = [
  'deletedCards',
  'deletedChannels',
  'lostPermissions',
  'closedDms',
  'movedPrices',
  'drainedCredits',
  'unwantedFiles',
] as const;
/** Those that are of use only in stories about something come with these. */
export type PlaceTrouble =
  | (typeof ofPlaces)[number]
  | 'movedRoles'
  | 'closedLab'
  | 'deletedPictures'
  | 'removals'
  | 'daysGoBy';

/** How Discord refuses a file for what is in it: explicit content, harmful links, and no word why. */
const unwanted = [
  [400, 20009],
  [400, 240000],
  [403, 0],
] as const;

/** Which faults a story has, and when each of them strikes. Once it is calm, none does any more. */
export class Troubles {
  /** Nothing goes wrong but what the platform, its files and restarts are like: then everything must go smoothly. */
  readonly isQuiet: boolean;
  /** Nothing goes wrong that does not belong to what the story is about. */
  readonly isPlain: boolean;
  /** How a session that the server does not know is refused. */
  readonly unknownSession: 400 | 404;
  /** Whether the catalogue has rows that nobody can use, and the list of tools an odd end. */
  readonly hasOddRows: boolean;
  /** In which of its odd forms the server answers, if in any. */
  readonly oddForm: number | undefined;
  /** Whether only the answers to paid calls have that form: then nothing warns the bot. */
  readonly isPaidOdd: boolean;
  /** Milliseconds after the end of a job in which the host of its files has not got them. */
  readonly fileLag: number;
  readonly places: ReadonlySet<PlaceTrouble>;
  readonly machines: ReadonlySet<MachineTrouble>;
  /** How many shards the bot has, each in a process of its own. */
  readonly shards: number;
  /** What the story is about; undefined where it is about nothing in particular. */
  readonly theme: Theme | undefined;
  /** When channels were closed to the bot, in milliseconds since 1970. */
  readonly closings: { channel: string; from: number; to: number }[] = [];
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
  readonly #refusal: (typeof unwanted)[number];
  readonly #heldUp = new Set<() => void>();
  #died = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
    // Few kinds at a time reach further into a story than all together.
    this.isQuiet = chance.happens(0.12);
    const theme = this.isQuiet ? undefined : themeBy(chance);
    this.theme = theme;
    this.shards = theme?.shards ?? 1;
    const isPlain = this.isQuiet || theme !== undefined;
    this.isPlain = isPlain;
    const some = <Kind>(kinds: readonly Kind[], share: number) => kinds.filter(() => chance.happens(share) && !isPlain);
    const few = <Kind>(kinds: readonly Kind[], counts: number[]) => {
      const count = isPlain ? 0 : chance.pick(counts);
      return [...new Set(Array.from({ length: count }, () => chance.pick(kinds)))];
    };
    this.#kubeez = theme?.kubeez ?? few(ofKubeez, [0, 1, 1, 2, 3]);
    this.#discord = theme?.discord ?? few(ofDiscord, [0, 0, 1, 2]);
    this.#files = few(ofFiles, [0, 0, 1, 2]);
    this.oddForm = chance.happens(0.2) ? chance.below(5) : undefined;
    this.isPaidOdd = chance.happens(0.5);
    this.machines = new Set(theme?.machines ?? (this.isQuiet ? (['restarts'] as const) : some(ofMachines, 0.15)));
    this.places = new Set(theme?.places ?? some(ofPlaces, 0.15));
    this.#rate = theme?.rate ?? (this.isQuiet ? 0 : chance.pick([0.02, 0.06, 0.15, 0.3]));
    this.unknownSession = theme?.refusesOddly ? 400 : chance.pick([404, 404, 400]);
    this.hasOddRows = chance.happens(0.2);
    this.fileLag = theme?.hasLargeFiles ? 0 : chance.pick([0, 0, 2_500, 12_000]);
    this.#deaths = theme?.maxKills ?? chance.pick([1, 1, 2, 4]);
    this.#refusal = chance.pick(unwanted);
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
    settings.said = chance.pick([...Array(6).fill(asItIs), withoutLastSong, inOddWords]);
    if (chance.happens(this.theme?.withoutHistory ?? 0.1)) settings.withdrawn.push('get_generations');
    Object.assign(settings, this.theme?.platform);
  }

  /** No more trouble; what was held up goes on. */
  calmDown(): void {
    this.isCalm = true;
    for (const name of ['isDiskFull', 'isDiskAway', 'isKubeezOut', 'isDiscordOut'] as const) this[name] = false;
    for (const goOn of this.#heldUp) goOn();
  }

  /** Waits for so many milliseconds, but no longer than until it is calm. */
  async holdUp(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => goOn(), milliseconds);
      const goOn = () => {
        clearTimeout(timer);
        this.#heldUp.delete(goOn);
        resolve();
      };
      this.#heldUp.add(goOn);
    });
  }

  /** One line that names what is on. */
  describe(platform: Platform): string {
    const { generation, speed, historyLag, clockOffset, cdnLag, withdrawn, said } = platform.settings;
    return [
      this.isQuiet ? 'quiet' : `rate ${this.#rate}`,
      ...(this.theme ? [`about ${this.theme.name}`] : []),
      `Kubeez ${this.#kubeez.join(' ') || '–'}`,
      `Discord ${this.#discord.join(' ') || '–'}`,
      `files ${this.#files.join(' ') || '–'}`,
      `machines ${[...this.machines].join(' ') || '–'}`,
      `places ${[...this.places].join(' ') || '–'}`,
      `platform ${generation} ×${speed} history +${historyLag} ms clock ${clockOffset} ms files +${cdnLag + this.fileLag} ms ${withdrawn.join(' ')}`,
      ...(this.unknownSession === 400 ? ['unknown sessions are refused with 400'] : []),
      ...(this.hasOddRows ? ['odd rows'] : []),
      ...(this.oddForm === undefined ? [] : [`odd form ${this.oddForm}${this.isPaidOdd ? ' of paid answers' : ''}`]),
      ...(said === asItIs ? [] : [`answers ${said.name}`]),
    ].join('; ');
  }

  /** @param isPaid paid calls are struck more often: there is the money */
  kubeezTrouble(isPaid: boolean): KubeezTrouble | undefined {
    return this.#strike(this.#kubeez, isPaid ? Math.max(this.#rate, 0.5) : this.#rate);
  }

  /** @param request its method and path */
  discordTrouble(request: string): DiscordTrouble | undefined {
    if (this.theme?.discordRequests?.test(request) === false) return undefined;
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
  kills(where: string): boolean {
    if (this.isCalm || !this.machines.has('kills') || this.#died >= this.#deaths) return false;
    const { killsAt } = this.theme ?? {};
    const likely = killsAt ? (killsAt.test(where) ? 0.9 : 0) : 0.02;
    if (!this.#chance.happens(likely)) return false;
    this.#died++;
    return true;
  }

  /** How Discord refuses a message's files, if it does. */
  get fileRefusal(): readonly [status: number, code: number] | undefined {
    return this.places.has('unwantedFiles') ? this.#refusal : undefined;
  }

  /** Whether Discord is not there for a process that begins. */
  isDownAtStart(): boolean {
    return !this.isCalm && this.machines.has('downAtStart') && this.#chance.happens(0.6);
  }

  isEventDoubled(): boolean {
    return !this.isCalm && this.machines.has('doubledEvents') && this.#chance.happens(0.1);
  }

  /** Whether nothing happens to what goes to Discord. */
  get isDiscordSound(): boolean {
    const closing = ['deletedCards', 'deletedChannels', 'lostPermissions'] as const;
    return this.#discord.length === 0 && !this.isDiscordOut && !closing.some((one) => this.places.has(one));
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

/** What the story of a seed is about; undefined where it is about nothing in particular. */
export const themeOf = (seed: number): string | undefined => new Troubles(new Chance(seed).branch()).theme?.name;

function themeBy(chance: Chance): Theme | undefined {
  const shares = Object.fromEntries(themes.map(({ name, share }) => [name, share]));
  const others = 100 - Object.values(shares).reduce((sum, share) => sum + share, 0);
  const chosen = chance.weighted({ ...shares, none: others });
  return themes.find(({ name }) => name === chosen);
}

type Said = Settings['said'];

const asItIs: Said = (answer) => answer;

/** The last of several songs never gets its address. */
const withoutLastSong: Said = (answer) => {
  const { songs } = answer;
  if (!Array.isArray(songs) || songs.length === 0) return answer;
  return { ...answer, songs: [...songs.slice(0, -1), { ...songs.at(-1), audio_url: null }] };
};

/** A job that failed has a status that nobody has heard of. */
const inOddWords: Said = (answer) => (answer.status === 'failed' ? { ...answer, status: 'archived' } : answer);
