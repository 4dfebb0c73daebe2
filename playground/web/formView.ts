import { html, nothing, type TemplateResult } from 'lit';
import type { ShownForm } from './protocol.ts';

/** A form over the page, as the bot sent it. */
export function formView(
  { title, lines }: ShownForm,
  submit: (fields: Record<string, string>) => void,
  close: () => void,
): TemplateResult {
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    submit(Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, String(value)])));
  };
  return html`<dialog @close=${close} aria-labelledby="form-title">
    <form @submit=${send}>
      <h2 id="form-title">${title}</h2>
      ${lines.map((line) => html`<label><span>${line.label}${line.isRequired ? ' *' : ''}</span>${line.description ? html`<small>${line.description}</small>` : nothing}${lineView(line)}</label>`)}
      <button class="send">Submit</button> <button type="button" class="plain" @click=${close}>Cancel</button>
    </form>
  </dialog>`;
}

/** Something to write or to pick. What somebody has typed stays when the page is drawn anew. */
function lineView({ id, value, choices, isLong, isRequired, longest }: ShownForm['lines'][number]): TemplateResult {
  if (choices) {
    return html`<select name=${id} ?required=${isRequired}>
      ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`)}
    </select>`;
  }
  return isLong
    ? html`<textarea name=${id} rows="5" maxlength=${longest} ?required=${isRequired} .defaultValue=${value}></textarea>`
    : html`<input name=${id} maxlength=${longest} ?required=${isRequired} .defaultValue=${value} />`;
}
