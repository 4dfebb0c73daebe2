import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInline, parseMarkdown, wordsOf } from '../../playground/web/markdown.ts';
import type { ShownCommand } from '../../playground/web/protocol.ts';
import { timeText } from '../../playground/web/times.ts';
import { readTyped } from '../../playground/web/typed.ts';
import { plain } from '../../src/text/cut.ts';

const strong = (...children: (object | string)[]) => ({ type: 'strong', children });
const em = (...children: (object | string)[]) => ({ type: 'em', children });
const link = (url: string, ...children: (object | string)[]) => ({ type: 'link', url, children });

test.each<[string, unknown[]]>([
  ['plain', ['plain']],
  ['**bold** and *italic* and _italic_', [strong('bold'), ' and ', em('italic'), ' and ', em('italic')]],
  ['***both***', [strong(em('both'))]],
  ['*italic **bold** italic*', [em('italic ', strong('bold'), ' italic')]],
  ['__under__ ~~gone~~', [{ type: 'underline', children: ['under'] }, ' ', { type: 'strike', children: ['gone'] }]],
  ['snake_case_name', ['snake_case_name']],
  ['2 * 3 * 4', ['2 * 3 * 4']],
  [String.raw`\_escaped\_ \*stars\* \|\|no\|\| \# \<@1\>`, ['_escaped_ *stars* ||no|| # <@1>']],
  [String.raw`**a \*\* b**`, [strong('a ** b')]],
  ['||a **secret**||', [{ type: 'spoiler', children: ['a ', strong('secret')] }]],
  ['`code_with_*marks*`', [{ type: 'code', text: 'code_with_*marks*' }]],
  ['``a ` b``', [{ type: 'code', text: 'a ` b' }]],
  ['<https://kubeez.com/a_b_c>', [link('https://kubeez.com/a_b_c', 'https://kubeez.com/a_b_c')]],
  ['see https://kubeez.com/a_b_c.', ['see ', link('https://kubeez.com/a_b_c', 'https://kubeez.com/a_b_c'), '.']],
  ['[top up](https://kubeez.com/x)', [link('https://kubeez.com/x', 'top up')]],
  ['[**top** up](<https://kubeez.com/x>)', [link('https://kubeez.com/x', strong('top'), ' up')]],
  ['[a](https://x.example/b_(c))', [link('https://x.example/b_(c)', 'a')]],
  [String.raw`[a\]b](https://x.example)`, [link('https://x.example', 'a]b')]],
  ['[no](javascript:alert(1))', ['[no](javascript:alert(1))']],
  ['<t:1700000000:R>', [{ type: 'time', seconds: 1_700_000_000, style: 'R' }]],
  ['<t:1700000000>', [{ type: 'time', seconds: 1_700_000_000, style: 'f' }]],
  [
    '<@1> <@!2> <@&3> <#4>',
    [
      { type: 'user', id: '1' },
      ' ',
      { type: 'user', id: '2' },
      ' ',
      { type: 'role', id: '3' },
      ' ',
      { type: 'channel', id: '4' },
    ],
  ],
  ['</image:1>', [{ type: 'command', name: 'image' }]],
])('a line as Discord reads it: %s', (text, pieces) => {
  expect(parseInline(text)).toEqual(pieces);
});

test('small print, headings, quotes, lists and code are blocks; lines between them stay together', () => {
  const text =
    '# Title\n-# small *print*\none\ntwo\n> said\n> again\n- a\n  - b\n1. c\n2. d\n```js\nconst a_b = 1;\n```\nend';
  expect(parseMarkdown(text)).toEqual([
    { type: 'heading', level: 1, children: ['Title'] },
    { type: 'small', children: ['small ', em('print')] },
    { type: 'text', children: ['one\ntwo'] },
    { type: 'quote', children: [{ type: 'text', children: ['said\nagain'] }] },
    {
      type: 'list',
      isOrdered: false,
      start: 1,
      items: [
        { depth: 0, children: ['a'] },
        { depth: 1, children: ['b'] },
      ],
    },
    {
      type: 'list',
      isOrdered: true,
      start: 1,
      items: [
        { depth: 0, children: ['c'] },
        { depth: 0, children: ['d'] },
      ],
    },
    { type: 'code', text: 'const a_b = 1;' },
    { type: 'text', children: ['end'] },
  ]);
  expect(parseMarkdown('>>> all\nof it')).toEqual([
    { type: 'quote', children: [{ type: 'text', children: ['all\nof it'] }] },
  ]);
  // Signs that begin no block are text.
  expect(parseMarkdown('#tag')).toEqual([{ type: 'text', children: ['#tag'] }]);
});

const typed = fc
  .array(
    fc.constantFrom(
      ...'*_~|`[]()<>@#-\\ /:.&1a'.split(''),
      'https://',
      'http://a.example/',
      '@everyone',
      '<@1>',
      '](',
      '**',
      '||',
      '\n',
    ),
    { maxLength: 25 },
  )
  .map((pieces) => pieces.join(''));

test('what a person typed is shown as it was typed, whatever marks and addresses are in it', () => {
  fc.assert(
    fc.property(typed, typed, (text, label) => {
      const pieces = parseInline(plain(text));
      for (const piece of pieces)
        if (typeof piece !== 'string')
          expect(piece).toEqual({ type: 'link', url: wordsOf([piece]), children: [expect.any(String)] });
      // In the label of a link and between marks of ours it is the same.
      expect(plain(label)).not.toMatch(/(?<!\\)(?:\\\\)*[[\]*`|<]/);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['see https://a.example/some_page_here?q=a_b&x=~1 there', 'see https://a.example/some_page_here?q=a_b&x=~1 there'],
  ['https://a.example/Fox_(animal)', 'https://a.example/Fox_(animal)'],
  ['(https://a.example/@ada)', String.raw`\(https://a.example/@ada)`],
  ['https://a.example/@everyone', String.raw`https://a.example/\@everyone`],
  ['https://a.example/*b*', String.raw`https://a.example/\*b\*`],
  ['[top up](https://a.example/x_y)', String.raw`\[top up\]\(https://a.example/x_y)`],
  ['xhttps://a_b', String.raw`xhttps://a\_b`],
  ['a_b', String.raw`a\_b`],
])('an address in what a person typed leads where it says: %s', (text, shown) => {
  expect(plain(text)).toBe(shown);
});

test('the words alone of what is answered', () => {
  expect(wordsOf(parseInline('**a** [b](https://x.example) `c` ||d||'))).toBe('a b c d');
});

test('times: away from now in words, or as a date', () => {
  const now = 1_700_000_000_000;
  expect(timeText(1_700_000_020, 'R', now)).toBe('in 20 seconds');
  expect(timeText(1_699_999_700, 'R', now)).toBe('5 minutes ago');
  expect(timeText(1_700_010_800, 'R', now)).toBe('in 3 hours');
  expect(timeText(1_700_000_000, 'F', now)).toContain('2023');
  expect(timeText(1_700_000_000, 't', now)).toMatch(/^\d{1,2}:\d{2}/);
});

const option = (name: string, type: number, rest: object = {}) => ({
  name,
  type,
  description: '',
  required: false,
  autocomplete: false,
  choices: [],
  ...rest,
});
const commands: ShownCommand[] = [
  {
    name: 'image',
    base: 'image',
    description: '',
    options: [
      option('prompt', 3, { required: true }),
      option('model', 3, { autocomplete: true }),
      option('quality', 3, { choices: [{ name: 'Best', value: 'best' }] }),
      option('seed', 4),
      option('sound', 5),
      option('person', 6),
      option('file', 11),
    ],
  },
  { name: 'music', base: 'music', description: '', options: [option('prompt', 3)] },
  { name: 'balance', base: 'balance', description: '', options: [] },
];
const people = [{ id: '7', name: 'Ben' }];
const read = (line: string) => readTyped(line, commands, people);

test('a typed line is a command with its options', () => {
  expect(read('/image a fox in snow')).toMatchObject({ values: { prompt: 'a fox in snow' }, problem: '' });
  expect(read('/music slow folk')).toMatchObject({ values: { prompt: 'slow folk' }, problem: '' });
  expect(read('/balance')).toMatchObject({ values: {}, problem: '' });
  expect(read('/image a fox model:flux dev seed:7 quality:Best sound:True person:@ben')).toMatchObject({
    values: { prompt: 'a fox', model: 'flux dev', seed: '7', quality: 'best', sound: 'true', person: '7' },
    problem: '',
  });
  expect(read('/image model:flux prompt:a fox, style: noir')).toMatchObject({
    values: { model: 'flux', prompt: 'a fox, style: noir' },
  });
});

test('a typed line that cannot be sent says why, and keeps what was read', () => {
  expect(read('/imag a fox')).toMatchObject({ command: null, problem: 'There is no command /imag.' });
  expect(read('/image model:flux')).toMatchObject({
    values: { model: 'flux' },
    problem: 'prompt: this option is required',
  });
  expect(read('/image a fox seed:seven')).toMatchObject({
    values: { prompt: 'a fox' },
    problem: 'seed: “seven” cannot be used here.',
  });
  expect(read('/image a fox file:cat.png').problem).toContain('file');
  expect(read('/balance now').problem).toContain('takes no text');
});
