import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';

const command = z.array(z.string());

/** An image that was made without Docker: what its Dockerfile says, done step by step in a folder for each stage. */
export interface Image {
  /** The root folder of the last stage. */
  root: string;
  /** The folder that the process is started in. */
  workdir: string;
  env: Record<string, string>;
  user: string;
  command: string[];
  healthCheck: string[];
}

/** Does the steps of a Dockerfile. Throws for an instruction that it does not know, and for a step that fails. */
export function buildImage(context: string, folder: string): Image {
  const dockerfile = readFileSync(join(context, 'Dockerfile'), 'utf8');
  const allowed = allowedBy(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  const lines = dockerfile.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      const name = / AS (\S+)$/.exec(rest)?.[1] ?? String(stages.size);
      image = { root: join(folder, name), workdir: '/', env: {}, user: 'root', command: [], healthCheck: [] };
      mkdirSync(image.root, { recursive: true });
      stages.set(name, image);
      continue;
    }
    if (!image) throw new Error('The first instruction must be FROM');
    const at = join(image.root, image.workdir);
    switch (instruction) {
      case 'WORKDIR':
        image.workdir = rest;
        mkdirSync(join(image.root, rest), { recursive: true });
        break;
      case 'ENV':
        for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) image.env[name] = value;
        break;
      case 'COPY':
        copy(rest.split(' '), at, context, allowed, stages);
        break;
      case 'RUN':
        run(rest, at, image, folder);
        break;
      case 'USER':
        image.user = rest;
        break;
      case 'HEALTHCHECK':
        image.healthCheck = command.parse(JSON.parse(rest.slice(rest.indexOf('['))));
        break;
      case 'CMD':
        image.command = command.parse(JSON.parse(rest));
        break;
      case 'EXPOSE':
        break;
      default:
        throw new Error(`test/image/image.ts does not know ${instruction}`);
    }
  }
  if (!image) throw new Error('There is no FROM');
  return image;
}

/** What `.dockerignore` lets through: it must begin by keeping everything back. */
function allowedBy(ignored: string): string[] {
  const lines = ignored.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*') throw new Error('.dockerignore must begin with *');
  return lines.slice(1).map((line) => line.replace(/^!/, ''));
}

function copy(words: string[], at: string, context: string, allowed: string[], stages: Map<string, Image>): void {
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const names = words.filter((word) => !word.startsWith('--'));
  const target = names.pop() ?? '';
  for (const name of names) {
    const stage = from === undefined ? undefined : stages.get(from);
    if (from === undefined && !allowed.includes(name)) throw new Error(`.dockerignore keeps ${name} back`);
    if (from !== undefined && !stage) throw new Error(`There is no stage ${from}`);
    const source = stage ? join(stage.root, name) : join(context, name);
    cpSync(source, target.endsWith('/') ? join(at, target, basename(name)) : join(at, target), { recursive: true });
  }
}

/** Runs a step with what a builder has, and the registry of this machine. There is no user `node` here: nobody's is changed. */
function run(step: string, at: string, image: Image, folder: string): void {
  const tools = join(folder, 'tools');
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, 'chown'), '#!/bin/sh\n[ "$1" = node:node ] && [ -e "$2" ]\n');
  chmodSync(join(tools, 'chown'), 0o755);
  const { PATH = '', HOME = '/', ...others } = process.env;
  const registry = Object.entries(others).filter(([name]) =>
    /^(npm_config_|NODE_EXTRA_CA|HTTPS?_PROXY|NO_PROXY)/i.test(name),
  );
  const env = { ...Object.fromEntries(registry), ...image.env, PATH: `${tools}:${PATH}`, HOME };
  execFileSync('sh', ['-c', step.replace('npm cache clean --force', 'true')], { cwd: at, env, stdio: 'inherit' });
}
