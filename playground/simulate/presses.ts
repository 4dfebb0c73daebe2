import type { Button, Person } from '../discord/person.ts';
import type { Message, World } from '../discord/world.ts';
import { trueTime } from './virtualTime.ts';

/** A press or a choice, as it was when somebody made it. */
export interface Press {
  /** The id of the button or menu; of a menu with what was chosen. */
  id: string;
  /** Credits that the button named; NaN where it named none. */
  credits: number;
  by: string;
  /** Their roles, beside that of everybody. */
  roles: string[];
  managesServer: boolean;
  /** What the message said. */
  seen: string;
}

/** What people agreed to, in the words of the buttons they pressed. Each press stands behind one thing at most. */
export class PressLog {
  readonly #world: World;
  readonly #presses: Press[] = [];
  /** When each message was last pressed on, in milliseconds since 1970. */
  readonly #times = new Map<string, number>();
  readonly #limits = new Set<number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** When a message was last pressed on, in milliseconds since 1970; 0 if never. */
  lastOn = (message: string) => this.#times.get(message) ?? 0;

  note(person: Person, message: Message, { label, custom_id = '' }: Pick<Button, 'label' | 'custom_id'>): void {
    this.#times.set(message.id, trueTime());
    const credits = Number(/([\d.,]+)( credits?)?$/.exec(label)?.[1]?.replaceAll(',', '') ?? Number.NaN);
    const guild = this.#world.guilds.get(this.#world.channels.get(message.channel)?.guild ?? '');
    this.#presses.push({
      id: custom_id,
      credits,
      by: person.user.id,
      roles: [...(guild?.memberRoles.get(person.user.id) ?? [])],
      managesServer: guild?.admins.has(person.user.id) ?? false,
      seen: JSON.stringify(message.embeds),
    });
  }

  /** Takes note of what a manager typed as a spend limit, in credits. */
  noteLimit(credits: number): void {
    this.#limits.add(credits);
  }

  /** Whether a manager ever set a spend limit of so many credits. */
  wasSet = (credits: number) => this.#limits.has(credits);

  /** All presses that fit and were not used up. One may have been lost on its way: nobody can tell which one was heard. */
  fitting = (fits: (press: Press) => boolean): Press[] => this.#presses.filter(fits);

  /** Uses up a press that fits; gives it, or undefined where there is none. */
  use(fits: (press: Press) => boolean): Press | undefined {
    const index = this.#presses.findIndex(fits);
    return index < 0 ? undefined : this.#presses.splice(index, 1)[0];
  }
}

/** Whether two prices are the same. */
export const isSamePrice = (one: number, other: number) => Math.abs(one - other) < 0.005;
