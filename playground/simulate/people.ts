import { linesOf } from '../discord/forms.ts';
import type { Form, Outcome } from '../discord/interactions.ts';
import { type Button, buttonsOf, type Person, type PickedFile, selectsOf, type Value } from '../discord/person.ts';
import type { Channel, Message, World } from '../discord/world.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Chance } from './chance.ts';
import { disguised, forbiddenWords, halvesOf } from './disguises.ts';
import { Managers } from './managers.ts';
import type { PressLog } from './presses.ts';
import { samples } from './samples.ts';
import type { SettingsLog } from './settingsLog.ts';
import type { Tell } from './telling.ts';
import { type Habit, habits, type Theme, usualActs, usualCommands, usualLists } from './themes.ts';

export interface Crowd {
  world: World;
  people: Person[];
  channels: Channel[];
  accounts: KubeezAccounts;
  chance: Chance;
  presses: PressLog;
  settings: SettingsLog;
  tell: Tell;
  theme: Theme | undefined;
}

/** What people do: each act is what one person could do now, by what they see. None of them waits for the bot. */
export class People {
  readonly #crowd: Crowd;
  /** Ids of flows that somebody has seen: people write them down, and use them when they are deleted. */
  readonly #ids = new Set<string>();
  readonly #deleted: string[] = [];
  readonly #habit: Habit;
  readonly #managers: Managers | undefined;
  /** Buttons that asked approvers: an app that lags behind still has them. */
  readonly #oldAsks: { message: Message; button: Button }[] = [];
  #asked = 0;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    const { world, people, channels, chance, presses, settings, tell } = crowd;
    const [manager] = people;
    const office = {
      world,
      people,
      channels: channels.filter(({ guild }) => guild !== null),
      chance,
      presses,
      settings,
      tell,
    };
    if (manager) this.#managers = new Managers({ ...office, manager, use: (...how) => this.#use(...how) });
    this.#habit = crowd.theme?.habit ?? crowd.chance.pick(habits);
  }

  /** Somebody does something. */
  act(): void {
    const { chance, people, channels, theme } = this.#crowd;
    const person = chance.pick(people);
    const places = channels.slice(0, theme?.channels).filter((channel) => this.#sees(person, channel));
    if (places.length === 0) return;
    const channel = chance.pick(places);
    const weights = { ...usualActs, ...this.#habit.acts };
    const { manages = [] } = theme ?? {};
    // What is decided is of use only before others spend.
    const kind = this.#managers?.hasDecided(manages) ? chance.weighted(weights) : 'manage';
    const acts = {
      command: () => this.#command(person, channel),
      press: () => this.#press(person, places),
      list: () => this.#list(person, channel),
      upload: () => this.#upload(),
      menu: () => this.#menu(person, channel),
      manage: () => this.#managers?.act(manages),
      account: () => this.#account(person, channel),
    };
    acts[kind]();
  }

  /** Those who wait for a price look after their cards, as people do: most of them confirm. */
  lookAfter(): void {
    const { chance, people, channels } = this.#crowd;
    for (const person of people) {
      for (const channel of channels.filter((one) => this.#sees(person, one))) {
        for (const message of person.sees(channel).slice(-12)) {
          const confirm = buttonsOf(message).find(({ label }) => label.startsWith('Confirm'));
          if (isAsk(message) && chance.happens(isOf(message, person) ? 0.15 : 0.5)) this.#pressAny(person, message);
          if (!confirm || !isOf(message, person) || !chance.happens(0.7)) continue;
          this.#pressOn(person, message, confirm);
          // Impatient people press twice.
          if (chance.happens(0.15)) this.#pressOn(person, message, confirm);
        }
      }
    }
  }

  #command(person: Person, channel: Channel): void {
    const { chance } = this.#crowd;
    const words = this.#words();
    const name = chance.weighted({ ...usualCommands, ...this.#habit.commands });
    this.#use(person, channel, name, this.#valuesFor(name, words));
  }

  /** What somebody asks for: words that nobody has used before. */
  #words(): string {
    const { chance, theme } = this.#crowd;
    this.#asked++;
    const words = `number ${this.#asked}${chance.happens(0.08) ? ' doomed' : ''}${chance.happens(0.04) ? ' explicit' : ''}`;
    return theme?.manages?.includes('rules') ? `${words}${this.#forbidden()}` : words;
  }

  /** What somebody adds who tries whether a forbidden word gets through: such a word in disguise, or half of one. */
  #forbidden(): string {
    const { chance } = this.#crowd;
    if (!chance.happens(0.25)) return '';
    const word = chance.pick(forbiddenWords);
    return ` ${chance.happens(0.25) ? halvesOf(word)[0] : disguised(word, chance)}`;
  }

  #valuesFor(name: string, words: string): Record<string, Value> {
    const { chance } = this.#crowd;
    const seed: Record<string, Value> = chance.happens(0.3) ? { seed: 1 + chance.below(1000) } : {};
    switch (name) {
      case 'image':
        return { prompt: words, ...this.#model(), ...seed };
      case 'edit':
        return { prompt: words, ...(chance.happens(0.8) ? { image: this.#file('image') } : {}), ...this.#editModel() };
      case 'animate':
        return { prompt: words, ...(chance.happens(0.5) ? { image: this.#file('image') } : {}) };
      case 'ad':
        return { product: words, variants: this.#howMany(), reference: this.#file('image') };
      case 'speech':
        return { text: words };
      case 'captions':
      case 'separate':
        return chance.happens(0.7) ? { file: this.#file('video') } : {};
      default:
        return { prompt: words };
    }
  }

  #model(): Record<string, Value> {
    const { chance, theme } = this.#crowd;
    if (theme?.manages?.includes('approvals')) return { model: chance.pick(['z-image', 'z-image-hd', 'z-image-hd']) };
    return chance.happens(0.7) ? { model: 'z-image' } : {};
  }

  /** A model that has room for pictures of a style, where there are some. */
  #editModel(): Record<string, Value> {
    return this.#crowd.theme?.manages?.includes('pictures') ? { model: 'nano-banana-edit' } : {};
  }

  /** Somebody connects an account of their own or takes it away, or says who is to pay. */
  #account(person: Person, channel: Channel): void {
    const acts: Record<string, [command: string, values: Record<string, Value>]> = {
      connect: ['connect', { mine: true }],
      disconnect: ['connect', { mine: true, off: true }],
      own: ['preferences', { account: 'own' }],
      server: ['preferences', { account: 'server' }],
    };
    const [command, values] = acts[this.#crowd.chance.weighted({ connect: 5, disconnect: 1, own: 2, server: 1 })] ?? [];
    if (command && values) this.#use(person, channel, command, values);
  }

  #howMany(): number {
    const { chance, theme } = this.#crowd;
    return theme?.hasLargeFiles ? 4 : 1 + chance.below(4);
  }

  #file(kind: 'image' | 'video'): PickedFile {
    return kind === 'image'
      ? { name: 'cat.png', type: 'image/png', data: samples.image }
      : { name: 'film.mp4', type: 'video/mp4', data: samples.video };
  }

  #use(person: Person, channel: Channel, name: string, values: Record<string, Value>): void {
    if (!person.commands(channel).some((command) => command.name === name)) return;
    const said = Object.entries(values).map(
      ([key, value]) => `${key}:${typeof value === 'object' ? value.name : value}`,
    );
    this.#crowd.tell(`${person.user.name} in #${channel.name}: /${name} ${said.join(' ')}`);
    this.#done(person, channel, () => person.command(channel, name, values));
  }

  #list(person: Person, channel: Channel): void {
    const { chance } = this.#crowd;
    const name = chance.weighted({ ...usualLists, ...this.#habit.lists });
    for (const { embeds } of person.sees(channel)) {
      const id = /#(\w{8})\b/.exec(JSON.stringify(embeds))?.[1];
      if (id) this.#ids.add(id);
    }
    if (name === 'show' && this.#ids.size === 0) return;
    this.#use(person, channel, name, name === 'show' ? { id: this.#idToShow() } : {});
  }

  #idToShow(): string {
    const { chance } = this.#crowd;
    return chance.pick(this.#deleted.length > 0 && chance.happens(0.7) ? this.#deleted : [...this.#ids]);
  }

  #menu(person: Person, channel: Channel): void {
    const { chance } = this.#crowd;
    const withFiles = person.sees(channel).filter(({ attachments }) => attachments.length > 0);
    const menus = person.menus(channel);
    if (withFiles.length === 0 || menus.length === 0) return;
    const message = chance.pick(withFiles);
    const { name } = chance.pick(menus);
    this.#crowd.tell(`${person.user.name} in #${channel.name}: menu ${name}`);
    this.#done(person, channel, () => person.menu(message, name), message);
  }

  /** Somebody presses any button they see. */
  #press(person: Person, places: Channel[]): void {
    const { chance, people } = this.#crowd;
    if (this.#oldAsks.length > 0 && chance.happens(0.1)) {
      const { message, button } = chance.pick(this.#oldAsks);
      if (this.#crowd.world.messages.has(message.id)) this.#pressOn(person, message, button);
      return;
    }
    const messages = places
      .flatMap((channel) => person.sees(channel).slice(-15))
      .filter((message) => buttonsOf(message).some(isPressable));
    if (messages.length === 0) return;
    const likes = ({ label }: Button) => this.#habit.likes.test(label);
    const liked = messages.filter((message) => buttonsOf(message).filter(isPressable).some(likes));
    const message = chance.pick(liked.length > 0 && chance.happens(0.6) ? liked : messages);
    // Most people leave the cards of others alone.
    const owner = people.find((one) => isOf(message, one));
    // Whoever asked for something rarely tries to approve it as well.
    if (isAsk(message))
      this.#pressAny(chance.pick(people.filter((one) => one !== owner || chance.happens(0.3))), message);
    else this.#pressAny(owner && chance.happens(0.7) ? owner : person, message);
  }

  /** Presses one of a message's buttons: most often one that they like. */
  #pressAny(person: Person, message: Message): void {
    const { chance } = this.#crowd;
    const buttons = buttonsOf(message).filter(isPressable);
    if (buttons.length === 0) return;
    if (isAsk(message)) for (const button of buttons) this.#oldAsks.push({ message, button });
    const best = buttons.filter(({ label }) => this.#habit.likes.test(label));
    this.#pressOn(person, message, chance.pick(best.length > 0 && chance.happens(0.7) ? best : buttons));
  }

  #pressOn(person: Person, message: Message, button: Button): void {
    const { presses, tell, channels } = this.#crowd;
    const id = button.custom_id ?? '';
    tell(
      `${person.user.name} presses ${button.label}${/#(\w{8})\b/.exec(JSON.stringify(message.embeds))?.[0].replace('#', ' on ') ?? ''}`,
    );
    presses.note(person, message, button);
    const [, deleted] = /^flow:erase:(\w+)$/.exec(id) ?? [];
    const channel = channels.find((one) => one.id === message.channel);
    if (deleted !== undefined && channel) this.#miss(deleted, channel);
    if (channel) this.#done(person, channel, () => person.pressRaw(message, id), message);
  }

  /** What was deleted is what people look for most, and soon. */
  #miss(id: string, channel: Channel): void {
    const { chance, people } = this.#crowd;
    this.#deleted.push(id);
    if (!chance.happens(0.5)) return;
    const person = chance.pick(people);
    const look = () => this.#sees(person, channel) && this.#use(person, channel, 'show', { id });
    setTimeout(look, chance.skewed(1_000, 10_000));
  }

  /** Files arrive at an upload page that waits for some. */
  #upload(): void {
    const { accounts, chance, tell } = this.#crowd;
    const uploads = accounts.all.flatMap((platform) => [...platform.uploads.values()]);
    const sessions = uploads.filter(({ files }) => files.length < 2);
    if (sessions.length === 0) return;
    const session = chance.pick(sessions);
    // Most people bring what is wanted.
    const wanted = kinds.filter((kind) => session.model.input_media_types.includes(kind));
    const kind = chance.pick(wanted.length > 0 && chance.happens(0.8) ? wanted : kinds);
    const [extension, type] = {
      image: ['png', 'image/png'],
      video: ['mp4', 'video/mp4'],
      audio: ['mp3', 'audio/mpeg'],
    }[kind];
    const id = `${session.token.slice(0, 8)}-${session.files.length}`;
    const name = `file-${session.files.length}.${extension}`;
    tell(`somebody uploads ${name}`);
    session.files.push({
      id,
      name,
      url: `/uploads/${id}/${name}`,
      kind,
      mime_type: type ?? '',
      file_size_bytes: samples[kind].length,
      ...(kind === 'image' ? { width: 64, height: 64 } : { duration_seconds: 4 }),
      uploadedAt: accounts.bot.clock.now(),
      data: samples[kind],
    });
  }

  /** Does it, and goes on with what comes up: a form, or a private answer with buttons. */
  #done(person: Person, channel: Channel, act: () => Promise<Outcome>, source?: Message): void {
    const { chance } = this.#crowd;
    const outcome = act().catch(() => undefined);
    void outcome.then((shown) => {
      if (!shown || !chance.happens(0.8)) return;
      const goOn = () => {
        if (!this.#sees(person, channel)) return;
        if (shown.type === 'form') this.#fillIn(person, channel, shown.form, source);
        if (shown.type === 'message' && shown.message.ephemeralFor !== null)
          this.#goOnWith(person, channel, shown.message);
      };
      if (shown.type === 'form') setTimeout(goOn, chance.skewed(500, 20_000));
      if (shown.type === 'message') setTimeout(goOn, 500 + chance.below(4_000));
    });
  }

  /** Goes on with a private answer: by its menu, if it has one, or a button. */
  #goOnWith(person: Person, channel: Channel, message: Message): void {
    const { chance, tell } = this.#crowd;
    const [menu] = selectsOf(message);
    const options = menu?.options ?? [];
    if (!menu || options.length === 0 || chance.happens(0.2)) {
      this.#pressAny(person, message);
      return;
    }
    const { label, value } = chance.pick(options);
    tell(`${person.user.name} picks ${label}`);
    this.#crowd.presses.note(person, message, { label, custom_id: `${menu.custom_id}=${value}` });
    this.#done(person, channel, () => person.select(message, menu.custom_id, [value]), message);
  }

  #sees(person: Person, channel: Channel): boolean {
    const { world } = this.#crowd;
    return world.channels.has(channel.id) && world.maySee(person.user, channel);
  }

  #fillIn(person: Person, channel: Channel, form: Form, source: Message | undefined): void {
    this.#crowd.tell(`${person.user.name} sends the form “${form.title}”`);
    // What stands in a form is sent as it is; where nothing does, a word.
    const values = Object.fromEntries(
      linesOf(form).flatMap(({ id, value, isRequired, choices }) => {
        if (id === 'token') return [[id, this.#crowd.accounts.tokenOf(person.user.id)]];
        if (id === 'variants') return [[id, String(this.#howMany())]];
        if (id === 'prompt' && value !== '' && this.#crowd.theme?.manages && this.#crowd.chance.happens(0.7))
          return [[id, this.#words()]];
        return isRequired && value === '' ? [[id, choices?.[0]?.value ?? 'another number']] : [];
      }),
    );
    person.submit(channel, form, values, source).catch(() => undefined);
  }
}

const kinds = ['image', 'video', 'audio'] as const;

const isPressable = ({ custom_id, disabled }: Button) => custom_id !== undefined && !disabled;

/** Whether approvers are asked by it. */
const isAsk = (message: Message) => buttonsOf(message).some(({ custom_id = '' }) => custom_id.startsWith('approval:'));

const isOf = ({ embeds }: Message, person: Person) => JSON.stringify(embeds).includes(`<@${person.user.id}>`);
