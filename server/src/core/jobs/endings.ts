/** Whoever waits for jobs in this process, to be told of the ends that come about here. */
interface Endings {
  /** Resolves when a job ends in this process, or at the signal. One that ends elsewhere is told by its event alone. */
  wait(jobId: string, signal: AbortSignal): Promise<void>;
  tell(jobId: string): void;
}

export function createEndings(): Endings {
  const waiting = new Map<string, Set<() => void>>();
  return {
    wait(jobId, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const others = waiting.get(jobId) ?? new Set();
        const done = () => {
          signal.removeEventListener('abort', done);
          others.delete(done);
          if (others.size === 0) waiting.delete(jobId);
          resolve();
        };
        waiting.set(jobId, others.add(done));
        signal.addEventListener('abort', done);
      });
    },
    tell(jobId) {
      for (const done of [...(waiting.get(jobId) ?? [])]) done();
    },
  };
}
