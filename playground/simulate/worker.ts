import './virtualTime.ts';

/**
 * Plays seeds that its parent sends, one after another. Everything else is loaded after time has been replaced.
 */
const { noteUncaught, play } = await import('./story.ts');

for (const last of ['uncaughtException', 'unhandledRejection'] as const) process.on(last, noteUncaught);
process.on('message', (seed: number) => {
  void play(seed).then((ended) => process.send?.(ended));
});
process.send?.('ready');
