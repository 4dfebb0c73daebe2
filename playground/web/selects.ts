import { html, type TemplateResult } from 'lit';
import type { ShownSelect } from './protocol.ts';

type Pick = (picked: string[]) => void;

/** A select menu: of one thing, or of several to tick. */
export function selectView(select: ShownSelect, pick: Pick): TemplateResult {
  const { id, label, isMany, mayBeEmpty, choices } = select;
  if (isMany) return manyView(select, pick);
  const change = ({ target }: Event) => {
    if (!(target instanceof HTMLSelectElement)) return;
    if (target.value !== '') pick([target.value]);
    else if (mayBeEmpty) pick([]);
  };
  const hasChosen = choices.some(({ isChosen }) => isChosen);
  return html`<div class="row"><select data-select=${id} aria-label=${label} @change=${change} @keydown=${openFirst}>
    <option value="" ?selected=${!hasChosen}>${label}</option>
    ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.isChosen}>${choice.label}${choice.description ? ` — ${choice.description}` : ''}</option>`)}
  </select></div>`;
}

/** A closed menu would pick with every arrow, and each pick is sent: keys open it, and Enter picks. */
export function openFirst(event: KeyboardEvent): void {
  const picks = event.key.startsWith('Arrow') || /^(Home|End|Page.*|[^ ])$/.test(event.key);
  if (!picks || event.ctrlKey || event.altKey || event.metaKey || !(event.target instanceof HTMLSelectElement)) return;
  event.preventDefault();
  event.target.showPicker();
}

function manyView({ id, label, choices }: ShownSelect, pick: Pick): TemplateResult {
  const chosen = choices.filter(({ isChosen }) => isChosen).map((choice) => choice.label);
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    event.target.closest('details')?.removeAttribute('open');
    pick(new FormData(event.target).getAll('picked').map(String));
  };
  return html`<details class="row many" data-select=${id}><summary>${chosen.length > 0 ? chosen.join(', ') : label}</summary>
    <form aria-label=${label} @submit=${send}>
      ${choices.map((choice) => html`<label class="tick"><input type="checkbox" name="picked" value=${choice.value} ?checked=${choice.isChosen} />${choice.label}</label>`)}
      <button class="button secondary">Pick these</button>
    </form>
  </details>`;
}
