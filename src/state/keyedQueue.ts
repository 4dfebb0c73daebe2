import PQueue from 'p-queue';

/** Runs one task at a time for each key. A key that nothing waits for takes no memory. */
export class KeyedQueue {
  readonly #queues = new Map<string, PQueue>();

  /** Runs a task when its turn has come: the highest priority first, then the one that was added first. */
  run<Result>(key: string, task: () => Promise<Result>, priority = 0): Promise<Result> {
    const queue = this.#queues.get(key) ?? new PQueue({ concurrency: 1 });
    this.#queues.set(key, queue);
    return queue.add(task, { priority }).finally(() => {
      if (queue.size === 0 && queue.pending === 0 && this.#queues.get(key) === queue) this.#queues.delete(key);
    });
  }

  /** Whether a task of this key is running or waits. */
  isBusy(key: string): boolean {
    return this.#queues.has(key);
  }

  /** Resolves once every task that was added before has ended. */
  async onIdle(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.onIdle()));
  }
}
