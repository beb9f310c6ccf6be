import { rateLimited, tooSlow } from '../errors.ts';
import { type Deadline, pause } from './deadline.ts';

/** What all requests to one account pass: a few at once, and none while the other side asks for fewer. */
export interface Gate {
  run<T>(endpoint: string, deadline: Deadline, work: () => Promise<T>): Promise<T>;
  /** Holds everybody back for so long. */
  close(ms: number): void;
}

export function createGate(width: number): Gate {
  let free = width;
  let closedUntil = 0;
  const waiting = new Set<() => void>();
  const closedFor = () => Math.max(0, closedUntil - performance.now());

  return {
    async run(endpoint, deadline, work) {
      await enter(endpoint, deadline);
      try {
        await opened(deadline);
        if (deadline.left() === 0) throw tooSlow(false, endpoint);
        return await work();
      } finally {
        leave();
      }
    },
    close(ms) {
      closedUntil = Math.max(closedUntil, performance.now() + ms);
    },
  };

  /** Waits until the gate is open; fails at once where that would be after the deadline. */
  async function opened(deadline: Deadline): Promise<void> {
    for (let wait = closedFor(); wait > 0; wait = closedFor()) {
      if (wait >= deadline.left()) throw rateLimited(wait);
      await pause(wait, deadline);
    }
  }

  async function enter(endpoint: string, { signal, caller }: Deadline): Promise<void> {
    caller?.throwIfAborted();
    if (signal.aborted) throw tooSlow(false, endpoint);
    if (free > 0) {
      free -= 1;
      return;
    }
    // Whoever leaves hands its place over.
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        waiting.delete(go);
        reject(caller?.aborted ? caller.reason : tooSlow(false, endpoint));
      };
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }
}
