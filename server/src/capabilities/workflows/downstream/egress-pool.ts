import type { EgressFetch } from '../../../core/egress.ts';

/** The streaming egresses of this process, one for each largest message. */
export interface EgressPool {
  get(maxBytes: number): Promise<EgressFetch>;
  close(): Promise<void>;
}

export function createEgressPool(allow: readonly string[]): EgressPool {
  const made = new Map<number, Promise<EgressFetch>>();
  return {
    get(maxBytes) {
      const known = made.get(maxBytes);
      if (known) return known;
      // Loaded by whoever has a server with a URL: it takes its time at the start.
      const next = import('../../../core/egress.ts').then(({ createEgressFetch }) =>
        createEgressFetch({ allow, maxBytes }),
      );
      made.set(maxBytes, next);
      return next;
    },
    async close() {
      for (const egress of made.values()) await (await egress).close();
    },
  };
}
