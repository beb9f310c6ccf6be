import { createBook, type Journal } from './journal.ts';
import type { PayloadColumn, StateRow } from './row.ts';

/** What a journal in memory holds, in the order in which it was put. */
export interface JournalEntry {
  readonly row: StateRow;
  readonly payloads: Readonly<Record<string, unknown>>;
}

export interface MemoryJournal extends Journal {
  /** Every put, as the database would have had it. A prefix of them, up to one of `ends`, is what a crash leaves. */
  readonly log: readonly JournalEntry[];
  /** The lengths that the log had when nothing more was put at once: a crash leaves one of them. */
  readonly ends: readonly number[];
  /** The rows as they stand, in order. */
  rows(): StateRow[];
}

/** A journal that nothing outlives: for runs without a database, and for tests, which may begin with what another one left. */
export function createMemoryJournal(left: readonly JournalEntry[] = []): MemoryJournal {
  const log: JournalEntry[] = [];
  const ends: number[] = [];
  let ending = false;
  const rows = new Map<string, StateRow>();
  const data = new Map<string, Record<string, unknown>>();
  const book = createBook([]);
  const keyOf = ({ path, generation }: StateRow) => `${path}#${generation}`;

  function add(row: StateRow, payloads: Readonly<Record<string, unknown>>): void {
    // As it comes back from a database: a copy, in JSON.
    const copy = JSON.parse(JSON.stringify({ row, payloads })) as JournalEntry;
    log.push(copy);
    if (!ending) queueMicrotask(end);
    ending = true;
    rows.set(keyOf(copy.row), copy.row);
    data.set(keyOf(copy.row), { ...data.get(keyOf(copy.row)), ...copy.payloads });
    book.note({ ...copy.row });
  }
  function end(): void {
    ending = false;
    ends.push(log.length);
  }
  for (const entry of left) add(entry.row, entry.payloads);

  return {
    log,
    ends,
    rows: () => [...rows.values()].sort((a, b) => a.seq - b.seq),
    find: (path) => {
      const row = book.find(path);
      return row && { ...row };
    },
    next: book.next,
    put: (row, payloads = {}) => add(row, payloads),
    supersede(container) {
      for (const row of book.within(container)) add({ ...row, status: 'superseded' }, {});
    },
    read: (row, column: PayloadColumn) => Promise.resolve(structuredClone(data.get(keyOf(row))?.[column])),
    flush: () => Promise.resolve(),
    room: () => Promise.resolve(),
  };
}
