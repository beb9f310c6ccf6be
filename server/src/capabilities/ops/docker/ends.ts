import type { EngineEvent } from './events.ts';

/** How containers end, from the events of their engine, which know it a moment before its other answers do. */
export interface Ends {
  /** Whether the events come at all just now. */
  readonly heard: boolean;
  /** The events come, or come no more. */
  hears(heard: boolean): void;
  tell(event: Pick<EngineEvent, 'action' | 'container_id' | 'exit_code'>): void;
  /** The exit code of a container that ends from now on; never resolves where no event tells it. Call `stop` in any case. */
  watch(containerId: string): { readonly code: Promise<number>; stop(): void };
}

export function createEnds(): Ends {
  const watched = new Map<string, Set<(code: number) => void>>();
  let heard = false;
  return {
    get heard() {
      return heard;
    },
    hears(now) {
      heard = now;
    },
    tell({ action, container_id, exit_code }) {
      if (action !== 'die' || exit_code === undefined) return;
      for (const told of watched.get(container_id) ?? []) told(exit_code);
    },
    watch(containerId) {
      const { promise: code, resolve } = Promise.withResolvers<number>();
      const others = watched.get(containerId) ?? new Set();
      watched.set(containerId, others.add(resolve));
      return {
        code,
        stop() {
          others.delete(resolve);
          if (others.size === 0) watched.delete(containerId);
        },
      };
    },
  };
}
