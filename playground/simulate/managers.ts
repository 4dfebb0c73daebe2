import { limitPeriods } from '../../src/flows/room.ts';
import type { Outcome } from '../discord/interactions.ts';
import { type Person, selectsOf, type Value } from '../discord/person.ts';
import type { Channel, Guild, Message, World } from '../discord/world.ts';
import type { Chance } from './chance.ts';
import { forbiddenWords, halvesOf } from './disguises.ts';
import type { PressLog } from './presses.ts';
import { samples } from './samples.ts';
import type { Managed, SettingsLog } from './settingsLog.ts';
import type { Tell } from './telling.ts';
import { sleep } from './virtualTime.ts';

/** A command may get lost: then it is used again, but not for ever. */
const maxTries = 4;

interface Office {
  world: World;
  /** Who manages the server. */
  manager: Person;
  people: Person[];
  /** The channels of the server; approvers are asked in the last one. */
  channels: Channel[];
  chance: Chance;
  presses: PressLog;
  settings: SettingsLog;
  tell: Tell;
  /** Lets somebody use a command, and go on from its answer as people do. */
  use(person: Person, channel: Channel, name: string, values: Record<string, Value>): void;
}

/** What those who manage a server set, and set anew while others ask for things. */
export class Managers {
  readonly #office: Office;
  /** How often each was tried. */
  readonly #tries = new Map<Managed, number>();

  constructor(office: Office) {
    this.#office = office;
  }

  /** Whether something is decided about each of these, or cannot be. */
  hasDecided = (all: readonly Managed[]) => all.every((one) => this.#isDecided(one));

  #isDecided = (what: Managed) => this.#office.settings.has(what) || (this.#tries.get(what) ?? 0) > maxTries;

  /** Decides something about one of these: about each before about any once more. */
  act(all: readonly Managed[]): void {
    const { chance, channels, world, manager } = this.#office;
    const seen = channels.filter((one) => world.channels.has(one.id) && world.maySee(manager.user, one));
    if (seen.length === 0) return;
    const left = all.filter((one) => !this.#isDecided(one));
    const what = chance.pick(left.length > 0 ? left : all);
    const isFirst = !this.#isDecided(what);
    this.#tries.set(what, (this.#tries.get(what) ?? 0) + 1);
    const channel = chance.pick(seen);
    const acts = {
      limits: () => this.#limit(seen[0] ?? channel, isFirst),
      approvals: () => this.#approval(channel, isFirst),
      rules: () => this.#rule(channel),
      styles: () => this.#style(chance.happens(0.8) ? (seen[0] ?? channel) : channel),
      roleLimits: () => this.#roleLimit(channel, isFirst),
      pictures: () => this.#picture(seen[0] ?? channel, isFirst),
      ownAccounts: () =>
        this.#pick(channel, 'accounts', 'settings:accounts', [isFirst || chance.happens(0.4) ? 'yes' : 'no']),
      retention: () =>
        this.#fillIn(channel, 'settings', 'settings:numbers', {
          retention: isFirst ? '1' : chance.pick(['1', '1', '2', '']),
        }),
    };
    void acts[what]();
  }

  /** Sets what each person with a role may spend: the roles that somebody has may have limits of their own. */
  #roleLimit(channel: Channel, isFirst: boolean): void {
    const { world, chance, manager, presses, use, channels } = this.#office;
    const everybody = channels[0] && world.guildOf(channels[0])?.id;
    const role = chance.pick([...this.#roles(), ...(everybody && !isFirst ? [everybody] : [])]);
    const credits = chance.pick([4, 8, 12, 20]);
    presses.noteLimit(credits);
    use(manager, channel, 'budget set', { credits, per: chance.pick(limitPeriods), role });
  }

  /** Gives the channel's style a picture, or takes the style away. */
  #picture(channel: Channel, isFirst: boolean): void {
    const { chance, manager, use } = this.#office;
    if (!isFirst && chance.happens(0.1)) use(manager, channel, 'style', { clear: true });
    else use(manager, channel, 'style', { picture: { name: 'moon.png', type: 'image/png', data: samples.image } });
  }

  /** Sets a spend limit, or has a look at what was spent. */
  #limit(channel: Channel, isFirst: boolean): void {
    const { chance, people, manager, presses, use } = this.#office;
    if (!isFirst && chance.happens(0.2)) {
      use(manager, channel, 'budget show', {});
      return;
    }
    const target = chance.weighted({ server: 3, channel: 1, person: 1 });
    const credits = chance.pick([4, 8, 12, 20, 60]);
    presses.noteLimit(credits);
    use(manager, channel, 'budget set', {
      credits,
      per: chance.pick(limitPeriods),
      ...(target === 'channel' ? { channel: channel.id } : {}),
      ...(target === 'person' ? { person: chance.pick(people).user.id } : {}),
    });
  }

  #approval(channel: Channel, isFirst: boolean): void {
    const { world, chance, manager, channels, use } = this.#office;
    const [approvers, others] = this.#roles();
    const where = channels.at(-1);
    if (!approvers || !others || !where || !world.channels.has(where.id)) return;
    const about = chance.happens(0.2) ? { kind: 'image' } : chance.happens(0.2) ? { role: others } : {};
    if (!isFirst && chance.happens(0.15)) {
      use(manager, channel, 'budget approval', { ...about, off: true });
      return;
    }
    use(manager, channel, 'budget approval', {
      ...about,
      above: chance.pick([0, 0, 4, 5]),
      approvers: chance.happens(0.85) ? approvers : others,
      channel: where.id,
    });
  }

  #rule(channel: Channel): void {
    const { world, chance, manager, people, channels, use } = this.#office;
    const [, others] = this.#roles();
    const some = <Item>(items: Item[]) => items.filter(() => chance.happens(0.5));
    const isRemoved = chance.happens(0.4) ? { remove: true } : {};
    const roles = some(this.#roles());
    const open = some(channels.map(({ id }) => id).filter((id) => world.channels.has(id)));
    const person = chance.pick(people).user.id;
    const word = chance.pick(forbiddenWords);
    const [maxFlows, cooldown] = [chance.pick(['', '1', '2']), chance.pick(['', '20', '90'])];
    const acts = {
      person: () => use(manager, channel, 'block', { person, ...isRemoved }),
      word: () => use(manager, channel, 'block', { word, ...isRemoved }),
      channels: () => this.#pick(channel, 'channels', 'settings:channels', open),
      roles: () => this.#pick(channel, 'roles', 'settings:roles', roles),
      kind: () => this.#pick(channel, 'image', 'settings:kind:image', others && chance.happens(0.6) ? [others] : []),
      numbers: () => this.#fillIn(channel, 'settings', 'settings:numbers', { maxFlows, cooldown }),
    };
    acts[chance.weighted({ person: 2, word: 5, channels: 0.5, roles: 0.5, kind: 1, numbers: 3 })]();
  }

  #style(channel: Channel): void {
    const { chance, manager, use } = this.#office;
    if (chance.happens(0.15)) {
      use(manager, channel, 'style', { clear: true });
      return;
    }
    const word = chance.pick(forbiddenWords);
    const [, half] = halvesOf(word);
    void this.#fillIn(channel, 'style', 'style:edit', {
      name: 'House',
      before: chance.pick(['', 'soft light', `a ${word}`]),
      after: chance.pick(['', 'film grain', half, `one ${word}`]),
      words: chance.pick(['', '', word]),
    });
  }

  /** Picks roles, channels or an answer on a section of the card of `/settings`. */
  async #pick(channel: Channel, section: string, menu: string, values: string[]): Promise<void> {
    const { manager, tell } = this.#office;
    const card = await this.#card(channel, 'settings');
    if (!card) return;
    await this.#tried(() => manager.select(card, 'settings:sections', [section]));
    if (!selectsOf(card).some(({ custom_id }) => custom_id === menu)) return;
    tell(`${manager.user.name} picks ${values.length} for ${menu}`);
    await this.#tried(() => manager.select(card, menu, values));
  }

  /** Opens a form by a button of a card, and sends it with these values. */
  async #fillIn(channel: Channel, command: string, button: string, values: Record<string, string>): Promise<void> {
    const { manager, tell } = this.#office;
    const card = await this.#card(channel, command);
    const opened = card && (await this.#tried(() => manager.pressRaw(card, button)));
    if (opened?.type !== 'form') return;
    tell(`${manager.user.name} sends the form “${opened.form.title}” with ${JSON.stringify(values)}`);
    await this.#tried(() => manager.submit(channel, opened.form, values, card));
  }

  async #card(channel: Channel, command: string): Promise<Message | undefined> {
    const { manager, tell } = this.#office;
    tell(`${manager.user.name} in #${channel.name}: /${command}`);
    const answered = await this.#tried(() => manager.command(channel, command));
    return answered?.type === 'message' ? answered.message : undefined;
  }

  /** Does something on the way to something else, and looks at what it led to. */
  async #tried(act: () => Promise<Outcome>): Promise<Outcome | undefined> {
    try {
      const outcome = await act();
      await sleep(this.#office.chance.skewed(1_000, 6_000));
      return outcome;
    } catch {
      // What they wanted to use is gone, or was never there.
      return undefined;
    }
  }

  /** Roles of the server, beside that of everybody: who approves comes first. */
  #roles(): string[] {
    const { world, channels } = this.#office;
    const guild: Guild | undefined = channels[0] && world.guildOf(channels[0]);
    return [...(guild?.roles.keys() ?? [])].filter((id) => id !== guild?.id);
  }
}
