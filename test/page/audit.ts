import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const run = 'axe.run({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } })';
const foundSchema = z.object({
  violations: z.array(
    z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
  ),
});

/**
 * What axe finds wrong with a page as it is: fields without a name, text that is hard to read, references to nothing,
 * and what is too small to be pressed (24 pixels).
 */
export async function audit(page: Page): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in window);
  if (!isThere) await page.evaluate(axe);
  const { violations } = foundSchema.parse(await page.evaluate(run));
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html }) => `${id} (${impact}): ${html.slice(0, 160)}`),
  );
}

/** The same in dark and in light; each finding begins with its theme. */
export async function auditThemes(page: Page): Promise<string[]> {
  const problems: string[] = [];
  for (const theme of ['dark', 'light', '']) {
    await page.evaluate((chosen) => {
      document.documentElement.dataset.theme = chosen;
    }, theme);
    if (theme) problems.push(...(await audit(page)).map((problem) => `${theme}: ${problem}`));
  }
  return problems;
}

/** How far to the right anything reaches, in pixels; code scrolls in its box. */
export const widest = (page: Page): Promise<number> =>
  page.evaluate(() =>
    Math.max(
      document.documentElement.scrollWidth,
      ...[...document.querySelectorAll('body, body *')]
        .filter((one) => !one.closest('pre') && one.checkVisibility())
        .map((one) => one.getBoundingClientRect().right),
    ),
  );
