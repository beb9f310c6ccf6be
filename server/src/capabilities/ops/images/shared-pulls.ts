import type { ImageFacts, PullProgress } from '../docker/images.ts';

export interface PullOptions {
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal: AbortSignal;
}

type Start = (options: {
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal: AbortSignal;
}) => Promise<ImageFacts>;

/** Pulls, or waits for a pull of the same key that is under way. */
export type SharePull = (key: string, options: PullOptions, start: Start) => Promise<ImageFacts>;

interface Pull {
  readonly result: Promise<ImageFacts>;
  readonly listeners: Set<(progress: PullProgress) => void>;
  readonly controller: AbortController;
  waiting: number;
}

/** Has all who want the same image at the same time wait for one pull, which ends when the last of them leaves. */
export function createSharedPulls(): SharePull {
  const pulls = new Map<string, Pull>();

  function begin(key: string, start: Start): Pull {
    const listeners = new Set<(progress: PullProgress) => void>();
    const controller = new AbortController();
    const onProgress = (progress: PullProgress) => {
      for (const listener of listeners) listener(progress);
    };
    const result = start({ onProgress, signal: controller.signal });
    const pull = { result, listeners, controller, waiting: 0 };
    pulls.set(key, pull);
    // Those who wait hear of it; it may fail once all have left.
    result.catch(() => undefined).finally(() => forget(key, pull));
    return pull;
  }

  function forget(key: string, pull: Pull): void {
    if (pulls.get(key) === pull) pulls.delete(key);
  }

  return async (key, { onProgress, signal }, start) => {
    signal.throwIfAborted();
    const pull = pulls.get(key) ?? begin(key, start);
    if (onProgress) pull.listeners.add(onProgress);
    pull.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(signal.reason);
    signal.addEventListener('abort', leave);
    try {
      return await Promise.race([pull.result, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (onProgress) pull.listeners.delete(onProgress);
      pull.waiting -= 1;
      if (pull.waiting === 0) {
        forget(key, pull);
        pull.controller.abort();
      }
    }
  };
}
