import { readFileSync } from 'node:fs';
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
