import type { PostgresConnection } from '../support/postgres-process.ts';

/** What both engines are given. */
export interface Worker {
  readonly connection: PostgresConnection;
}

/** Jobs at once in a process, and how often it looks for more: the product's defaults, on both sides. */
export const concurrency = 8;
export const pollMs = 100;
/** Connections of the engine, and of whoever enqueues. */
export const enginePool = 8;
export const enqueuePool = 16;

/** `noop` does nothing, in one step and the one that ends it. `hang` tells of its step and waits in it until released. */
type Kind = 'noop' | 'hang';

export interface EnqueueCommand {
  readonly kind: Kind;
  readonly count: number;
}

/** Waits that are ended by a command from outside. */
export function createGate() {
  const waiting = new Set<() => void>();
  return {
    wait: () => new Promise<void>((resolve) => waiting.add(resolve)),
    async release() {
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };
}
