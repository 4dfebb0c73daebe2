import { isOpen } from '../../src/flows/flow.ts';
import type { Channel, User, World } from '../discord/world.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Chance } from './chance.ts';
import type { Disk } from './disk.ts';
import type { Gateway } from './gateway.ts';
import type { KubeezWays } from './kubeezWays.ts';
import type { Pictures } from './pictures.ts';
import type { Processes } from './processes.ts';
import type { Promises } from './promises.ts';
import type { Removals } from './removals.ts';
import type { SettingsLog } from './settingsLog.ts';
import type { Tell } from './telling.ts';
import type { MachineTrouble, PlaceTrouble, Switch, Troubles } from './troubles.ts';
import { setClockBack, standStill, trueTime } from './virtualTime.ts';

interface IncidentParts {
  world: World;
  accounts: KubeezAccounts;
  kubeez: KubeezWays;
  gateway: Gateway;
  disk: Disk;
  processes: Processes;
  promises: Promises;
  settings: SettingsLog;
  pictures: Pictures;
  removals: Removals;
  users: User[];
  channels: Channel[];
  troubles: Troubles;
  chance: Chance;
  tell: Tell;
}

const day = 24 * 3_600_000;

/** What happens to machines, places and the platform between the acts of people. */
export class Incidents {
  readonly #parts: IncidentParts;

  constructor(parts: IncidentParts) {
    this.#parts = parts;
  }

  /** Each kind that this story has may happen now. */
  mayHappen(): void {
    const { chance, troubles } = this.#parts;
    const { machines, places } = troubles;
    const { incidents = 0.15 } = troubles.theme ?? {};
    for (const name of machines) if (chance.happens(0.15)) this.#ofMachines[name]?.();
    for (const name of places) if (chance.happens(incidents)) this.#ofPlaces[name]?.();
    if (troubles.isCalm || troubles.isPlain) return;
    if (chance.happens(0.02)) this.#for('isKubeezOut', 90_000, 'Kubeez is out');
    if (chance.happens(0.01)) this.#for('isDiscordOut', 30_000, 'Discord is out');
  }

  readonly #ofMachines: Partial<Record<MachineTrouble, () => void>> = {
    fullDisk: () => this.#for('isDiskFull', 40_000, 'the disk is full'),
    storeAway: () => this.#for('isDiskAway', 40_000, 'the store is away'),
    restarts: () => void this.#parts.processes.restart(),
    twoProcesses: () => void this.#parts.processes.roll(),
    stolenLease: () => this.#parts.processes.loseLease(),
    lostRecords: () => this.#loseRecord(),
    brokenLists: () => void this.#parts.processes.restart(() => this.#breakList()),
    lostSessions: () => {
      this.#parts.tell('Kubeez forgets every session');
      this.#parts.kubeez.forgetSessions();
    },
    gatewayDrops: () => {
      const { chance, tell, gateway } = this.#parts;
      const [milliseconds, isForgotten] = [chance.skewed(100, 10_000), chance.happens(0.3)];
      tell(`the gateway drops for ${milliseconds} ms${isForgotten ? ' and forgets' : ''}`);
      gateway.drop(milliseconds, isForgotten);
    },
    clockSetBack: () => {
      const { chance, tell } = this.#parts;
      const milliseconds = chance.skewed(2_000, 7_200_000);
      tell(`the clock is set back by ${milliseconds} ms`);
      setClockBack(milliseconds);
    },
  };

  readonly #ofPlaces: Partial<Record<PlaceTrouble, () => void>> = {
    closedDms: () => {
      const { chance, users, tell } = this.#parts;
      const user = chance.pick(users);
      user.dmsOpen = !user.dmsOpen;
      tell(`${user.name} ${user.dmsOpen ? 'opens' : 'closes'} the DMs`);
    },
    deletedCards: () => {
      const { world, chance, tell } = this.#parts;
      const cards = [...world.messages.values()].filter(({ author }) => author === world.bot.id);
      if (cards.length === 0) return;
      const { id } = chance.pick(cards);
      tell(`message ${id} is deleted`);
      world.messages.delete(id);
    },
    lostPermissions: () => this.#close(this.#parts.channels[0]),
    closedLab: () => {
      const { chance, channels } = this.#parts;
      if (chance.happens(0.05)) this.#ofPlaces.deletedChannels?.();
      else if (chance.happens(0.4)) this.#close(channels[1]);
    },
    movedRoles: () => {
      const { users, world, chance, tell } = this.#parts;
      const [guild] = world.guilds.values();
      const [user, role] = [chance.pick(users), chance.pick([...(guild?.roles.values() ?? [])].slice(1))];
      const roles = new Set(guild?.memberRoles.get(user.id));
      if (!roles.delete(role.id)) roles.add(role.id);
      guild?.memberRoles.set(user.id, roles);
      tell(`${user.name} ${roles.has(role.id) ? 'is given' : 'loses'} the role ${role.name}`);
    },
    deletedChannels: () => {
      const { channels, world, chance, tell } = this.#parts;
      const channel = channels[1];
      if (!channel || !chance.happens(0.3) || !world.channels.delete(channel.id)) return;
      tell(`#${channel.name} is deleted`);
      for (const { id } of world.messagesIn(channel.id)) world.messages.delete(id);
    },
    movedPrices: () => {
      const { accounts, chance, tell } = this.#parts;
      const by = chance.pick([1, 1, -1]);
      for (const row of accounts.bot.rows) row.cost_per_generation = Math.max(1, row.cost_per_generation + by);
      tell(`every price goes ${by > 0 ? 'up' : 'down'} by 1`);
    },
    deletedPictures: () => {
      const { world, settings, pictures, chance, tell } = this.#parts;
      const there = settings.pictures.filter((id) => world.messages.has(id));
      if (there.length === 0) return;
      const id = chance.pick(there);
      tell(`message ${id} is deleted, with a picture of a style`);
      world.messages.delete(id);
      pictures.noteDeleted(id);
    },
    removals: () => {
      const { world, promises, chance } = this.#parts;
      const [guild] = world.guilds.values();
      const isUnderWay = [...promises.flows.values()].some((flow) => isOpen(flow) && flow.money.confirmed !== null);
      // Most of what can go wrong then is about what was paid for.
      if (guild?.hasBot && !isUnderWay && chance.happens(0.8)) return;
      const turn = () => this.#setMember(!guild?.hasBot);
      if (chance.happens(0.3)) void this.#parts.processes.restart(turn);
      else turn();
    },
    daysGoBy: () => {
      const { settings, tell } = this.#parts;
      if (!settings.has('retention')) return;
      tell('two days go by');
      standStill(2 * day);
    },
    drainedCredits: () => {
      const { accounts, chance, tell } = this.#parts;
      accounts.bot.credits = chance.pick([0, 6, 40, 2_000]);
      tell(`${accounts.bot.credits} credits are left`);
    },
  };

  /** The server removes the bot, or invites it again. */
  #setMember(hasBot: boolean): void {
    const { world, gateway, removals, tell } = this.#parts;
    const [guild] = world.guilds.values();
    if (!guild || guild.hasBot === hasBot) return;
    tell(hasBot ? 'the server invites the bot again' : 'the server removes the bot');
    removals.onMember(hasBot);
    gateway.setMember(guild, hasBot);
  }

  /** The bot may no longer do something in a channel, for a while. */
  #close(channel: Channel | undefined): void {
    const { chance, tell, troubles } = this.#parts;
    if (!channel) return;
    const permission = chance.pick(['SendMessages', 'EmbedLinks', 'AttachFiles', 'ViewChannel'] as const);
    const milliseconds = chance.skewed(1_000, 60_000);
    tell(`no ${permission} in #${channel.name} for ${milliseconds} ms`);
    channel.denied.add(permission);
    troubles.closings.push({ channel: channel.id, from: trueTime(), to: trueTime() + milliseconds });
    setTimeout(() => channel.denied.delete(permission), milliseconds);
  }

  /** Something is the case for at most so many milliseconds. */
  #for(name: Switch, most: number, what: string): void {
    const { chance, troubles, tell } = this.#parts;
    const milliseconds = chance.skewed(500, most);
    tell(`${what} for ${milliseconds} ms`);
    troubles[name] = true;
    setTimeout(() => {
      troubles[name] = false;
    }, milliseconds);
  }

  /** The store forgets a flow, as one that somebody has put back from a copy. */
  #loseRecord(): void {
    const { promises, chance, tell, disk } = this.#parts;
    const open = [...promises.flows.values()].filter(isOpen);
    if (open.length === 0) return;
    const { id } = chance.pick(open);
    tell(`the record of ${id} is lost`);
    disk.records.delete(`kubeez:flow:${id}`);
    promises.forget(id);
  }

  /** A list of open flows becomes nonsense, beside the ids that are in it; processes read it when they start. */
  #breakList(): void {
    const { disk, chance, tell } = this.#parts;
    const lists = disk.openLists();
    if (lists.length === 0) return;
    const [key, text] = chance.pick(lists);
    tell(`${key} is broken`);
    const { value, ...rest } = JSON.parse(text);
    disk.records.set(key, JSON.stringify({ ...rest, value: { v: 'one', ids: [7, ...value.ids] } }));
  }
}
