import { mkdirSync, writeFileSync } from 'node:fs';
import type { Card } from '../src/flows/card.ts';
import type { Flow, Stage } from '../src/flows/flow.ts';
import { type Locale, locales, ownName } from '../src/text/languages.ts';
import { everyCard } from '../test/everyCard.ts';
import { runWithJob, someFlow, someModel, someQuote, someSession } from '../test/flows.ts';

/** `npm run cards`: writes a page that shows every card in every language side by side, to be looked at. */
const file = 'out/cards.html';

/** A flow as people have it. */
function example(stage: Stage): Flow {
  const running = ['queued', 'running', 'delivering', 'delivered', 'unclear'].includes(stage);
  const url = 'https://media.kubeez.com/fox.png';
  return someFlow({
    stage,
    asked: {
      prompt: 'a fox in snow',
      models: [{ ...someModel, name: 'Nano Banana', needs: [{ kinds: ['image'], min: 1, max: 8 }] }],
      options: { aspect_ratio: '16:9', seed: 10_071_764 },
    },
    upload: { session: stage === 'uploading' ? { ...someSession, sentBy: 'dm' } : null },
    money: { quote: someQuote, confirmed: running ? { by: '1000', credits: 7, at: 0 } : null },
    runs: running ? [runWithJob('job-1', { status: stage === 'running' ? 'running' : 'completed', charged: 7 })] : [],
    shown: {
      reason: stage === 'failed' ? { code: 'moderation' } : null,
      results: stage === 'delivered' ? [{ name: 'fox.png', url, link: url, why: null, as: 'file' }] : [],
    },
    wait: { running: running ? { since: 0, seconds: 60 } : null, position: stage === 'queued' ? 3 : null },
  });
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Enough of Discord's Markdown to read a card. */
const marked = (text: string) =>
  escaped(text)
    .replace(/^-# (.*)$/gm, '<small>$1</small>')
    .replace(/^&gt; (.*)$|^> (.*)$/gm, '<i>$1$2</i>')
    .replace(/\*\*(.+?)\*\*/g, '<b>$1</b>');

function htmlOf({ content, embeds, components }: Card): string {
  const buttons = components.flatMap(({ components }) => components).map((one) => ('label' in one ? one.label : ''));
  return [
    marked(content),
    ...embeds.map(
      ({ title = '', description = '', footer }) =>
        `<div><b>${marked(title)}</b>\n${marked(description)}\n<small>${escaped(footer?.text ?? '')}</small></div>`,
    ),
    buttons.map((label) => `<button>${escaped(label ?? '')}</button>`).join(' '),
  ].join('\n');
}

const cell = (draw: (locale: Locale) => Card, locale: Locale) =>
  `<td lang="${locale}">${htmlOf(draw(locale)).trim().replaceAll('\n', '<br>')}</td>`;

const rows = everyCard(example).map(
  ({ title, draw }) => `<tr><th>${title}</th>${locales.map((locale) => cell(draw, locale)).join('')}</tr>`,
);

mkdirSync('out', { recursive: true });
writeFileSync(
  file,
  `<!doctype html><meta charset="utf-8"><title>Cards</title><style>
body { font: 13px/1.35 sans-serif } table { border-collapse: collapse } th, td { vertical-align: top; border: 1px solid #ccc; padding: 6px; text-align: left }
td { width: 300px; max-width: 300px } td div { border-left: 3px solid #5865f2; padding-left: 6px } button { font-size: 12px; max-width: 290px } small { color: #666 }
</style><table><tr><th></th>${locales.map((locale) => `<th>${ownName(locale)}</th>`).join('')}</tr>${rows.join('\n')}</table>`,
);
console.log(file);
