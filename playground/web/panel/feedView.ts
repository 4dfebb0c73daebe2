import { html, nothing, type TemplateResult } from 'lit';
import type { Counts, Entry, ShownFlow } from '../../panel/protocol.ts';

/** Flows and lines that are shown at once. */
const maxFlows = 3;
const maxLines = 80;

/** What was paid against what was confirmed. */
export function countsView(counts: Counts): TemplateResult {
  const { paidCalls, confirmedCalls, taken, confirmed } = counts;
  const isKept = paidCalls <= confirmedCalls && taken <= confirmed;
  return html`<div class="counts">
    <p data-count="calls"><span class="paid">paid calls <b>${paidCalls}</b></span> · confirmed <b>${confirmedCalls}</b></p>
    <p data-count="credits"><span class="paid">credits taken <b>${taken}</b></span> · confirmed <b>${confirmed}</b></p>
    <p class="verdict">${isKept ? '✓ Nothing was paid that nobody confirmed.' : '✗ More was paid than was confirmed.'}</p>
  </div>`;
}

/** How the flows of a channel stand, and through which stages they came. */
export function flowsView(flows: ShownFlow[]): TemplateResult {
  if (flows.length === 0)
    return html`<p class="flows-none">No flow in this channel yet: type <code>/image a fox in snow</code>.</p>`;
  return html`<ul class="flows" aria-label="Flows in this channel">
    ${flows.slice(0, maxFlows).map(
      ({ id, recipe, passed, stage }) => html`<li data-flow=${id} data-stage=${stage}><code>#${id}</code> ${recipe}
        <ol aria-label="Stages">${passed.map((one, index) => html`<li class=${index === passed.length - 1 ? 'current' : ''} aria-current=${index === passed.length - 1 ? 'step' : nothing}>${one}</li>`)}</ol></li>`,
    )}
  </ul>`;
}

const marks = { saved: 'saved', call: 'call', paid: 'PAID', process: 'bot', trouble: 'you' };

/** What happened, newest first. */
export function logView(entries: Entry[], isEverything: boolean, showAll: (next: boolean) => void): TemplateResult {
  return html`<label class="everything"><input type="checkbox" .checked=${isEverything} @change=${({ target }: Event) => target instanceof HTMLInputElement && showAll(target.checked)} />
      Also lists, counts and reads</label>
    <ol class="log" tabindex="0" aria-label="What happened, newest first">
      ${entries.slice(0, maxLines).map(
        ({ kind, at, title, detail }) => html`<li class=${kind}>
          <time datetime=${new Date(at).toISOString()}>${timeOf(at)}</time> <span class="mark">${marks[kind]}</span>
          ${kind === 'process' || kind === 'trouble' ? title : html`<code>${title}</code>`} ${detail}</li>`,
      )}
    </ol>`;
}

/** The time of a day to the millisecond. */
function timeOf(at: number): string {
  const date = new Date(at);
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
