import type { Settings } from '../kubeez/platform.ts';
import type { Managed } from './settingsLog.ts';
import type { DiscordTrouble, KubeezTrouble, MachineTrouble, PlaceTrouble } from './troubles.ts';

/** How likely each kind of act is. */
export const usualActs = { command: 7, press: 8, list: 2, upload: 3, menu: 0.5, manage: 0, account: 0 };

/** How likely each command is. */
export const usualCommands = {
  image: 8,
  edit: 2,
  video: 2,
  animate: 2,
  music: 3,
  speech: 2,
  ad: 2,
  captions: 1,
  separate: 1,
  sound: 1,
};

/** How likely each list is. */
export const usualLists = { show: 6, history: 1, jobs: 1, balance: 1, models: 0.5, help: 0.5 };

/** What people do most, and so into which part of the bot they get. */
export interface Habit {
  /** The buttons they like best. */
  likes: RegExp;
  acts?: Partial<typeof usualActs>;
  commands?: Partial<typeof usualCommands>;
  lists?: Partial<typeof usualLists>;
}

/** The habits of people in stories about nothing in particular. */
export const habits: Habit[] = [
  { likes: /^(Vary|⋯|Delete)/ },
  { likes: /^Vary/ },
  { likes: /^(Again|Check|Start again)/ },
  { likes: /^(Edit prompt|Change model|Cheaper models|Without style)/ },
  { likes: /^(Edit|Animate|Caption|Separate)/, acts: { upload: 5 } },
];

/**
 * What a story is about, when it is about one thing: some things go wrong only where several others come together, which
 * chance alone hardly ever brings about. Nothing else goes wrong in it, which would keep people from getting that far.
 */
export interface Theme {
  name: string;
  /** How many stories in a hundred are about it. */
  share: number;
  /** How often people do something. */
  acts: number;
  habit: Habit;
  /** In how many of the channels people are; in all of them when left out. */
  channels?: number;
  kubeez?: KubeezTrouble[];
  discord?: DiscordTrouble[];
  machines?: MachineTrouble[];
  places?: PlaceTrouble[];
  /** What the managers of the server decide about; nothing when left out. */
  manages?: Managed[];
  /** The requests to Discord that are struck; all of them when left out. */
  discordRequests?: RegExp;
  /** How likely one of these strikes a request; any usual rate when left out. */
  rate?: number;
  platform?: Partial<Settings>;
  /** How likely the platform keeps no history; rarely when left out. */
  withoutHistory?: number;
  /** Unknown sessions are refused with 400. */
  refusesOddly?: boolean;
  /** Pictures are so large that several do not fit into one message; they are there at once. */
  hasLargeFiles?: boolean;
  /** What goes wrong is put right without anybody noticing: only what was asked for may fail. */
  isSmooth?: boolean;
  /** How often the process is killed at most; any usual number when left out. */
  maxKills?: number;
  /** A second process waits as a spare all the time, and takes over when the first one ends. */
  hasSpare?: boolean;
  /** How many shards the bot has; one when left out. The second has a server of its own. */
  shards?: number;
  /** Where the process is killed; anywhere when left out. */
  killsAt?: RegExp;
  /** How likely each kind of incident is after each act; rare when left out. */
  incidents?: number;
}

export const themes: Theme[] = [
  {
    // Results that need several messages. One ad of several pictures is the shortest way to one.
    name: 'replies',
    share: 2,
    acts: 6,
    habit: { likes: /^Vary/, acts: { command: 14, upload: 0, list: 1 }, commands: { ad: 600 } },
    machines: ['kills'],
    platform: { generation: 'documented', speed: 10, cdnLag: 0 },
    hasLargeFiles: true,
    // Where it has posted one of several messages.
    killsAt: /^after POST \/channels/,
  },
  {
    // Several jobs in one flow, and answers that are lost.
    name: 'variants',
    share: 4,
    acts: 10,
    habit: { likes: /^Vary/, acts: { press: 14, upload: 0, list: 1 }, commands: { image: 40 } },
    kubeez: ['lost'],
  },
  {
    // People who delete results, and others who look for them.
    name: 'deletes',
    share: 2,
    acts: 10,
    channels: 1,
    habit: {
      likes: /^(⋯|Delete)/,
      acts: { press: 12, list: 8, upload: 0 },
      commands: { image: 40 },
      lists: { show: 60 },
    },
  },
  {
    // Sessions that Kubeez has lost, and says so in an unusual way.
    name: 'sessions',
    share: 1,
    acts: 6,
    habit: { likes: /^Vary/, acts: { upload: 0 } },
    kubeez: ['sessionGone'],
    rate: 0.15,
    machines: ['lostSessions'],
    refusesOddly: true,
    isSmooth: true,
  },
  {
    // Records that the store has lost.
    name: 'records',
    share: 2,
    acts: 8,
    habit: { likes: /^Vary/, acts: { upload: 0 } },
    machines: ['lostRecords'],
  },
  {
    // Spend limits, and many who want what is left.
    name: 'limits',
    share: 3,
    acts: 10,
    channels: 2,
    manages: ['limits'],
    habit: {
      likes: /^(Ask|Raise|Vary)/,
      acts: { command: 14, manage: 1, list: 0, upload: 0 },
      commands: { image: 60 },
    },
    kubeez: ['lost'],
    machines: ['kills', 'restarts'],
    platform: { speed: 10 },
  },
  {
    // Edits that show progress, and arrive after the result.
    name: 'progress',
    share: 2,
    acts: 6,
    habit: { likes: /^Vary/, acts: { upload: 0 }, commands: { image: 40 } },
    discord: ['late'],
    discordRequests: /^PATCH \/webhooks/,
    rate: 0.5,
    platform: { speed: 10, cdnLag: 0 },
  },
  {
    // What has to be approved, and people who answer, change their minds, or do not.
    name: 'approvals',
    share: 3,
    acts: 13,
    channels: 2,
    manages: ['approvals'],
    habit: {
      likes: /^(Approve|Decline|Offer|Take|Keep|Start again)/,
      acts: { command: 8, press: 12, manage: 1, list: 0, upload: 0, menu: 0 },
      commands: { image: 300 },
    },
    kubeez: ['lost'],
    machines: ['kills', 'restarts'],
    discord: ['cut', 'lost', 'serverError'],
    places: ['movedPrices', 'movedRoles', 'closedLab'],
    maxKills: 1,
    rate: 0.04,
    withoutHistory: 0.4,
    platform: { speed: 10, cdnLag: 0 },
  },
  {
    // Rules and styles that change while people ask, and people who try to get round them.
    name: 'rules',
    share: 3,
    acts: 13,
    channels: 1,
    manages: ['rules', 'styles'],
    habit: {
      likes: /^(Edit prompt|Without style|Vary|Again)/,
      acts: { command: 12, press: 5, manage: 5, list: 0, upload: 0, menu: 0 },
      commands: { image: 60, speech: 6, music: 6, video: 6 },
    },
    // What has to wait for its start may be ruled out meanwhile.
    kubeez: ['tooMany', 'tooManyWait'],
    rate: 0.03,
    machines: ['kills', 'restarts'],
    maxKills: 1,
    places: ['movedRoles'],
    platform: { speed: 10, cdnLag: 0 },
  },
  {
    // Limits of roles, and people who are given and lose roles between a price and its start.
    name: 'roles',
    share: 2,
    acts: 10,
    channels: 2,
    manages: ['roleLimits'],
    habit: {
      likes: /^(Vary|Ask|Raise)/,
      acts: { command: 14, press: 4, manage: 2, list: 0, upload: 0, menu: 0 },
      commands: { image: 60 },
    },
    kubeez: ['lost', 'tooManyWait'],
    rate: 0.04,
    machines: ['kills', 'restarts'],
    maxKills: 1,
    places: ['movedRoles'],
    incidents: 0.4,
    platform: { speed: 10, cdnLag: 0 },
  },
  {
    // People who pay for themselves, and a server that allows it or not.
    name: 'accounts',
    share: 3,
    acts: 13,
    channels: 2,
    manages: ['ownAccounts', 'limits'],
    habit: {
      likes: /^(Vary|Again|Start again|Check)/,
      acts: { command: 10, press: 5, manage: 4, account: 5, list: 1, upload: 1, menu: 0 },
      commands: { image: 60, edit: 4, music: 4 },
      lists: { show: 2, balance: 4 },
    },
    // Whoever waits for a start may be on another account by then.
    kubeez: ['lost', 'tooManyWait'],
    rate: 0.06,
    machines: ['kills', 'restarts'],
    maxKills: 1,
    platform: { speed: 10, cdnLag: 0 },
  },
  {
    // Reference pictures of a style, and people who delete them.
    name: 'pictures',
    share: 2,
    acts: 10,
    channels: 1,
    manages: ['pictures'],
    habit: {
      likes: /^(Without style|Again|Edit prompt)/,
      acts: { command: 10, press: 4, manage: 3, list: 0, upload: 0, menu: 0 },
      commands: { edit: 600 },
    },
    kubeez: ['tooManyWait', 'lost'],
    discord: ['cut', 'late'],
    rate: 0.03,
    machines: ['kills', 'restarts'],
    maxKills: 1,
    places: ['deletedPictures'],
    incidents: 0.4,
    platform: { speed: 10, cdnLag: 0 },
  },
  {
    // A server that keeps requests for a day, and days that go by while some are open.
    name: 'retention',
    share: 2,
    acts: 10,
    channels: 2,
    manages: ['retention'],
    habit: {
      likes: /^(Vary|Cancel|Check|Start again)/,
      acts: { command: 14, press: 8, manage: 0.5, list: 4, upload: 0 },
      commands: { image: 60, music: 10 },
      lists: { show: 3, history: 6 },
    },
    kubeez: ['lost', 'tooMany'],
    rate: 0.05,
    machines: ['kills', 'restarts'],
    // Where a result is noted.
    killsAt: /^after a write of .*\bmade:/,
    places: ['daysGoBy'],
    withoutHistory: 0.5,
  },
  {
    // A server that removes the bot and invites it again, whether or not a process runs.
    name: 'removals',
    share: 2,
    acts: 10,
    channels: 2,
    habit: { likes: /^(Vary|Again)/, acts: { command: 12, press: 6, upload: 0, menu: 0 }, commands: { image: 60 } },
    discord: ['lost', 'serverError'],
    rate: 0.03,
    machines: ['kills', 'gatewayDrops'],
    maxKills: 1,
    // Where something is paid for and under way.
    killsAt: /^after (generate_media|get_generation|get_status)/,
    places: ['removals'],
    incidents: 0.4,
    platform: { speed: 2 },
  },
  {
    // A spare beside the process, which takes over whenever that one dies, is asked to stop or loses its lease.
    name: 'spare',
    share: 2,
    acts: 10,
    channels: 2,
    habit: {
      likes: /^(Vary|Again|Cancel)/,
      acts: { command: 14, press: 10, upload: 1 },
      commands: { image: 60, music: 6 },
    },
    hasSpare: true,
    kubeez: ['lost', 'tooManyWait'],
    rate: 0.04,
    machines: ['kills', 'restarts', 'stolenLease'],
    // Where something is open that the spare goes on with.
    killsAt: /^(before|after) a write of .*kubeez:flow|^after (generate_media|get_generation)/,
    incidents: 0.1,
    platform: { speed: 4 },
  },
  {
    // Two processes, each with a server, and a spare that takes over whichever ends. They share the account.
    name: 'shards',
    share: 1,
    acts: 14,
    channels: 3,
    habit: {
      likes: /^(Vary|Again|Cancel)/,
      acts: { command: 20, press: 14, upload: 1, list: 1, menu: 1 },
      commands: { image: 60, music: 6 },
    },
    shards: 2,
    hasSpare: true,
    kubeez: ['lost', 'tooManyWait'],
    rate: 0.04,
    machines: ['kills', 'stolenLease'],
    maxKills: 2,
    killsAt: /^(before|after) a write of .*kubeez:flow|^after (generate_media|get_generation)/,
    incidents: 0.1,
    platform: { speed: 4 },
  },
];
