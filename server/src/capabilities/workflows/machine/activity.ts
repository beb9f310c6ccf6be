import type { Time } from './needs.ts';

interface Sleeper {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Whether what somebody else does may end it before. */
  readonly listens: boolean;
  wake(): void;
}

/** What a run is at: work under way, and waits. When nothing but waits is left, it need not be in memory. */
export interface Activity {
  /** Runs something that takes time by itself: while it does, the run is not idle. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Waits; with `listens`, also until `poke`. Throws the signal's reason. */
  sleep(until: Date, signal: AbortSignal, options?: { readonly listens?: boolean }): Promise<void>;
  /** Has all waits that listen look again. */
  poke(): void;
  /** Asks anew what to do about a run that only waits. */
  look(): void;
}

/** `onPark` is told until when the run has nothing to do, where `time` says that it is to leave. */
export function createActivity(time: Time, onPark: (until: Date) => void): Activity {
  const sleepers = new Set<Sleeper>();
  let busy = 0;
  let looking = false;

  function look(): void {
    if (busy > 0 || looking) return;
    looking = true;
    // After all that follows from what just ended: only what is begun by then counts.
    setImmediate(() => {
      looking = false;
      if (busy > 0 || sleepers.size === 0) return;
      const until = new Date(Math.min(...[...sleepers].map((sleeper) => sleeper.until)));
      if (time.idle(until) === 'park') onPark(until);
    });
  }

  return {
    look,
    async during(work) {
      busy += 1;
      try {
        return await work();
      } finally {
        busy -= 1;
        look();
      }
    },
    sleep(until, signal, { listens = false } = {}) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const end = (settle: () => void) => {
          if (!sleepers.delete(sleeper)) return;
          takeBack();
          signal.removeEventListener('abort', onAbort);
          settle();
        };
        const onAbort = () => end(() => reject(signal.reason as Error));
        const sleeper: Sleeper = { until: until.getTime(), listens, wake: () => end(resolve) };
        sleepers.add(sleeper);
        signal.addEventListener('abort', onAbort, { once: true });
        const takeBack = time.at(until, sleeper.wake);
        look();
      });
    },
    poke() {
      for (const sleeper of [...sleepers]) if (sleeper.listens) sleeper.wake();
    },
  };
}
