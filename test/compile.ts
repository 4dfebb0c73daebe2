import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

/** Compiles once before all tests, for those that run the bot as a process of its own. */
export default function compile({ vitest }: TestProject): void {
  if (vitest.projects.every(({ name }) => name === 'unit')) return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
