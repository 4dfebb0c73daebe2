import { z } from 'zod';
import type { BotControl } from '../botProcess.ts';
import type { Fault } from '../kubeez/faults.ts';
import type { Stage } from '../stage.ts';
import type { ControlStates } from './protocol.ts';

/** What somebody does by the panel. */
export const controlSchema = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['kill', 'start', 'finish']) }),
  z.object({ do: z.enum(['loseNext', 'outage', 'dearer']), on: z.boolean() }),
  z.object({ do: z.literal('closeDms'), person: z.string(), on: z.boolean() }),
  z.object({ do: z.literal('speed'), times: z.number().min(0.1).max(1000) }),
]);
export type Control = z.infer<typeof controlSchema>;

/** Milliseconds until a killed bot is started again by itself. */
export const usualPause = 5_000;
/** Milliseconds that an outage lasts. */
const outageLasts = 20_000;
/** By how much prices go up. */
const dearerBy = 1.25;

type Starter = Pick<BotControl, 'isRunning' | 'kill' | 'start'>;

/** Lets go wrong what can go wrong. */
export class Controls {
  readonly #stage: Stage;
  readonly #bot: Starter | undefined;
  /** Milliseconds until a killed bot is started again by itself; null: it is not. */
  readonly #pause: number | null;
  /** Told what was done, as people read it. */
  readonly #note: (text: string) => void;
  #losing: Fault | undefined;
  #restart: { at: number; timer: NodeJS.Timeout } | undefined;
  #outage: { until: number; timer: NodeJS.Timeout } | undefined;

  constructor(stage: Stage, bot: Starter | undefined, pause: number | null, note: (text: string) => void) {
    this.#stage = stage;
    this.#bot = bot;
    this.#pause = pause;
    this.#note = note;
  }

  states(): ControlStates {
    const { discord, guild, kubeez } = this.#stage;
    const { platform } = kubeez;
    const now = Date.now();
    return {
      bot: !this.#bot ? 'none' : this.#bot.isRunning() ? 'running' : 'ended',
      isListening: discord.gateway.isListening(guild.id),
      startsAt: this.#bot?.isRunning() ? null : (this.#restart?.at ?? null),
      losesNext: (this.#losing?.times ?? 0) > 0,
      outageUntil: this.#outage?.until ?? null,
      isDearer: platform.settings.priceFactor !== 1,
      closedDms: [...discord.world.users.values()].filter(({ dmsOpen }) => !dmsOpen).map(({ id }) => id),
      speed: platform.settings.speed,
      jobsRunning: [...platform.jobs.values()].filter(({ readyAt }) => readyAt > now).length,
    };
  }

  do(control: Control): void {
    const { platform } = this.#stage.kubeez;
    switch (control.do) {
      case 'kill':
        this.#kill();
        break;
      case 'start':
        this.#start();
        break;
      case 'finish':
        platform.finishAll();
        this.#note('Every job that runs is finished now');
        break;
      case 'loseNext':
        this.#loseNext(control.on);
        break;
      case 'outage':
        if (control.on) this.#beginOutage();
        else this.#endOutage();
        break;
      case 'dearer':
        platform.settings.priceFactor = control.on ? dearerBy : 1;
        this.#note(control.on ? 'All prices go up by a quarter' : 'All prices are as they were');
        break;
      case 'closeDms': {
        const user = this.#stage.discord.world.user(control.person);
        user.dmsOpen = !control.on;
        this.#note(`${user.name} ${control.on ? 'closes' : 'opens'} their DMs`);
        break;
      }
      case 'speed':
        platform.setSpeed(control.times);
        this.#note(`Kubeez works ${control.times}× as fast as its estimates`);
    }
  }

  #kill(): void {
    if (!this.#bot?.isRunning()) return;
    this.#bot.kill();
    clearTimeout(this.#restart?.timer);
    if (this.#pause === null) return;
    this.#restart = { at: Date.now() + this.#pause, timer: setTimeout(() => this.#start(), this.#pause) };
  }

  #start(): void {
    clearTimeout(this.#restart?.timer);
    this.#restart = undefined;
    this.#bot?.start();
  }

  #loseNext(on: boolean): void {
    const { faults, calls } = this.#stage.kubeez;
    if (this.#losing) this.#losing.times = 0;
    this.#losing = on ? { tool: { test: (tool) => calls.paidTools.has(tool) }, times: 1, how: 'lost' } : undefined;
    if (this.#losing) faults.push(this.#losing);
    this.#note(on ? 'The answer to the next paid call will be lost' : 'No answer will be lost');
  }

  #beginOutage(): void {
    this.#endOutage();
    this.#stage.kubeez.outage.on = true;
    this.#outage = { until: Date.now() + outageLasts, timer: setTimeout(() => this.#endOutage(), outageLasts) };
    this.#note('Kubeez is away');
  }

  #endOutage(): void {
    if (!this.#outage) return;
    clearTimeout(this.#outage.timer);
    this.#outage = undefined;
    this.#stage.kubeez.outage.on = false;
    this.#note('Kubeez is back');
  }

  close(): void {
    clearTimeout(this.#restart?.timer);
    clearTimeout(this.#outage?.timer);
  }
}
