import { html, render } from 'lit';
import type { Entry, News, PanelState } from '../../panel/protocol.ts';
import { announcement } from './announcement.ts';
import { type Act, controlsView } from './controlsView.ts';
import { countsView, flowsView, logView } from './feedView.ts';
import { askedSeed, openReplay, replayForm } from './replay.ts';
import { endTour, isTourSeen, startTour, tourView } from './tour.ts';

/** What stands beside the page: what can be broken, what happens underneath, a tour, and stories of the simulator. */
let state: PanelState | undefined;
/** By number. */
const entries = new Map<number, Entry>();
let said = '';
let isEverything = false;
let isReachable = true;

const panel = document.getElementById('panel') ?? document.body;
const beside = document.body.appendChild(document.createElement('div'));
const toggle = document.body.appendChild(document.createElement('div'));

/** Entries that are kept here: more than anybody reads. */
const kept = 400;

/** Whether the panel lies over the page instead of beside it; panel.css has the same width. */
const isNarrow = () => innerWidth < 1200;

let isOpen = (localStorage.getItem('panel') ?? (isNarrow() ? 'closed' : 'open')) === 'open';

/** Whom somebody is on the page, and where: app.ts notes it there. */
const who = () => document.body.dataset.as ?? '';
const where = () => document.body.dataset.place ?? '';

const act: Act = async (control) => {
  await fetch('/panel/do', { method: 'POST', body: JSON.stringify(control) }).catch(() => {});
};

// A tour that was left by closing the page.
void endTour(act);

function listen(): void {
  const source = new EventSource('/panel/news');
  source.onopen = () => {
    isReachable = true;
    // Another playground may have taken the place of the one before.
    entries.clear();
  };
  source.onmessage = ({ data }) => {
    const news: News = JSON.parse(data);
    if (state) say(announcement(state, news.state));
    state = news.state;
    for (const entry of news.entries) entries.set(entry.number, entry);
    for (const number of [...entries.keys()].slice(0, -kept)) entries.delete(number);
    draw();
  };
  source.onerror = () => {
    source.close();
    isReachable = false;
    draw();
    setTimeout(listen, 1000);
  };
}

/** Says something to whoever listens to the page. */
function say(text: string): void {
  if (text !== '') said = text;
}

function open(next: boolean): void {
  isOpen = next;
  localStorage.setItem('panel', isOpen ? 'open' : 'closed');
  draw();
  document.querySelector<HTMLElement>(isOpen ? '#panel h2' : '[data-panel=open]')?.focus();
}

/** On a narrow screen the panel lies over what the tour is about. */
function beginTour(now: PanelState): void {
  if (isNarrow()) open(false);
  startTour(now, act, draw);
}

function draw(): void {
  panel.hidden = !isOpen;
  const stage = state;
  render(
    isOpen
      ? html``
      : html`<button type="button" class="panel-open" data-panel="open" @click=${() => open(true)}>Watch it die</button>`,
    toggle,
  );
  if (!stage) return;
  const { controls, counts, flows } = stage;
  const here = where();
  const log = [...entries.values()]
    .filter(({ isMinor, channel }) => (isEverything || !isMinor) && (channel === null || channel === here))
    .sort((one, other) => other.at - one.at || other.number - one.number);
  render(
    html`<div class="top">
        <h2 tabindex="-1">Watch it die</h2>
        <button type="button" class="quiet" data-panel="close" @click=${() => open(false)}>Hide</button>
      </div>
      <p class="lead">Break things while it works, and see what is paid and what is kept.
        <button type="button" class="quiet" data-tour="start" @click=${() => beginTour(stage)}>${isTourSeen() ? 'Take the tour again' : 'Take the tour: six steps'}</button></p>
      <p class="unseen" role="status">${said}</p>
      ${isReachable ? '' : html`<p class="gone">The playground is not reachable. Trying again…</p>`}
      ${controlsView(controls, who(), act)}
      <h3>What happens underneath</h3>
      ${countsView(counts)}
      ${flowsView(flows.filter(({ channel }) => channel === here))}
      ${logView(log, isEverything, (next) => {
        isEverything = next;
        draw();
      })}
      ${replayForm()}`,
    panel,
  );
  render(tourView(stage, draw), beside);
}

new MutationObserver(draw).observe(document.body, { attributeFilter: ['data-as', 'data-place'] });
// Seconds that are left count down by themselves.
setInterval(draw, 1000);
listen();
draw();
addEventListener('hashchange', () => openReplay(askedSeed()));
openReplay(askedSeed());
