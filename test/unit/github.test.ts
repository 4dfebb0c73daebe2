import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };

const read = (name: string) => readFileSync(`.github/${name}`, 'utf8');

describe('the workflow', () => {
  const step = z.strictObject({
    name: z.string().optional(),
    uses: z
      .string()
      .regex(/^[\w-]+\/[\w-]+@v\d+$/)
      .optional(),
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    run: z.string().optional(),
    if: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
  });
  /** As GitHub documents it, so far as it is used here; a word that it does not know is refused. */
  const schema = z.strictObject({
    name: z.string(),
    on: z.strictObject({ push: z.strictObject({ branches: z.array(z.string()) }), pull_request: z.null() }),
    permissions: z.strictObject({ contents: z.literal('read') }),
    jobs: z.record(
      z.string(),
      z.strictObject({
        'runs-on': z.string(),
        'timeout-minutes': z.number(),
        strategy: z.strictObject({ 'fail-fast': z.boolean(), matrix: z.record(z.string(), z.array(z.number())) }),
        steps: z.array(step.refine(({ uses, run }) => (uses === undefined) !== (run === undefined))),
      }),
    ),
  });
  const workflow = read('workflows/check.yml');

  it('is as GitHub reads it', () => {
    schema.parse(parse(workflow));
    expect(schema.safeParse(parse(workflow.replace('runs-on', 'runs-in'))).success).toBe(false);
  });

  it('runs what there is, on the oldest Node that will do and the newer ones', () => {
    const named = [...workflow.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named).toEqual(['check', 'test:processes', 'test:newEra', 'docs:site']);
    for (const name of named) expect(Object.keys(packageJson.scripts)).toContain(name);
    expect(workflow).toContain('node: [20, 22, 24]');
    expect(packageJson.engines.node).toBe('>=20.19');
  });
});

describe('issue forms', () => {
  const id = z.string().regex(/^[\w-]+$/);
  const validations = z.strictObject({ required: z.boolean() }).optional();
  const about = { label: z.string(), description: z.string().optional() };
  const typed = { ...about, placeholder: z.string().optional(), value: z.string().optional() };
  /** As GitHub documents it, so far as it is used here; a word that it does not know is refused. */
  const form = z.strictObject({
    name: z.string(),
    description: z.string(),
    title: z.string().optional(),
    labels: z.array(z.string()).optional(),
    body: z.array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) }),
        z.strictObject({ type: z.literal('input'), id, attributes: z.strictObject(typed), validations }),
        z.strictObject({
          type: z.literal('textarea'),
          id,
          attributes: z.strictObject({ ...typed, render: z.string().optional() }),
          validations,
        }),
        z.strictObject({
          type: z.literal('dropdown'),
          id,
          attributes: z.strictObject({
            ...about,
            options: z.array(z.string()).min(1),
            multiple: z.boolean().optional(),
          }),
          validations,
        }),
      ]),
    ),
  });
  const forms = readdirSync('.github/ISSUE_TEMPLATE').filter((name) => name !== 'config.yml');

  it.each(forms)('%s is as GitHub reads it, and names each field once', (name) => {
    const { body } = form.parse(parse(read(`ISSUE_TEMPLATE/${name}`)));
    const ids = body.flatMap((field) => ('id' in field ? field.id : []));
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ask for what the doctor prints', () => {
    for (const name of forms) expect(read(`ISSUE_TEMPLATE/${name}`)).toContain('npm run doctor');
    z.strictObject({ blank_issues_enabled: z.boolean() }).parse(parse(read('ISSUE_TEMPLATE/config.yml')));
  });
});
