import { execFileSync } from 'node:child_process';

/** Compiles once before all tests, for those that run the bot as a process of its own. */
export default function compile(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
