import { html, nothing, type TemplateResult } from 'lit';
import type { ShownForm } from './protocol.ts';

type Line = ShownForm['lines'][number];

/** A form over the page, as the bot sent it, with what became of sending it. The browser keeps the focus in it. */
export function formView(
  { title, lines }: ShownForm,
  problem: string,
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
      ${lines.map(
        (line) => html`<div class="line-of-form">
          <label for="line-${line.id}">${line.label}${line.isRequired ? html`<span aria-hidden="true"> *</span>` : nothing}</label>
          ${line.description ? html`<small id="about-${line.id}">${line.description}</small>` : nothing}
          ${lineView(line)}
        </div>`,
      )}
      ${problem ? html`<p class="problem" role="alert">${problem}</p>` : nothing}
      <div class="row end"><button type="button" class="plain" @click=${close}>Cancel</button><button class="send">Submit</button></div>
    </form>
  </dialog>`;
}

/** Something to write or to pick. What somebody has typed stays when the page is drawn anew. */
function lineView({ id, description, value, choices, isLong, isRequired, longest }: Line): TemplateResult {
  const about = description ? `about-${id}` : nothing;
  if (choices) {
    return html`<select id="line-${id}" name=${id} ?required=${isRequired} aria-describedby=${about}>
      ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`)}
    </select>`;
  }
  return isLong
    ? html`<textarea id="line-${id}" name=${id} rows="5" maxlength=${longest} ?required=${isRequired} aria-describedby=${about} .defaultValue=${value}></textarea>`
    : html`<input id="line-${id}" name=${id} maxlength=${longest} ?required=${isRequired} aria-describedby=${about} .defaultValue=${value} />`;
}
