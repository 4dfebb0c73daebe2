import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { architecture } from '../../scripts/architecture.ts';
import { commandTable } from '../../scripts/commandTable.ts';
import { withMadePart } from '../../scripts/madePart.ts';
import { inviteLink } from '../../src/discord/invite.ts';

test.each([
  ['README.md', 'commands', commandTable],
  ['docs/architecture.md', 'rooms', architecture],
])('%s is up to date: run `npm run docs`', (file, name, make) => {
  const document = readFileSync(file, 'utf8');
  expect(document).toBe(withMadePart(document, name, make()));
});

test('README has the link that the bot itself prints', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(`\`${inviteLink('APP_ID')}\``);
});

/** The anchors that a page's headings give, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

test.each(pages.filter((name) => name.endsWith('.md')))('the links of %s lead somewhere', (page) => {
  const text = readFileSync(page, 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  const lost = links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : join(dirname(page), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
  expect(lost).toEqual([]);
});
