import './virtualTime.ts';

/**
 * Plays seeds that its parent sends, one after another. Everything else is loaded after time has been replaced.
 */
const { noteUncaught, play } = await import('./story.ts');

for (const last of ['uncaughtException', 'unhandledRejection'] as const) process.on(last, noteUncaught);
process.on('message', (seed: number) => {
  play(seed).then(
    (ended) => process.send?.(ended),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');
