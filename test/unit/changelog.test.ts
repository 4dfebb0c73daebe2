import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { released } from '../../scripts/changelog.ts';

const changelog = '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0\n\nThe first.\n';

test('a release puts what was unreleased under its version and day', () => {
  expect(released(changelog, '0.2.0', '2026-11-26')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-26)\n\n### Added\n\n- A thing.\n\n## 0.1.0\n\nThe first.\n',
  );
});

test('there is no release without anything to say of it, and none twice', () => {
  expect(() => released('# Changelog\n\n## Unreleased\n\n## 0.1.0\n', '0.2.0', '2026-11-26')).toThrow('nothing');
  expect(() => released('# Changelog\n', '0.2.0', '2026-11-26')).toThrow('nothing');
  expect(() => released(changelog, '0.1.0', '2026-11-26')).toThrow('0.1.0 already');
});

test('the changelog of this repository can be released', () => {
  expect(released(readFileSync('CHANGELOG.md', 'utf8'), '99.0.0', '2026-11-26')).toContain('## 99.0.0 (2026-11-26)');
});
