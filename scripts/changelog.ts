/**
 * The changelog of a release: what was unreleased stands under the version and its day, below a new, empty “Unreleased”.
 * Throws where there is nothing to release, or where the version is there already.
 *
 * @param day such as `2026-11-26`
 */
export function released(changelog: string, version: string, day: string): string {
  const heading = '## Unreleased\n';
  if (changelog.includes(`\n## ${version}`)) throw new Error(`CHANGELOG.md has ${version} already`);
  const [before = '', after] = changelog.split(`\n${heading}`);
  const entries = after?.split(/^## /m)[0]?.trim();
  if (after === undefined || !entries) throw new Error('CHANGELOG.md has nothing under “Unreleased”');
  return `${before}\n${heading}\n## ${version} (${day})\n${after}`;
}
