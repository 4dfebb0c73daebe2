import { html, type TemplateResult } from 'lit';
import type { Control } from '../../panel/controls.ts';
import type { ControlStates } from '../../panel/protocol.ts';

/** Does something to the bot, Kubeez or Discord. */
export type Act = (control: Control) => Promise<void>;

const speeds = [1, 4, 10];

/** The buttons that break things; each says how it stands. */
export function controlsView(states: ControlStates, me: string, act: Act): TemplateResult {
  const { losesNext, outageUntil, isDearer, closedDms, speed, jobsRunning } = states;
  const isClosed = closedDms.includes(me);
  const outage = secondsUntil(outageUntil);
  return html`<div class="controls" role="group" aria-label="Break things">
      ${botButton(states, act)}
      ${switchButton('loseNext', 'Lose the next answer', losesNext, losesNext ? 'the next paid call is done, its answer lost' : 'of a paid call: done, but never heard of', () => act({ do: 'loseNext', on: !losesNext }))}
      ${switchButton('outage', 'Outage', outageUntil !== null, outageUntil === null ? 'Kubeez is away for 20 s' : `Kubeez is back in ${outage} s`, () => act({ do: 'outage', on: outageUntil === null }))}
      ${switchButton('dearer', 'Price moves', isDearer, isDearer ? 'everything costs a quarter more' : 'up by a quarter, when it is next read', () => act({ do: 'dearer', on: !isDearer }))}
      ${switchButton('closeDms', 'Close my DMs', isClosed, isClosed ? 'the bot cannot write to you' : 'upload links come another way', () => act({ do: 'closeDms', person: me, on: !isClosed }))}
    </div>
    <div class="speed" role="group" aria-label="Speed of Kubeez’s jobs">
      ${speeds.map((times) => html`<button type="button" data-speed=${times} aria-pressed=${speed === times} @click=${() => act({ do: 'speed', times })}>×${times}</button>`)}
      <button type="button" data-control="finish" ?disabled=${jobsRunning === 0} @click=${() => act({ do: 'finish' })}>Skip to the end${jobsRunning > 0 ? ` (${jobsRunning})` : ''}</button>
      <p class="about">Only the jobs of Kubeez are faster. The bot’s clock is the real one: it still looks every 5 seconds.</p>
    </div>`;
}

/** One button, so that it keeps the focus while the bot dies and comes back. */
function botButton({ bot, isListening, startsAt }: ControlStates, act: Act): TemplateResult {
  const isRunning = bot === 'running';
  const states = {
    none: 'the bot is no process of this page',
    running: isListening ? 'kill -9, as a power cut would' : 'it is starting…',
    ended: startsAt === null ? 'it has ended' : `starts by itself in ${secondsUntil(startsAt)} s`,
  };
  return html`<button type="button" class="deadly" data-control=${isRunning ? 'kill' : 'start'} ?disabled=${bot === 'none'} @click=${() => act({ do: isRunning ? 'kill' : 'start' })}>
    <strong>${bot === 'ended' ? 'Start it again' : 'Kill the bot'}</strong> <small>${states[bot]}</small></button>`;
}

const switchButton = (name: string, label: string, isOn: boolean, says: string, press: () => void) =>
  html`<button type="button" data-control=${name} aria-pressed=${isOn} @click=${press}><strong>${label}</strong> <small>${says}</small></button>`;

const secondsUntil = (at: number | null) => Math.max(0, Math.ceil(((at ?? 0) - Date.now()) / 1000));
