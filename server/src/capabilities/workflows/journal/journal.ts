import type { PayloadColumn, RowPayloads, StateRow } from './row.ts';

/** What is known of the states of one run. Reading is at once; what is put becomes durable in its order, by and by. */
export interface Journal {
  /** The row that stands at a path, if any. */
  find(path: string): StateRow | undefined;
  /** Number and generation of a row that is new at a path. */
  next(path: string): { readonly seq: number; readonly generation: number };
  /** Notes a row as it is now, with those of its data that changed. What is put at once, without a wait between, becomes durable together. */
  put(row: StateRow, payloads?: RowPayloads): void;
  /** All that stands within a container counts no more: it runs anew. */
  supersede(container: string): void;
  read(row: StateRow, column: PayloadColumn): Promise<unknown>;
  /** Resolves when all that was put so far is durable. */
  flush(): Promise<void>;
  /** Resolves when not too much waits to be written. */
  room(): Promise<void>;
}

/** The rows that stand, by path, and what numbers come next: what every journal has in memory. */
export function createBook(rows: Iterable<StateRow>) {
  const standing = new Map<string, StateRow>();
  const generations = new Map<string, number>();
  let last = 0;
  for (const row of rows) note(row);

  function note(row: StateRow): void {
    last = Math.max(last, row.seq);
    generations.set(row.path, Math.max(generations.get(row.path) ?? 0, row.generation + 1));
    if (row.status === 'superseded') {
      if (standing.get(row.path)?.generation === row.generation) standing.delete(row.path);
    } else standing.set(row.path, row);
  }

  return {
    find: (path: string) => standing.get(path),
    next(path: string) {
      last += 1;
      return { seq: last, generation: generations.get(path) ?? 0 };
    },
    note,
    within: (container: string) => [...standing.values()].filter(({ path }) => isWithin(path, container)),
  };
}

/** Whether a path lies within a Map or a Parallel. */
export function isWithin(path: string, container: string): boolean {
  const next = path[container.length];
  return path.startsWith(container) && (next === '[' || next === '.');
}
