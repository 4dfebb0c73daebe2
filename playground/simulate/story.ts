import { type Bot, startBot } from '../../src/bot.ts';
import { steady, systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { isOpen } from '../../src/flows/flow.ts';
import { readBudget } from '../../src/kubeez/budget.ts';
import { createLogger } from '../../src/log.ts';
import { StartRefused } from '../../src/state/lease.ts';
import { Api } from '../discord/api.ts';
import { Interactions } from '../discord/interactions.ts';
import { Person } from '../discord/person.ts';
import { realRates } from '../discord/rates.ts';
import { type Channel, World } from '../discord/world.ts';
import { Platform } from '../kubeez/platform.ts';
import { Chance } from './chance.ts';
import { discordWays } from './discordWays.ts';
import { Disk } from './disk.ts';
import { fileAt, fileWays } from './fileWays.ts';
import { Gateway } from './gateway.ts';
import { KubeezWays } from './kubeezWays.ts';
import { Life } from './life.ts';
import { People } from './people.ts';
import { PressLog } from './presses.ts';
import { Promises } from './promises.ts';
import { Sights } from './sights.ts';
import { Telling } from './telling.ts';
import { Troubles } from './troubles.ts';
import { machineTime, restartTime, setClockBack, sleep, trueTime, turn, worldClock } from './virtualTime.ts';

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

interface Process {
  life: Life;
  bot?: Bot;
  onLost?: () => void;
}

class Story {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #troubles: Troubles;
  readonly #telling = new Telling();
  readonly #broken = new Set<string>();
  readonly #world = new World(worldClock);
  readonly #platform: Platform;
  readonly #gateway: Gateway;
  readonly #api: Api;
  readonly #kubeez: KubeezWays;
  readonly #disk: Disk;
  readonly #presses = new PressLog();
  readonly #promises: Promises;
  readonly #sights: Sights;
  readonly #people: Person[];
  readonly #channels: Channel[];
  readonly #token: string;
  readonly #processes: Process[] = [];
  #startAt: number | undefined;

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
    this.#platform = new Platform(worldClock);
    this.#platform.origin = 'https://kubeez.com';
    this.#platform.mediaOrigin = 'https://media.kubeez.com';
    this.#platform.readFile = async (url) => fileAt(new URL(url), this.#platform, world);
    this.#platform.rows = someOf(this.#platform.rows);
    troubles.settle(this.#platform.settings);
    this.#token = `${Buffer.from(world.bot.id).toString('base64url')}.stand-in.${'x'.repeat(27)}`;
    this.#gateway = new Gateway(world, troubles);
    const interactions = new Interactions(world, this.#gateway);
    this.#api = new Api({ world, gateway: this.#gateway, interactions, token: this.#token, rates: realRates });
    this.#kubeez = new KubeezWays(this.#platform, troubles, {
      onCalled: (tool, how) => tell(`Kubeez ${tool}: ${how}`),
      onPaid: (prompt) => this.#sights.onPaid(prompt),
      onArrived: (prompt, jobs, life) => this.#sights.onArrived(prompt, jobs, life),
      onLost: (prompt, life) => this.#sights.onLost(prompt, life),
    });
    this.#disk = new Disk(troubles, (key, text) => this.#onWritten(key, text));
    this.#promises = new Promises({
      world,
      platform: this.#platform,
      disk: this.#disk,
      presses: this.#presses,
      mayBeLate: () => troubles.machines.has('stolenLease'),
      mayBeClosed: ({ guild }) => troubles.places.has(guild === null ? 'closedDms' : 'lostPermissions'),
      broken: (what) => this.broken(what),
    });
    this.#sights = new Sights({
      world,
      platform: this.#platform,
      troubles,
      promises: this.#promises,
      broken: (what) => this.broken(what),
    });
    const users = [world.addUser('Ada'), world.addUser('Ben'), world.addUser('Cleo')];
    const guild = world.addGuild('Paper Moon Studio', users);
    this.#channels = [world.addChannel(guild, 'moodboard'), world.addChannel(guild, 'lab')];
    this.#people = users.map((user) => new Person(user, world, interactions, (place) => this.#api.commandsFor(place)));
    this.#channels.push(...users.map((user) => world.dmWith(user)));
    tell(`seed ${seed}: ${troubles.describe(this.#platform)}`);
  }

  broken(what: string): void {
    if (this.#broken.has(what)) return;
    this.#broken.add(what);
    this.#telling.tell(`BROKEN: ${what}`);
  }

  /** Ends every process, and tells what became of the story. */
  end(): Ended {
    for (const { life } of this.#processes) life.isOver = true;
    return {
      seed: this.#seed,
      broken: [...this.#broken],
      story: this.#telling.lines,
      flows: this.#promises.flows.size,
      paid: this.#platform.jobs.size,
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
    await this.#startProcess();
    const people = new People({
      world: this.#world,
      people: this.#people,
      channels: this.#channels,
      platform: this.#platform,
      chance: chance.branch(),
      presses: this.#presses,
      tell: this.#telling.tell,
    });
    const acts = chance.skewed(3, 24);
    for (let act = 0; act < acts; act++) {
      await sleep(chance.skewed(200, 20_000));
      await this.#keepAlive();
      people.act();
      if (chance.happens(0.7)) people.lookAfter();
      this.#stir();
    }
    // Whoever was quoted a price confirms it now, or never.
    for (let look = 0; look < 4; look++) {
      await sleep(chance.skewed(2_000, 20_000));
      await this.#keepAlive();
      people.lookAfter();
      this.#stir();
    }
    await this.#calmDown();
    this.#promises.atTheEnd();
    this.#sights.atTheEnd();
  }

  /** Something happens to machines or places. */
  #stir(): void {
    const chance = this.#chance;
    const { machines, places } = this.#troubles;
    const for_ = (set: () => void, unset: () => void, milliseconds: number, what: string) => {
      this.#telling.tell(`${what} for ${milliseconds} ms`);
      set();
      setTimeout(unset, milliseconds);
    };
    const troubles = this.#troubles;
    const now = (set: ReadonlySet<string>, name: string) => set.has(name) && chance.happens(0.15);
    if (now(machines, 'fullDisk'))
      for_(
        () => (troubles.isDiskFull = true),
        () => (troubles.isDiskFull = false),
        chance.skewed(500, 40_000),
        'the disk is full',
      );
    if (now(machines, 'storeAway'))
      for_(
        () => (troubles.isDiskAway = true),
        () => (troubles.isDiskAway = false),
        chance.skewed(500, 40_000),
        'the store is away',
      );
    if (now(machines, 'gatewayDrops')) {
      const [milliseconds, isForgotten] = [chance.skewed(100, 10_000), chance.happens(0.3)];
      this.#telling.tell(`the gateway drops for ${milliseconds} ms${isForgotten ? ' and forgets' : ''}`);
      this.#gateway.drop(milliseconds, isForgotten);
    }
    if (now(machines, 'restarts')) void this.#restart();
    if (now(machines, 'twoProcesses')) void this.#roll();
    if (now(machines, 'stolenLease')) this.#steal();
    if (now(machines, 'clockSetBack')) {
      const milliseconds = chance.skewed(2_000, 7_200_000);
      this.#telling.tell(`the clock is set back by ${milliseconds} ms`);
      setClockBack(milliseconds);
    }
    if (now(machines, 'lostRecords')) this.#loseRecord();
    if (now(machines, 'brokenLists')) void this.#restart(() => this.#breakList());
    if (now(places, 'closedDms')) {
      const { user } = chance.pick(this.#people);
      user.dmsOpen = !user.dmsOpen;
      this.#telling.tell(`${user.name} ${user.dmsOpen ? 'opens' : 'closes'} the DMs`);
    }
    if (now(places, 'deletedCards')) {
      const cards = [...this.#world.messages.values()].filter(({ author }) => author === this.#world.bot.id);
      if (cards.length > 0) {
        const { id } = chance.pick(cards);
        this.#telling.tell(`message ${id} is deleted`);
        this.#world.messages.delete(id);
      }
    }
    if (now(places, 'lostPermissions')) {
      const [channel] = this.#channels;
      const permission = chance.pick(['SendMessages', 'EmbedLinks', 'AttachFiles', 'ViewChannel'] as const);
      for_(
        () => channel?.denied.add(permission),
        () => channel?.denied.delete(permission),
        chance.skewed(1_000, 60_000),
        `no ${permission} in #${channel?.name}`,
      );
    }
    if (now(places, 'deletedChannels') && chance.happens(0.3)) {
      const channel = this.#channels[1];
      if (channel && this.#world.channels.delete(channel.id)) {
        this.#telling.tell(`#${channel.name} is deleted`);
        for (const { id } of this.#world.messagesIn(channel.id)) this.#world.messages.delete(id);
      }
    }
    if (now(places, 'movedPrices')) {
      for (const row of this.#platform.rows) row.cost_per_generation += 1;
      this.#telling.tell('every price goes up by 1');
    }
    if (now(places, 'drainedCredits')) {
      this.#platform.credits = chance.pick([0, 6, 40, 2_000]);
      this.#telling.tell(`${this.#platform.credits} credits are left`);
    }
    const mayGoOut = !troubles.isCalm && !troubles.isQuiet;
    if (mayGoOut && chance.happens(0.02))
      for_(
        () => (troubles.isKubeezOut = true),
        () => (troubles.isKubeezOut = false),
        chance.skewed(1_000, 90_000),
        'Kubeez is out',
      );
    if (mayGoOut && chance.happens(0.01))
      for_(
        () => (troubles.isDiscordOut = true),
        () => (troubles.isDiscordOut = false),
        chance.skewed(1_000, 30_000),
        'Discord is out',
      );
  }

  /** The store forgets a flow, as one that somebody has put back from a copy. */
  #loseRecord(): void {
    const open = [...this.#promises.flows.values()].filter(isOpen);
    if (open.length === 0) return;
    const { id } = this.#chance.pick(open);
    this.#telling.tell(`the record of ${id} is lost`);
    this.#disk.records.delete(`kubeez:flow:${id}`);
    this.#promises.forget(id);
  }

  /** A list of open flows becomes nonsense, beside the ids that are in it; processes read it when they start. */
  #breakList(): void {
    const lists = [...this.#disk.records].filter(([key]) => /^kubeez:guild:\w+:open$/.test(key));
    if (lists.length === 0) return;
    const [key, text] = this.#chance.pick(lists);
    this.#telling.tell(`${key} is broken`);
    const { value, ...rest } = JSON.parse(text);
    this.#disk.records.set(key, JSON.stringify({ ...rest, value: { v: 'one', ids: [7, ...value.ids] } }));
  }

  get #alive() {
    return this.#processes.filter(({ life }) => !life.isOver);
  }

  /** Whoever runs the bot starts it again, some time after it died. */
  async #keepAlive(): Promise<void> {
    if (this.#alive.length > 0) return;
    this.#startAt ??= trueTime() + this.#chance.skewed(100, 60_000);
    if (trueTime() >= this.#startAt || this.#troubles.isCalm) await this.#startProcess();
  }

  async #startProcess(): Promise<void> {
    this.#startAt = undefined;
    const { tell } = this.#telling;
    const number = this.#processes.length + 1;
    const life = new Life(
      number,
      () => this.#troubles.kills(),
      (where) => tell(`process ${number} is killed ${where}`),
    );
    const known: Process = { life };
    this.#processes.push(known);
    tell(`process ${number} starts`);
    this.#sights.noteStart();
    const parsed = parseConfig({ DISCORD_TOKEN: this.#token, KUBEEZ_TOKEN: 'stand-in-token' });
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    const end = (why: string) => {
      life.isOver = true;
      tell(`process ${number} ends: ${why}`);
    };
    const started = startBot(parsed.config, {
      clock: systemClock,
      readBudget,
      log: createLogger('warn', { write: (line) => life.isOver || this.#onLogged(number, line) }),
      network: {
        discord: {
          makeRequest: discordWays(this.#api, this.#world, life, this.#troubles, {
            onAnswered: (request, status, body) => this.#onDiscord(request, status, body),
            onEdit: (before, after, id) => this.#sights.onEdit(before, after, id),
          }),
          buildStrategy: this.#gateway.strategyFor(life),
        },
        kubeez: this.#kubeez.fetchFor(life),
        files: fileWays(this.#platform, this.#world, life, this.#troubles),
        store: this.#disk.storeFor(life),
        lease: (onLost) => {
          known.onLost = onLost;
          return this.#disk.leaseFor(life);
        },
      },
      onEnd: end,
    }).then(
      (bot) => {
        known.bot = bot;
      },
      (error) => {
        end(error instanceof Error ? error.message : String(error));
        if (!(error instanceof StartRefused))
          this.broken(`a start failed: ${error instanceof Error ? error.stack : error}`);
      },
    );
    await Promise.race([started, sleep(20_000)]);
  }

  /** A second process is started beside the first, which is perhaps asked to stop then: a rolling restart. */
  async #roll(): Promise<void> {
    const [first] = this.#alive;
    void this.#startProcess();
    await sleep(this.#chance.skewed(500, 15_000));
    if (first?.bot && !first.life.isOver && this.#chance.happens(0.7)) await this.#stop(first);
  }

  /** The store gives the lease to somebody else: the process learns of it a little later. */
  #steal(): void {
    const holder = this.#alive.find(({ life }) => life === this.#disk.holder);
    if (!holder) return;
    this.#telling.tell(`process ${holder.life.number} loses its lease`);
    this.#disk.holder = undefined;
    setTimeout(() => holder.onLost?.(), this.#chance.skewed(10, 3_000));
    void this.#startProcess();
  }

  async #stop({ life, bot }: Process): Promise<void> {
    this.#telling.tell(`process ${life.number} is asked to stop`);
    await bot?.stop();
    life.isOver = true;
  }

  /** The bot is asked to stop, as by a supervisor, and started anew. */
  async #restart(meanwhile = () => {}): Promise<void> {
    const [one] = this.#alive;
    if (!one?.bot) return;
    await this.#stop(one);
    meanwhile();
    await this.#startProcess();
  }

  /** No more trouble: now everything must come to its end. */
  async #calmDown(): Promise<void> {
    this.#telling.tell('calm from here on');
    const troubles = this.#troubles;
    Object.assign(troubles, {
      isCalm: true,
      isDiskFull: false,
      isDiskAway: false,
      isKubeezOut: false,
      isDiscordOut: false,
    });
    this.#platform.credits += 1_000;
    for (const channel of this.#channels) channel.denied.clear();
    for (let look = 0; look < 14; look++) {
      await this.#keepAlive();
      await sleep(look < 5 ? minute / 2 : 5 * minute);
      if ([...this.#promises.flows.values()].every(({ stage }) => isAtRest(stage))) break;
    }
    await sleep(10_000);
  }

  #onWritten(key: string, text: string | undefined): void {
    const before = this.#promises.flows.get(/^kubeez:flow:(\w+)$/.exec(key)?.[1] ?? '')?.stage;
    this.#promises.onWritten(key, text);
    const flow = this.#promises.flows.get(/^kubeez:flow:(\w+)$/.exec(key)?.[1] ?? '');
    if (flow && flow.stage !== before)
      this.#telling.tell(
        `${flow.id} ${flow.recipe} is ${flow.stage}${flow.shown.reason ? ` (${flow.shown.reason.code})` : ''}`,
      );
  }

  /** Discord refused something: no fault of a network, but of the bot, unless a place was closed to it. */
  #onDiscord(request: string, status: number, text: string): void {
    if (status < 400 || status === 403 || status === 429) return;
    const code = /"code":(\d+)/.exec(text)?.[1] ?? '';
    const isExpected = ['10003', '10008', '10015', '10062', '40060', '50027'].includes(code);
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
function someOf(rows: Platform['rows']): Platform['rows'] {
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
  ['delivered', 'failed', 'cancelled', 'expired', 'unclear', 'quoted', 'uploading'].includes(stage);
