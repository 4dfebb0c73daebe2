import type { Accounts } from '../accounts/accounts.ts';
import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import { Gate } from '../guilds/gate.ts';
import type { Ledger } from '../guilds/ledger.ts';
import type { RaiseRequests } from '../guilds/raiseRequests.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import { SpendLimits } from '../guilds/spendLimits.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import type { Downloads } from '../kubeez/download.ts';
import type { OpenFiles } from '../kubeez/keptFiles.ts';
import { Transfers } from '../kubeez/transfer.ts';
import type { Logger } from '../log.ts';
import type { EndedFlows } from '../state/endedFlows.ts';
import type { FlowsOfPeople } from '../state/flowsOfPeople.ts';
import type { History } from '../state/history.ts';
import type { Popularity } from '../state/popularity.ts';
import type { Preferences } from '../state/preferences.ts';
import type { Servers } from '../state/servers.ts';
import { BrokenRecord, type Store } from '../state/store.ts';
import { speaking, t } from '../text/text.ts';
import { Asks } from './asks.ts';
import { Copies } from './copies.ts';
import { Delivery } from './delivery.ts';
import { Drawer } from './drawer.ts';
import { Effects } from './effects.ts';
import { forgetServer } from './forgetServer.ts';
import { Lines } from './lines.ts';
import type { LogChannel } from './logChannel.ts';
import type { FlowRecords } from './records.ts';
import { Refunds } from './refunds.ts';
import { RemovedServers } from './removedServers.ts';
import { Retention } from './retention.ts';
import { type OnSaved, Runner } from './runner.ts';

/** Milliseconds until spend limits that could not be read are read again. */
const limitsRetry = 5_000;

/** What the engine works with. */
export interface EngineParts {
  store: Store;
  records: FlowRecords;
  accounts: Accounts;
  catalogue: Catalogue;
  messages: Messages;
  downloads: Downloads;
  openFiles: OpenFiles;
  popularity: Popularity;
  preferences: Preferences;
  history: History;
  endedFlows: EndedFlows;
  flowsOfPeople: FlowsOfPeople;
  raiseRequests: RaiseRequests;
  servers: Servers;
  /** Removes the record of a server's account, also where it can no longer be opened. */
  forgetAccount(guild: string): Promise<void>;
  ledger: Ledger;
  guildSettings: GuildSettings;
  logChannel: LogChannel;
  /** Whether this process may still act on the store. */
  mayAct(): Promise<boolean>;
  /** The part of an account's limits that is this process's. */
  shareOf(account: string): number;
  /** Milliseconds between two looks at a job. */
  pollMs: number;
  /** By how much the store is waited for longer than usual; less than 1: shorter. */
  waitFactor: number;
  /** Whoever else wants to know what happens to flows. */
  watcher?: FlowWatcher | undefined;
  clock: Clock;
  log: Logger;
}

/** Told of every change of a flow, of each whose record is gone, and of the bytes that Discord took for one. */
interface FlowWatcher {
  onSaved: OnSaved;
  forget(id: string): void;
  delivered(bytes: number): void;
}

/** What takes flows from stage to stage. */
export interface Engine {
  effects: Pick<Effects, 'stop'>;
  lines: Lines;
  runner: Runner;
  drawer: Drawer;
  delivery: Delivery;
  copies: Copies;
  spendLimits: SpendLimits;
  gate: Gate;
  refunds: Refunds;
  retention: Retention;
  removedServers: RemovedServers;
}

/** Makes the parts of the engine, which tell each other what has happened by events to the runner. */
export function createEngine(parts: EngineParts): Engine {
  const {
    records,
    messages,
    downloads,
    openFiles,
    preferences,
    accounts,
    clock,
    log,
    pollMs,
    waitFactor,
    shareOf,
    watcher,
  } = parts;
  const drawer = new Drawer({
    messages,
    clock,
    log,
    load: (id) => records.load(id),
    mayAct: parts.mayAct,
    onLost: (id) => runner.post(id, { type: 'cardLost' }),
    onOver: (id) => runner.close(id),
  });
  const delivery = new Delivery({
    messages,
    drawer,
    downloads,
    openFiles,
    preferences,
    guildSettings: parts.guildSettings,
    clock,
    log,
    onPosted: (bytes) => watcher?.delivered(bytes),
    note: async (id, event) => void (await runner.send(id, event)),
  });
  const asks = new Asks({
    messages,
    clock,
    log,
    isRunning: () => lines.isOpen,
    tell: (id, event) => runner.post(id, event),
  });
  const transfers = new Transfers(downloads);
  const spendLimits = new SpendLimits({
    settings: parts.guildSettings,
    ledger: parts.ledger,
    openIn: (guild) => records.openIn(guild),
    load: (id) => records.load(id),
    clock,
    log,
  });
  const gate = new Gate({ settings: parts.guildSettings, spendLimits, clock });
  const refunds = new Refunds({ accounts, clock, shareOf, tell: (id, event) => runner.post(id, event), log });
  const effects = new Effects(
    { ...parts, drawer, asks, delivery, transfers, spendLimits, gate, refunds },
    (id, event) => runner.post(id, event),
  );
  const lines = new Lines({
    clock,
    shareOf,
    offer: (id) => void giveStart(id),
    position: (id, position) => runner.post(id, { type: 'positioned', position }),
  });
  /**
   * A start is given out only where the rules of the server allow it and its limits have room for it; one that has none is
   * not waited for.
   */
  async function giveStart(id: string): Promise<void> {
    try {
      const verdict = await spendLimits.admit(id, gate.mayStart);
      if (!verdict) return;
      if ('payerRuledOut' in verdict) return runner.post(id, { type: 'payerRuledOut' });
      if ('full' in verdict) return runner.post(id, { type: 'limitFull', room: verdict.full });
      if ('ruledOut' in verdict) return runner.post(id, { type: 'ruledOut', reason: verdict.ruledOut });
      runner.post(id, { type: 'slotFree', at: verdict.heldAt });
    } catch (err) {
      if (err instanceof BrokenRecord)
        return runner.post(id, { type: 'ruledOut', reason: { code: 'rulesUnreadable' } });
      log.error({ err, flow: id }, 'the spend limits cannot be read; no start until they can');
      clock.wakeAt(clock.now() + limitsRetry, () => void (lines.isOpen && giveStart(id)));
    }
  }
  const runner = new Runner({
    records,
    clock,
    log,
    pollMs,
    waitFactor,
    cards: drawer,
    // Who may start is asked for in the line.
    onSaved: [
      effects.onSaved,
      spendLimits.onSaved,
      gate.onSaved,
      refunds.onSaved,
      lines.onSaved,
      parts.logChannel.onSaved,
      ...(watcher ? [watcher.onSaved] : []),
    ],
    onVanished: (id, { channel, message, language }) => {
      spendLimits.forget(id);
      gate.forget(id);
      lines.forget(id);
      watcher?.forget(id);
      const content = speaking(language, () => t('router.vanished'));
      // Nothing could be pressed, for there is no record.
      drawer.giveUp(id, channel, message, { content, embeds: [], components: [] });
    },
    act: async (effect, flow, log) => {
      // The last moment before credits are spent: another process may have taken over since the record was saved.
      if (effect.do === 'submit' && !(await parts.mayAct())) {
        const reason = { code: 'outage' as const };
        return runner.post(flow.id, { type: 'submitRefused', call: effect.call, again: true, reason });
      }
      return effects.act(effect, flow, log);
    },
  });
  const retention = new Retention({ ...parts, settings: parts.guildSettings, runner });
  const removedServers = new RemovedServers({
    servers: parts.servers,
    records,
    forget: (guild, goOn) => forgetServer(guild, { ...parts, runner, spendLimits, gate, retention }, goOn),
    clock,
    log,
  });
  return {
    effects,
    lines,
    runner,
    drawer,
    delivery,
    copies: new Copies({ accounts, delivery, downloads, log }),
    spendLimits,
    gate,
    refunds,
    retention,
    removedServers,
  };
}
