import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { payerKind } from '../accountNames.ts';
import { cut, plain } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { allOf, speaking, t } from '../text/text.ts';
import { timestamp } from '../text/timestamp.ts';
import { writeButtonId } from './buttonId.ts';
import { seconds1, stageLines } from './cardLines.ts';
import type { Press } from './events.ts';
import { subjectOf } from './fileNames.ts';
import { fileCount, isEnough } from './files.ts';
import type { Flow, Stage } from './flow.ts';
import { changesOf, type NextStep, onCard } from './nextSteps.ts';
import { recipes } from './recipes/index.ts';
import { jobsOf, runsIn } from './runs.ts';
import { confirmLabel, footerOf, takeLabel } from './sentences.ts';
import { canTakeOff } from './style.ts';

export const colours = { waiting: 0x5865f2, working: 0x80848e, good: 0x2ecc71, bad: 0xe74c3c, unsure: 0xf1c40f };

const colourOf: Record<Stage, number> = {
  uploading: colours.waiting,
  quoting: colours.working,
  quoted: colours.waiting,
  held: colours.working,
  queued: colours.working,
  submitting: colours.working,
  running: colours.working,
  delivering: colours.working,
  delivered: colours.good,
  failed: colours.bad,
  cancelled: colours.working,
  expired: colours.working,
  unclear: colours.unsure,
};

/** The most characters of the prompt on the card; escaping may double them, and the other lines must still fit. */
export const promptRoom = 800;

/** What Discord is sent to show a flow. */
export interface Card {
  content: string;
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIButtonComponent>[];
}

/** Draws the card from the record alone, in its language. Pure; `now` in milliseconds since 1970. */
export const renderCard = (flow: Flow, now: number): Card => speaking(flow.languages.card, () => draw(flow, now));

function draw(flow: Flow, now: number): Card {
  const { note, notice } = flow.shown;
  const above = [
    promptLine(flow),
    settings(flow),
    '',
    ...(note ? [t('card.notice', { notice: plain(cut(note, 300)) })] : []),
    ...(notice ? [t('card.notice', { notice: noticeOf(notice, flow) })] : []),
  ];
  const room = limits.embedDescription - above.join('\n').length;
  const lines = [...above, ...stageLines(flow, now, room)];
  return {
    content: '',
    embeds: [
      {
        title: cut(titleOf(flow), limits.embedTitle),
        description: cut(lines.join('\n').trim(), limits.embedDescription),
        color: colourOf[flow.stage],
        ...thumbnailOf(flow),
        footer: { text: footerOf(flow) },
      },
    ],
    components: buttons(flow),
  };
}

/** What it is asked to make. */
export const promptLine = (flow: Flow) => `> ${plain(cut(flow.asked.prompt || subjectOf(flow), promptRoom))}`;

/** What changed since the requester last looked. */
function noticeOf(notice: NonNullable<Flow['shown']['notice']>, { money, wait }: Flow): string {
  const { before, quote } = money;
  if (notice === 'moved' && before !== null && quote) return t('card.priceMoved', { from: before, to: quote.credits });
  const isAway = notice === 'outage' || notice === 'busy';
  if (isAway && wait.failedAt !== null) return t(`card.${notice}`, { when: timestamp(wait.failedAt, 'R') });
  return t(`notice.${notice}`);
}

/** The picture it starts from. */
function thumbnailOf({ asked }: Flow): Pick<APIEmbed, 'thumbnail'> {
  const [first] = asked.inputs;
  return first?.kind === 'image' && /^https?:/.test(first.url) ? { thumbnail: { url: first.url } } : {};
}

export const titleOf = ({ recipe, asked }: Flow) =>
  t('card.title', {
    emoji: recipes[recipe].emoji,
    recipe: t(`recipe.${recipe}.title`),
    model: allOf(asked.models.map(({ name }) => plain(name))),
  });

export function settings(flow: Flow): string {
  const { options, spoiler, inputs } = flow.asked;
  const { aspect_ratio, resolution, quality, sound, seed, negative_prompt } = options;
  const { title, style, instrumental, negative_tags, language, languages, dialogue = [] } = options;
  const count = flow.runs.length;
  const avoided = negative_prompt ?? negative_tags;
  const voices = [...new Set(dialogue.flatMap(({ voice }) => voice ?? []))];
  const parts = [
    `<@${flow.requester}>`,
    title === undefined ? undefined : t('setting.quoted', { phrase: plain(cut(title, 80)) }),
    style === undefined ? undefined : plain(cut(style, 100)),
    instrumental ? t('setting.instrumental') : undefined,
    voices.length === 0 ? undefined : plain(cut(voices.join(', '), 100)),
    language === undefined ? undefined : plain(language),
    languages === undefined ? undefined : plain(languages.join(', ')),
    count > 1 && languages === undefined ? t('setting.variants', { count }) : undefined,
    aspect_ratio,
    options.duration ?? inputLength(flow),
    resolution,
    quality,
    sound === undefined ? undefined : sound ? t('setting.withSound') : t('setting.silent'),
    seed === undefined ? undefined : t('setting.seed', { seed: String(seed) }),
    avoided === undefined ? undefined : t('setting.without', { words: plain(cut(avoided, 100)) }),
    spoiler ? t('setting.spoiler') : undefined,
    inputs.length > 0 ? t('files.count', { kind: 'file', count: inputs.length }) : undefined,
    t('setting.payer', { payer: payerKind(flow.account), person: `<@${flow.requester}>` }),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The length of the result of a lip-sync or a motion: that of the sound or the clip it follows. */
function inputLength({ recipe, asked: { inputs } }: Flow): string | undefined {
  if (recipe !== 'lipsync' && recipe !== 'motion') return undefined;
  const seconds = inputs.find((input) => input.kind !== 'image')?.seconds;
  return seconds === undefined ? undefined : seconds1(seconds);
}

function buttons(flow: Flow): APIActionRowComponent<APIButtonComponent>[] {
  const row = buttonsOf(flow);
  if (row.length === 0) return [];
  return [{ type: ComponentType.ActionRow, components: row }];
}

type ButtonColour = Exclude<ButtonStyle, ButtonStyle.Link | ButtonStyle.Premium>;

function button(flow: Flow, action: Press | NextStep, label: string, style: ButtonColour): APIButtonComponent {
  return {
    type: ComponentType.Button,
    custom_id: writeButtonId({ action, flow: flow.id }),
    label: cut(label, limits.buttonLabel),
    style,
  };
}

function buttonsOf(flow: Flow): APIButtonComponent[] {
  const cancel = button(flow, 'cancel', t('button.cancel'), ButtonStyle.Secondary);
  const check = button(flow, 'check', t('button.check'), ButtonStyle.Primary);
  switch (flow.stage) {
    case 'uploading':
      return flow.upload.session
        ? [...uploadButtons(flow), cancel]
        : [confirmSoon(flow, t('button.gettingReady')), cancel];
    case 'quoting':
    case 'queued':
      return [confirmSoon(flow, flow.money.confirmed ? t('button.onItsWay') : t('button.pricing')), cancel];
    case 'quoted':
      return [
        button(flow, 'confirm', confirmLabel(flow.money.quote?.credits ?? 0), ButtonStyle.Success),
        ...stepButtons(flow, changesOf(flow)),
        ...(canTakeOff(flow.asked) ? [button(flow, 'unstyle', t('button.unstyle'), ButtonStyle.Secondary)] : []),
        cancel,
      ];
    case 'held': {
      const { offer } = flow.approval;
      if (!offer || offer.isRefused) return [cancel];
      const take = button(flow, 'take', takeLabel(offer.credits), ButtonStyle.Success);
      return [take, button(flow, 'wait', t('button.keepWaiting'), ButtonStyle.Secondary), cancel];
    }
    case 'unclear':
      return [
        check,
        ...(jobsOf(flow).length === 0 ? [button(flow, 'again', t('button.startAgain'), ButtonStyle.Secondary)] : []),
      ];
    case 'delivered':
      return [...(runsIn(flow, 'unclear').length > 0 ? [check] : []), ...stepButtons(flow, onCard(flow))];
    default:
      return stepButtons(flow, onCard(flow));
  }
}

/** Keeps the position of Confirm free of other buttons: a late press must not hit another button. */
const confirmSoon = (flow: Flow, label: string): APIButtonComponent => ({
  ...button(flow, 'confirm', label, ButtonStyle.Success),
  disabled: true,
});

/** Done is always shown, for the same reason, but enabled only when there are enough files. */
function uploadButtons(flow: Flow): APIButtonComponent[] {
  const { inputs } = flow.asked;
  const files = inputs.filter(({ role }) => role === undefined);
  const isReady = isEnough(flow) && inputs.length > 0 && flow.shown.notice !== 'measuring';
  const label = isReady ? t('button.doneWith', { counted: fileCount(files) }) : t('button.done');
  const done = button(flow, 'done', label, ButtonStyle.Primary);
  return [{ ...done, disabled: !isReady }, button(flow, 'link', t('button.showLink'), ButtonStyle.Secondary)];
}

/** Next steps as buttons. */
export function stepButtons(flow: Flow, steps: NextStep[]): APIButtonComponent[] {
  return steps.map((step) => button(flow, step, t(`button.${step}`), ButtonStyle.Secondary));
}
