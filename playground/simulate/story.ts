import { steady } from '../../src/clock.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { Api } from '../discord/api.ts';
import { Interactions } from '../discord/interactions.ts';
import { Person } from '../discord/person.ts';
import { realRates } from '../discord/rates.ts';
import { type Channel, World } from '../discord/world.ts';
import { Platform } from '../kubeez/platform.ts';
import { exampleRows, type Row } from '../kubeez/rows.ts';
import { KubeezAccounts } from './accounts.ts';
import { Approvals } from './approvals.ts';
import { Chance } from './chance.ts';
import { discordWays } from './discordWays.ts';
import { Disk, flowOf } from './disk.ts';
import { fileAt, fileWays } from './fileWays.ts';
import { Gateway } from './gateway.ts';
import { HouseRules } from './houseRules.ts';
import { Incidents } from './incidents.ts';
import { KubeezWays } from './kubeezWays.ts';
import { Payers } from './payers.ts';
import { People } from './people.ts';
import { Pictures } from './pictures.ts';
import { PressLog } from './presses.ts';
import { Processes } from './processes.ts';
import { Promises } from './promises.ts';
import { Removals } from './removals.ts';
import { SettingsLog } from './settingsLog.ts';
import { Sights } from './sights.ts';
import { Spending } from './spending.ts';
import { Sweeps } from './sweeps.ts';
import { Telling } from './telling.ts';
import { Troubles } from './troubles.ts';
import { machineTime, restartTime, sleep, standStill, turn, worldClock } from './virtualTime.ts';

/** What became of one seed. */
export interface Ended {
  seed: number;
  /** The promises that were broken; none when all is well. */
  broken: string[];
  /** The whole story, line by line. */
  story: string[];
  flows: number;
  paid: number;
}

/** Turns after which a story counts as one without an end. */
const maxTurns = 400_000;

/** Plays the story of a seed to its end. */
export async function play(seed: number): Promise<Ended> {
  await restartTime(seed);
  const story = new Story(seed);
  let isOver = false;
  const told = story.play().then(
    () => {
      isOver = true;
    },
    (error) => {
      story.broken(`the story itself failed: ${error instanceof Error ? error.stack : error}`);
      isOver = true;
    },
  );
  for (let turns = 0; !isOver; turns++) {
    if (turns > maxTurns) story.broken('the story has no end');
    const goesOn = await turn().catch((error) => {
      noteUncaught(error);
      return true;
    });
    if (turns > maxTurns || !goesOn) break;
  }
  if (isOver) await told;
  return story.end();
}

let current: Story | undefined;

/** Whatever nobody caught ended the process, if it were one. */
export function noteUncaught(error: unknown): void {
  current?.broken(`an error that nobody caught: ${error instanceof Error ? error.stack : error}`);
}

const minute = 60_000;
/** Longer than anybody waits for an approval. */
const day = 24 * 60 * minute + minute;

/** Looks at one side of what was promised. */
interface Watcher {
  /** A record was written. */
  onWritten?(before: Flow | undefined, after: Flow): void;
  /** Nothing goes on any more. */
  atTheEnd?(): void;
}

class Story {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #troubles: Troubles;
  readonly #telling = new Telling();
  readonly #broken = new Set<string>();
  readonly #world = new World(worldClock);
  readonly #platform: Platform;
  readonly #accounts: KubeezAccounts;
  readonly #gateway: Gateway;
  readonly #api: Api;
  readonly #kubeez: KubeezWays;
  readonly #disk: Disk;
  readonly #presses = new PressLog(this.#world);
  readonly #settings = new SettingsLog();
  readonly #promises: Promises;
  readonly #sights: Sights;
  readonly #spending: Spending;
  readonly #sweeps: Sweeps;
  readonly #removals: Removals;
  readonly #watchers: Watcher[];
  readonly #people: Person[];
  readonly #channels: Channel[];
  readonly #processes: Processes;
  readonly #incidents: Incidents;

  constructor(seed: number) {
    current = this;
    const { tell } = this.#telling;
    const chance = new Chance(seed);
    const troubles = new Troubles(chance.branch());
    const world = this.#world;
    this.#seed = seed;
    this.#chance = chance;
    this.#troubles = troubles;
    world.origin = 'https://cdn.discordapp.com';
    world.gatewayAddress = 'wss://gateway.discord.gg';
    this.#platform = new Platform(worldClock, structuredClone(someRows));
    this.#platform.origin = 'https://kubeez.com';
    this.#platform.mediaOrigin = 'https://media.kubeez.com';
    this.#platform.readFile = async (url) => fileAt(new URL(url), this.#accounts, world);
    troubles.settle(this.#platform.settings);
    const users = [world.addUser('Ada'), world.addUser('Ben'), world.addUser('Cleo')];
    this.#accounts = new KubeezAccounts(this.#platform, users);
    const token = `${Buffer.from(world.bot.id).toString('base64url')}.stand-in.${'x'.repeat(27)}`;
    this.#gateway = new Gateway(world, troubles);
    const interactions = new Interactions(world, this.#gateway);
    this.#api = new Api({ world, gateway: this.#gateway, interactions, token, rates: realRates });
    this.#kubeez = new KubeezWays(this.#accounts, troubles, {
      onCalled: (tool, how) => tell(`Kubeez ${tool}: ${how}`),
      onPaid: (prompt, all, owner) => {
        this.#sights.onPaid(prompt);
        if (!troubles.theme?.manages) return;
        houseRules.onPaid(prompt, all);
        payers.onPaid(prompt, owner);
        pictures.onPaid(prompt, all);
      },
      onArrived: (prompt, jobs, life) => this.#sights.onArrived(prompt, jobs, life),
      onLost: (prompt, life) => this.#sights.onLost(prompt, life),
    });
    this.#disk = new Disk(
      troubles,
      (key, text) => this.#onWritten(key, text),
      () => this.#sights.noteStart(),
    );
    this.#promises = new Promises({
      world,
      accounts: this.#accounts,
      disk: this.#disk,
      presses: this.#presses,
      mayBeLate: () => troubles.machines.has('stolenLease'),
      mayBeClosed: ({ guild }) =>
        guild === null
          ? troubles.places.has('closedDms')
          : (['lostPermissions', 'closedLab', 'removals'] as const).some((one) => troubles.places.has(one)),
      isRemoved: (guild) => world.guilds.get(guild ?? '')?.hasBot === false,
      broken: (what) => this.broken(what),
    });
    this.#sights = new Sights({
      world,
      accounts: this.#accounts,
      troubles,
      promises: this.#promises,
      presses: this.#presses,
      broken: (what) => this.broken(what),
    });
    const guild = world.addGuild('Paper Moon Studio', users);
    const watched = {
      world,
      guild,
      accounts: this.#accounts,
      disk: this.#disk,
      promises: this.#promises,
      presses: this.#presses,
      settings: this.#settings,
      troubles,
      broken: (what: string) => this.broken(what),
    };
    this.#spending = new Spending(watched);
    this.#sweeps = new Sweeps(watched);
    this.#removals = new Removals(watched);
    const [houseRules, payers, pictures] = [new HouseRules(watched), new Payers(watched), new Pictures(watched)];
    this.#watchers = [this.#spending, new Approvals(watched), houseRules, payers];
    for (const { id } of users.slice(0, 1)) guild.admins.add(id);
    if (troubles.theme?.manages) {
      world.addRole(guild, 'Leads', [], users.slice(1));
      world.addRole(guild, 'Makers', [], users.slice(0, 2));
    }
    // A server that is made a millisecond later is on the other of two shards.
    const otherId = String(BigInt(guild.id) + (1n << 22n));
    const other = troubles.shards > 1 ? world.addGuild('Lantern Studio', users, undefined, otherId) : guild;
    this.#channels = [world.addChannel(guild, 'moodboard'), world.addChannel(other, 'lab')];
    this.#people = users.map((user) => new Person(user, world, interactions, (place) => this.#api.commandsFor(place)));
    this.#channels.push(...users.map((user) => world.dmWith(user)));
    this.#processes = new Processes({
      token,
      disk: this.#disk,
      chance,
      troubles,
      networkFor: (life) => ({
        discord: {
          makeRequest: discordWays(this.#api, world, life, troubles, {
            onAnswered: (request, status, body) => this.#onDiscord(request, status, body),
            onEdit: (before, after, id) => this.#sights.onEdit(before, after, id),
          }),
          buildStrategy: this.#gateway.strategyFor(life),
        },
        kubeez: this.#kubeez.fetchFor(life),
        files: fileWays(this.#accounts, world, life, troubles),
      }),
      tell,
      onLogged: (process, line) => this.#onLogged(process, line),
      broken: (what) => this.broken(what),
    });
    this.#incidents = new Incidents({
      world,
      accounts: this.#accounts,
      kubeez: this.#kubeez,
      gateway: this.#gateway,
      disk: this.#disk,
      processes: this.#processes,
      promises: this.#promises,
      settings: this.#settings,
      pictures,
      removals: this.#removals,
      users,
      channels: this.#channels,
      troubles,
      chance,
      tell,
    });
    tell(`seed ${seed}: ${troubles.describe(this.#platform)}`);
  }

  broken(what: string): void {
    if (this.#broken.has(what)) return;
    this.#broken.add(what);
    this.#telling.tell(`BROKEN: ${what}`);
  }

  /** Ends every process, and tells what became of the story. */
  end(): Ended {
    this.#processes.end();
    return {
      seed: this.#seed,
      broken: [...this.#broken],
      story: this.#telling.lines,
      flows: this.#promises.flows.size,
      paid: this.#accounts.jobs.length,
    };
  }

  async play(): Promise<void> {
    // As main.ts does it.
    Date.now = steady(
      machineTime,
      () => performance.now(),
      () => {},
    );
    const chance = this.#chance;
    for (let shard = 0; shard < this.#troubles.shards; shard++) await this.#processes.start();
    const people = new People({
      world: this.#world,
      people: this.#people,
      channels: this.#channels,
      accounts: this.#accounts,
      chance: chance.branch(),
      presses: this.#presses,
      settings: this.#settings,
      tell: this.#telling.tell,
      theme: this.#troubles.theme,
    });
    const acts = this.#troubles.theme?.acts ?? chance.skewed(2, 10);
    for (let act = 0; act < acts; act++) {
      await sleep(chance.skewed(200, 12_000));
      await this.#processes.keepAlive();
      people.act();
      if (chance.happens(0.7)) people.lookAfter();
      this.#incidents.mayHappen();
    }
    // Whoever was quoted a price confirms it now, or never.
    for (let look = 0; look < 2; look++) {
      await sleep(chance.skewed(2_000, 15_000));
      await this.#processes.keepAlive();
      people.lookAfter();
      this.#incidents.mayHappen();
    }
    await this.#calmDown();
    this.#promises.atTheEnd();
    this.#sights.atTheEnd();
    for (const watcher of this.#watchers) watcher.atTheEnd?.();
    await this.#letDaysGoBy();
  }

  /** What has its time only days later: requests that are no longer kept, and servers that stay away. */
  async #letDaysGoBy(): Promise<void> {
    if (this.#settings.has('retention')) {
      this.#telling.tell('four days go by');
      standStill(4 * day);
      await this.#comeToRest();
      this.#sweeps.atTheEnd();
    }
    if (!this.#troubles.places.has('removals')) return;
    this.#telling.tell('31 days go by');
    standStill(31 * day);
    await this.#comeToRest();
    await sleep(30 * minute);
    // Another process knows of a server only what was written.
    await this.#processes.restart();
    await sleep(minute);
    if (this.#removals.isRemoved) this.#removals.atTheEnd();
  }

  /** No more trouble: now everything must come to its end. */
  async #calmDown(): Promise<void> {
    this.#telling.tell('calm from here on');
    this.#troubles.calmDown();
    for (const platform of this.#accounts.all) platform.credits += 1_000;
    for (const channel of this.#channels) channel.denied.clear();
    await this.#comeToRest();
    if ([...this.#promises.flows.values()].some(({ stage }) => stage === 'held')) {
      this.#telling.tell('a day goes by');
      standStill(day);
      await this.#comeToRest();
    }
    await sleep(10_000);
  }

  async #comeToRest(): Promise<void> {
    for (let look = 0; look < 14; look++) {
      await this.#processes.keepAlive();
      await sleep(look < 5 ? minute / 2 : 5 * minute);
      const flows = [...this.#promises.flows.values()];
      const isOver = flows.every(({ stage }) => isAtRest(stage)) && this.#promises.endedOnList().length === 0;
      if (isOver && !this.#promises.areSomeToBeMissed) break;
    }
  }

  #onWritten(key: string, text: string | undefined): void {
    const id = flowOf(key) ?? '';
    const before = this.#promises.flows.get(id);
    this.#promises.onWritten(key, text);
    if (before && text === undefined) {
      this.#removals.onDeleted(key);
      this.#promises.drop(id);
    }
    const settings = this.#settings.onWritten(key, text);
    if (settings) this.#spending.onSettings(settings.before, settings.after);
    const flow = this.#promises.flows.get(id);
    if (!flow || flow === before) return;
    for (const watcher of this.#watchers) watcher.onWritten?.(before, flow);
    this.#sweeps.onWritten(before, flow);
    if (flow.stage !== before?.stage)
      this.#telling.tell(
        `${flow.id} ${flow.recipe} is ${flow.stage}${flow.shown.reason ? ` (${flow.shown.reason.code})` : ''}`,
      );
  }

  /** Discord refused something: no fault of a network, but of the bot, unless a place was closed to it. */
  #onDiscord(request: string, status: number, text: string): void {
    if (status < 400 || status === 403 || status === 429) return;
    const code = /"code":(\d+)/.exec(text)?.[1] ?? '';
    const isExpected = ['10003', '10004', '10008', '10015', '10062', '40060', '50027'].includes(code);
    this.#telling.tell(`Discord ${request}: ${status} ${text.slice(0, 200)}`);
    if (!isExpected) this.broken(`Discord refused ${request}: ${text.slice(0, 300)}`);
  }

  #onLogged(number: number, line: string): void {
    const { level, msg, err, time: _, ...rest } = JSON.parse(line);
    if (level >= 40)
      this.#telling.tell(`log ${number}: ${msg} ${err?.message ?? ''} ${JSON.stringify({ flow: rest.flow })}`);
    if (level >= 40) this.#sights.onLogged(`${msg} ${err?.message ?? ''}`);
    if (level >= 50 && bugs.test(msg) && !outages.test(`${err?.type} ${err?.message} ${err?.code}`))
      this.broken(`a bug: ${msg}: ${err?.stack ?? err?.message}`);
  }
}

/** Two models of each kind: the whole catalogue takes most of the time, and shows nothing more. */
const someRows = twoOfEach(exampleRows());

function twoOfEach(rows: Row[]): Row[] {
  const known = new Map<string, number>();
  return rows.filter(({ model_type, generation_types }) => {
    const kind = `${model_type} ${generation_types.join()}`;
    known.set(kind, (known.get(kind) ?? 0) + 1);
    return (known.get(kind) ?? 0) <= 2;
  });
}

/** What the log says only of bugs. */
const bugs = /interaction failed|effect failed|not noted|card not drawn/;

/** What goes wrong outside is no bug: whoever waited is told. */
const outages =
  /HTTPError|ECONNRESET|UND_ERR|AbortError|store cannot be reached|StoreTimeout|disk is full|lease is not held|Another process|\b(10003|10008|10015|10062|40060|50001|50013|50027)\b/;

const isAtRest = (stage: string) =>
  ['delivered', 'failed', 'cancelled', 'expired', 'unclear', 'quoted', 'uploading', 'held'].includes(stage);
