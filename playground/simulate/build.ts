import { build } from 'esbuild';

/**
 * Builds what plays the stories, and gives its file. Time is replaced before the libraries are loaded, which are
 * therefore left out and loaded with the second part.
 *
 * @param root the folder with `src` and `playground`
 */
export async function buildWorker(root: string, to: string): Promise<string> {
  await build({
    absWorkingDir: root,
    entryPoints: ['playground/simulate/worker.ts'],
    bundle: true,
    splitting: true,
    sourcemap: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outdir: to,
    logLevel: 'error',
  });
  return `${to}/worker.js`;
}
