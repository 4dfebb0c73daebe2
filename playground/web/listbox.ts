import { html, type TemplateResult } from 'lit';

/** A list above a text field, worked with the keys of that field (W3C: ARIA practices, combobox). */
export interface Listbox<Entry> {
  id: string;
  label: string;
  entries: Entry[];
  /** Which entry Enter takes. */
  active: number;
  activate(index: number): void;
  take(entry: Entry): void;
  close(): void;
}

/** Moves with the arrow keys, takes with Enter or Tab, closes with Escape. */
export function listKeys<Entry>(event: KeyboardEvent, list: Listbox<Entry>): void {
  const { entries, active } = list;
  const entry = entries[active];
  if (!entry || event.isComposing) return;
  const steps: Record<string, () => void> = {
    ArrowDown: () => list.activate((active + 1) % entries.length),
    ArrowUp: () => list.activate((active + entries.length - 1) % entries.length),
    Enter: () => list.take(entry),
    Tab: () => list.take(entry),
    Escape: () => list.close(),
  };
  const step = event.shiftKey ? undefined : steps[event.key];
  if (!step) return;
  event.preventDefault();
  step();
}

export const optionId = (list: { id: string }, index: number): string => `${list.id}-${index}`;

/** The list itself; `entryView` shows what stands in a line, `mark` names the attribute by which tests find it. */
export function listView<Entry>(
  list: Listbox<Entry>,
  entryView: (entry: Entry) => TemplateResult | string,
  mark: (entry: Entry) => { command?: string; choice?: string },
): TemplateResult {
  return html`<div class="popup" role="listbox" id=${list.id} aria-label=${list.label}>
    ${list.entries.map((entry, index) => {
      const { command = '', choice = '' } = mark(entry);
      // The field keeps the focus while somebody clicks.
      return html`<div role="option" id=${optionId(list, index)} aria-selected=${index === list.active} data-command=${command} data-choice=${choice}
        @mousedown=${(event: Event) => event.preventDefault()} @click=${(event: Event) => {
          event.preventDefault();
          list.take(entry);
        }}>${entryView(entry)}</div>`;
    })}
  </div>`;
}
