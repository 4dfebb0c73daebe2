import { html, nothing, type TemplateResult } from 'lit';
import type { PanelState } from '../../panel/protocol.ts';
import type { Act } from './controlsView.ts';

/** A tour in six steps: what to do, and how the page knows that it was done. */
interface Step {
  title: string;
  text: string;
  isDone(before: PanelState, now: PanelState): boolean;
  /** Does for people what the step asks for, as far as that teaches something. */
  help?: { label: string; do(act: Act): void };
}

/** Of Kubeez's jobs: slow enough to be killed in between. */
const tourSpeed = 0.2;

const newest = ({ flows }: PanelState) => flows[0];
const hasEnded = (stage = '') => ['delivered', 'unclear', 'failed'].includes(stage);
const line = () => document.querySelector<HTMLInputElement | HTMLTextAreaElement>('[aria-label=Message]');

/** Types a line where messages are typed; to send it is left to whoever takes the tour. */
function type(text: string): void {
  const field = line();
  if (!field) return;
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

const steps: Step[] = [
  {
    title: 'Ask for a picture',
    text: 'Type /image a fox in snow where messages are typed, and press Enter. Nothing is spent by that.',
    isDone: (before, now) => now.flows.length > before.flows.length,
    help: { label: 'Type it for me', do: () => type('/image a fox in snow') },
  },
  {
    title: 'The price, then Confirm',
    text: 'The card says what it costs and what will be left. Press Confirm: that is the only thing that spends. For the tour Kubeez takes five times as long, so that there is time for what comes next.',
    isDone: (before, now) => now.counts.confirmedCalls > before.counts.confirmedCalls,
  },
  {
    title: 'Kill the bot while Kubeez works',
    text: 'This is kill -9: the process cannot save or say anything any more. All that has to do with credits was saved before.',
    isDone: (before, now) => now.counts.kills > before.counts.kills,
    help: { label: 'Kill the bot', do: (act) => void act({ do: 'kill' }) },
  },
  {
    title: 'See it come back',
    text: 'It starts again in a few seconds, finds the job that was paid, and brings the picture to the same card. It pays nothing again. Skip to the end if you have seen enough.',
    isDone: (before, now) =>
      now.controls.isListening && now.counts.kills > before.counts.kills && hasEnded(newest(now)?.stage),
  },
  {
    title: 'Lose an answer',
    text: 'Kubeez does the job, but its answer never arrives. Turn this on, ask for another picture and confirm it: the bot looks the job up, and never pays for it again.',
    isDone: (before, now) => now.counts.lostAnswers > before.counts.lostAnswers && hasEnded(newest(now)?.stage),
    help: { label: 'Lose the next answer', do: (act) => void act({ do: 'loseNext', on: true }) },
  },
  {
    title: 'Count',
    text: 'What was paid stands against what you confirmed, whatever died in between.',
    isDone: () => true,
  },
];

interface Tour {
  step: number;
  /** How things stood when it began. */
  before: PanelState;
  act: Act;
  /** What has the focus when it is left. */
  from: Element | null;
}
let tour: Tour | undefined;

/** Whether somebody has taken it in this browser, or left it. */
export const isTourSeen = () => localStorage.getItem('tour') === 'seen';

/** Where the speed is kept that held before the tour. */
const speedBefore = 'speedBeforeTour';

/** Gives Kubeez its speed back after a tour, also one that ended with its page. */
export async function endTour(act: Act): Promise<void> {
  const times = Number(localStorage.getItem(speedBefore));
  localStorage.removeItem(speedBefore);
  if (times > 0) await act({ do: 'speed', times });
}

/** Begins the tour. */
export function startTour(before: PanelState, act: Act, draw: () => void): void {
  tour = { step: 0, before, act, from: document.activeElement };
  localStorage.setItem(speedBefore, String(before.controls.speed));
  void act({ do: 'speed', times: tourSpeed });
  draw();
  focusTour();
}

const focusTour = () => document.querySelector<HTMLElement>('#tour-title')?.focus();

/** The step of the tour somebody is at; nothing where nobody takes it. */
export function tourView(now: PanelState, draw: () => void): TemplateResult | typeof nothing {
  document.body.dataset.tour = tour ? String(tour.step + 1) : '';
  if (!tour) return nothing;
  const { step, before, act, from } = tour;
  const current = steps[step];
  if (!current) return nothing;
  const { title, text, help } = current;
  const isDone = current.isDone(before, now);
  const isLast = step === steps.length - 1;
  const leave = () => {
    tour = undefined;
    localStorage.setItem('tour', 'seen');
    void endTour(act);
    draw();
    if (from instanceof HTMLElement && from.checkVisibility()) from.focus();
    else line()?.focus();
  };
  const go = (to: number) => {
    if (!tour) return;
    tour.step = to;
    draw();
    focusTour();
  };
  const { paidCalls, confirmedCalls } = now.counts;
  return html`<section class="tour" role="dialog" aria-labelledby="tour-title" @keydown=${({ key }: KeyboardEvent) => key === 'Escape' && leave()}>
    <p class="which">Step ${step + 1} of ${steps.length}</p>
    <h2 id="tour-title" class="title" tabindex="-1">${title}</h2>
    <p>${text}</p>
    ${isLast ? html`<p class="verdict">paid calls ${paidCalls} · confirmed ${confirmedCalls}</p>` : nothing}
    <p role="status" class="done">${isDone && !isLast ? '✓ Done: go on.' : ''}</p>
    <div class="choices">
      ${help && !isDone ? html`<button type="button" data-tour="help" @click=${() => help.do(act)}>${help.label}</button>` : nothing}
      ${step > 0 ? html`<button type="button" data-tour="back" @click=${() => go(step - 1)}>Back</button>` : nothing}
      ${isLast ? nothing : html`<button type="button" class=${isDone ? 'next' : ''} data-tour="next" @click=${() => go(step + 1)}>Next</button>`}
      <button type="button" class=${isLast ? 'next' : ''} data-tour="leave" @click=${leave}>${isLast ? 'Finish' : 'Leave the tour'}</button>
    </div>
  </section>`;
}
