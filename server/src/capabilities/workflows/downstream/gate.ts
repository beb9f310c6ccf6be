/** Places that are taken in the order in which they were asked for. */
export interface Gate {
  /** Takes a place, and answers how to give it back; throws the signal's reason once that fires while waiting. */
  enter(signal?: AbortSignal): Promise<() => void>;
  /** Takes a place where none need be waited for, as of a gate without limit. */
  take(): () => void;
  /** Resolves once nobody is in it or waits. */
  idle(): Promise<void>;
  active(): number;
  waiting(): number;
}

export function createGate(places: number): Gate {
  let taken = 0;
  const queue = new Set<() => void>();
  const onIdle: (() => void)[] = [];

  function leave(): void {
    taken -= 1;
    const [next] = queue;
    if (next !== undefined) {
      queue.delete(next);
      next();
    } else if (taken === 0) {
      for (const tell of onIdle.splice(0)) tell();
    }
  }

  /** Makes a place's return, which counts once. */
  function take(): () => void {
    taken += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  }

  return {
    take,
    idle: () => (taken === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
    active: () => taken,
    waiting: () => queue.size,
    enter(signal) {
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      if (taken < places) return Promise.resolve(take());
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          queue.delete(next);
          reject(signal?.reason as Error);
        };
        const next = () => {
          signal?.removeEventListener('abort', giveUp);
          resolve(take());
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        queue.add(next);
      });
    },
  };
}
