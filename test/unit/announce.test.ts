import { expect, test } from 'vitest';
import { news, spoken } from '../../playground/web/announce.ts';
import type { Shown, ShownButton } from '../../playground/web/protocol.ts';
import { Unread } from '../../playground/web/unread.ts';

const button = (label: string): ShownButton => ({ id: label, url: '', label, style: 2, disabled: false });
const message = (id: string, changes: Partial<Shown> = {}): Shown => ({
  id,
  author: { id: '1', name: 'Kubeez', bot: true },
  content: '',
  embeds: [],
  selects: [],
  rows: [],
  attachments: [],
  usedBy: null,
  replyTo: null,
  isPrivate: false,
  isThinking: false,
  mentionsMe: false,
  at: 0,
  ...changes,
});
const card = (description: string, ...labels: string[]) =>
  message('5', { embeds: [{ title: 'Image', description }], rows: [labels.map(button)] });

test('a card is read aloud when one can do something else, and not while it only moves on', () => {
  const priced = card('**7 credits** · until <t:1:R>', 'Confirm');
  expect(news([], [priced])).toBe('Kubeez: Image. 7 credits · until');
  const running = card('▰▰▱▱ 12 s');
  expect(news([priced], [running])).toBe('Kubeez: Image. 12 s');
  expect(news([running], [card('▰▰▰▱ 13 s')])).toBe('');
  expect(news([running], [running, message('6', { isThinking: true })])).toBe('Kubeez is thinking');
});

test('what a spoiler hides is not read aloud', () => {
  const file = { id: '1', filename: 'SPOILER_fox.png', size: 1, url: '', proxy_url: '', description: 'a fox' };
  expect(spoken(message('5', { content: 'look: ||a fox||', attachments: [file] }))).toBe(
    'Kubeez: look: spoiler. spoiler',
  );
});

test('messages are new from the first that was not read, for each person', () => {
  const unread = new Unread();
  const place = (...ids: string[]) => ({
    ...{ id: '1', name: 'moodboard', kind: 'channel' as const, commands: [], menus: [], fileLimit: 1 },
    messages: ids.map((id) => message(id)),
  });
  unread.meet('ada', [place('8', '9')]);
  expect(unread.count('ada', place('8', '9'))).toBe(0);
  unread.meet('ada', [place('8', '9', '10')]);
  expect(unread.count('ada', place('9', '10', '11'))).toBe(2);
  expect(unread.first('ada', place('9', '10', '11'))).toBe('10');
  unread.read('ada', place('10', '11'));
  expect(unread.first('ada', place('10', '11'))).toBeUndefined();
  expect(unread.count('ben', place('10', '11'))).toBe(2);
});
