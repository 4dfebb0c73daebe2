import type { APIAttachment, APIEmbed } from 'discord.js';
import type { Line } from '../discord/forms.ts';

/** What the page is told: everything one person sees. */
export interface View {
  me: Who;
  /** The language of one's app, and all there are to choose from, by their codes. */
  language: { now: string; all: Who[] };
  /** Everybody one can be here. */
  people: (Who & { roles: string[] })[];
  /** Roles and channels, for their names. */
  named: Who[];
  server: string;
  places: Place[];
  isBotHere: boolean;
  /** Whether the bot is a process of its own, and whether it runs. */
  process: 'none' | 'running' | 'ended';
}

export interface Who {
  id: string;
  name: string;
}

export interface Place {
  id: string;
  name: string;
  kind: 'channel' | 'thread' | 'dm';
  messages: Shown[];
  commands: ShownCommand[];
  /** Entries of a message's menu. */
  menus: string[];
  /** Bytes a file may have here. */
  fileLimit: number;
}

export interface Shown {
  id: string;
  author: Who & { bot: boolean };
  content: string;
  embeds: APIEmbed[];
  selects: ShownSelect[];
  rows: ShownButton[][];
  attachments: APIAttachment[];
  usedBy: { name: string; command: string } | null;
  /** What is answered: its author, and the words it begins with; without an id where it was deleted. */
  replyTo: { id: string | null; channel: string; name: string; text: string } | null;
  isPrivate: boolean;
  isThinking: boolean;
  mentionsMe: boolean;
  at: number;
}

export interface ShownButton {
  /** Empty where the button is a link. */
  id: string;
  url: string;
  label: string;
  style: number;
  disabled: boolean;
}

/** A select menu; what is picked in it is sent at once, or, of several, together. */
export interface ShownSelect {
  id: string;
  label: string;
  isMany: boolean;
  /** Whether what was picked can be taken back. */
  mayBeEmpty: boolean;
  choices: { label: string; description: string; value: string; isChosen: boolean }[];
}

export interface ShownCommand {
  /** In the language of whoever one is. */
  name: string;
  /** By which messages mention it. */
  base: string;
  description: string;
  options: ShownOption[];
}

export interface ShownOption {
  /** Discord's number: 3 text, 4 whole number, 5 yes or no, 6 somebody, 11 file. */
  type: number;
  name: string;
  description: string;
  required: boolean;
  autocomplete: boolean;
  choices: { name: string; value: string | number }[];
}

/** What came of an action, as Discord's app shows it. */
export type Answer =
  | { type: 'message' | 'updated' | 'failed' }
  | { type: 'refused'; problem: string }
  | { type: 'choices'; choices: { name: string; value: string | number }[] }
  | { type: 'form'; form: ShownForm };

export interface ShownForm {
  title: string;
  lines: Line[];
}
