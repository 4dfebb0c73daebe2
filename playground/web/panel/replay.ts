import { html, nothing, render, type TemplateResult } from 'lit';
import type { Replay } from '../../panel/protocol.ts';
import { atStep } from './story.ts';

/** A story of the simulator, to be stepped through. `#seed=3614` in the address opens it. */
let seed: number | undefined;
let replay: Replay | undefined;
let step = 0;
let playing: ReturnType<typeof setInterval> | undefined;
let stopAsking = () => {};

const root = document.body.appendChild(document.createElement('div'));

/** Milliseconds between two steps that go by themselves. */
const pace = 700;

/** The seed that the page's address names. */
export function askedSeed(): number | undefined {
  const [, digits] = /^#seed=(\d{1,9})$/.exec(location.hash) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Where somebody chooses a story. */
export const replayForm = (): TemplateResult => html`<form class="replay-form" @submit=${choose}>
  <h3>Replay a story of the simulator</h3>
  <p>Thousands of stories are played before each release, with kills, lost answers and people who change their minds.</p>
  <label>Seed <input name="seed" type="number" min="1" max="999999999" required value="3614" /></label>
  <button type="submit">Replay</button>
</form>`;

function choose(event: SubmitEvent): void {
  event.preventDefault();
  const { currentTarget } = event;
  if (!(currentTarget instanceof HTMLFormElement)) return;
  const next = `#seed=${new FormData(currentTarget).get('seed')}`;
  if (location.hash === next) void openReplay(askedSeed());
  else location.hash = next;
}

/** Opens the story of a seed, or closes what is open. */
export async function openReplay(next: number | undefined): Promise<void> {
  if (next === seed && root.querySelector('dialog')) return;
  pause();
  stopAsking();
  seed = next;
  replay = undefined;
  step = 0;
  draw();
  if (next === undefined) return;
  const asking = new AbortController();
  stopAsking = () => asking.abort();
  const problem = 'The playground is not reachable. Try again in a moment.';
  const answer: Replay = await fetch(`/panel/replay?seed=${next}`, asking)
    .then((got) => got.json())
    .catch(() => ({ type: 'refused', problem }));
  if (asking.signal.aborted) return;
  replay = answer;
  draw();
  root.querySelector<HTMLElement>('[data-step=next]')?.focus();
}

const lines = (): string[] => (replay?.type === 'story' ? replay.story : []);

function go(to: number): void {
  step = Math.min(Math.max(0, to), Math.max(0, lines().length - 1));
  if (step === lines().length - 1) pause();
  draw();
  root.querySelector('[aria-current=step]')?.scrollIntoView({ block: 'center' });
}

function pause(): void {
  clearInterval(playing);
  playing = undefined;
}

function play(): void {
  if (playing) pause();
  else {
    if (step === lines().length - 1) step = 0;
    playing = setInterval(() => go(step + 1), pace);
  }
  draw();
}

function close(): void {
  history.replaceState(null, '', location.pathname + location.search);
  void openReplay(undefined);
  document.querySelector<HTMLElement>('.replay-form button')?.focus();
}

/** The slider has these keys for itself. */
function onKey(event: KeyboardEvent): void {
  if (event.target instanceof HTMLInputElement) return;
  if (event.key === 'ArrowRight') go(step + 1);
  if (event.key === 'ArrowLeft') go(step - 1);
}

function draw(): void {
  render(seed === undefined ? nothing : dialogView(seed), root);
  const dialog = root.querySelector('dialog');
  if (dialog && !dialog.open) dialog.showModal();
}

function dialogView(seed: number): TemplateResult {
  return html`<dialog class="replay" aria-labelledby="replay-title" @close=${close} @keydown=${onKey}>
    <div class="top">
      <h2 id="replay-title">The story of seed ${seed}</h2>
      <button type="button" class="quiet" data-replay="close" @click=${close}>Close</button>
    </div>
    ${!replay ? html`<p role="status">The simulator plays it, in a process of its own…</p>` : replay.type === 'refused' ? html`<p role="alert">${replay.problem}</p>` : storyView(replay)}
  </dialog>`;
}

function storyView(told: Extract<Replay, { type: 'story' }>): TemplateResult {
  const { story, broken, flows, paid } = told;
  const last = story.length - 1;
  const now = atStep(story, step);
  return html`<div class="steps">
      <button type="button" data-step="previous" ?disabled=${step === 0} @click=${() => go(step - 1)}>Previous</button>
      <button type="button" data-step="play" @click=${play}>${playing ? 'Pause' : 'Play'}</button>
      <button type="button" data-step="next" ?disabled=${step === last} @click=${() => go(step + 1)}>Next</button>
      <input type="range" aria-label="Step" aria-valuetext=${`${step + 1} of ${story.length}`} min="0" max=${last} .value=${String(step)} @input=${({ target }: Event) => target instanceof HTMLInputElement && go(Number(target.value))} />
      <button type="button" data-step="last" ?disabled=${step === last} @click=${() => go(last)}>To the end</button>
      <span>Step ${step + 1} of ${story.length}</span>
    </div>
    <p class="told" role="status">${story[step]?.trim()}</p>
    <div class="sides">
      <ol class="story" tabindex="0" aria-label="The story">${story.map(
        (line, index) =>
          html`<li class=${index > step ? 'later' : index === step ? 'current' : ''} aria-current=${index === step ? 'step' : nothing}>${line}</li>`,
      )}</ol>
      <div class="now">
        <h3>At this step</h3>
        <p>${now.process === null ? 'No process runs.' : `Process ${now.process} runs.`} ${now.kills === 0 ? '' : now.kills === 1 ? 'One was killed.' : `${now.kills} were killed.`}</p>
        ${now.flows.size === 0 ? html`<p>No flow yet.</p>` : html`<ul>${[...now.flows].map(([id, stage]) => html`<li><code>${id}</code> ${stage}</li>`)}</ul>`}
        <h3>The promises</h3>
        ${step < last ? html`<p>They are checked at the end.</p>` : promisesView(broken, flows, paid)}
        <p>The same in a terminal: <code>npm run simulate -- --seed ${told.seed}</code></p>
      </div>
    </div>`;
}

const promisesView = (broken: string[], flows: number, paid: number) =>
  html`<p class="verdict">${broken.length === 0 ? '✓ Every promise was kept' : '✗ A promise was broken'}: ${flows} flows, ${paid} paid jobs.</p>
    ${broken.map((what) => html`<p class="gone">✗ ${what}</p>`)}`;
