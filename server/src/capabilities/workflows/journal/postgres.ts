import type { Db } from '../../../core/db/database.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import type { Payload, Payloads } from '../runs/run.ts';
import { createBook, type Journal } from './journal.ts';
import { type PayloadColumn, payloadColumns, type RowPayloads, type StateRow } from './row.ts';
import { sizeOf } from './size.ts';
import { loadStates, putStates, putStatesOwned, readPayload, type WrittenState } from './store.ts';

/** How many rows, and bytes of their data, may wait to be written before states wait for it. */
const roomRows = 2000;
const roomBytes = 64 * 2 ** 20;

export interface PostgresJournal extends Journal {
  /** Whether the run had begun before. */
  readonly began: boolean;
  /** Has something written together with the rows that wait, such as what was counted. */
  alongside(work: (tx: Db) => Promise<void>): void;
}

export interface PostgresJournalNeeds {
  readonly db: Db;
  readonly runId: string;
  readonly payloads: Payloads;
  /** One transaction that only the owner of the run can make; its work may be repeated. */
  readonly write: JobContext['write'];
  /** The same in one statement. */
  readonly writeOnce: JobContext['writeOnce'];
}

interface Waiting {
  row: StateRow;
  payloads: RowPayloads;
}

/**
 * The journal of a run in the database. One transaction is written at a time, with all that was put until it began, so that
 * many states at once cost few commits.
 */
export async function openJournal({
  db,
  runId,
  payloads,
  write,
  writeOnce,
}: PostgresJournalNeeds): Promise<PostgresJournal> {
  const loaded = await loadStates(db, runId);
  const book = createBook(loaded);
  let waiting = new Map<string, Waiting>();
  let waitingBytes = 0;
  let besides: ((tx: Db) => Promise<void>)[] = [];
  let writing: Promise<void> | undefined;
  /** Why it could not write: what comes after a gap must not be written either. */
  let broken: { readonly error: unknown } | undefined;
  /** Data of rows that are not written yet, or being written. */
  const fresh = new Map<string, RowPayloads>();

  const keyOf = ({ path, generation }: StateRow) => `${path}#${generation}`;

  function put(row: StateRow, data: RowPayloads = {}): void {
    const key = keyOf(row);
    const before = waiting.get(key);
    // As it is now: it goes on changing.
    waiting.set(key, { row: { ...row }, payloads: { ...before?.payloads, ...data } });
    for (const value of Object.values(data)) waitingBytes += sizeOf(value);
    fresh.set(key, { ...fresh.get(key), ...data });
    book.note(row);
    begin();
  }

  function begin(): void {
    if (broken) return;
    writing ??= drain()
      .catch((error: unknown) => {
        broken = { error };
      })
      .finally(() => {
        writing = undefined;
      });
  }

  async function drain(): Promise<void> {
    // What follows at once goes into the same transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.size > 0 || besides.length > 0) {
      const [batch, extra] = [waiting, besides];
      waiting = new Map();
      waitingBytes = 0;
      besides = [];
      const small = extra.length === 0 ? inlineRows(batch.values()) : undefined;
      if (small) await writeOnce((owner) => putStatesOwned(owner, runId, small));
      else {
        await write(async (tx) => {
          const rows: WrittenState[] = [];
          for (const one of batch.values()) rows.push({ ...one.row, ...(await kept(tx, one)) });
          await putStates(tx, runId, rows);
          for (const work of extra) await work(tx);
        });
      }
      for (const key of batch.keys()) if (!waiting.has(key)) fresh.delete(key);
    }
  }

  /** The rows with all of their data, where none of it is too large for the database. */
  function inlineRows(batch: Iterable<Waiting>): WrittenState[] | undefined {
    const rows: WrittenState[] = [];
    for (const { row, payloads: data } of batch) {
      const made: { [column in PayloadColumn]?: Payload } = {};
      for (const column of payloadColumns) {
        if (!(column in data)) continue;
        const payload = payloads.inline(data[column], placeOf(row, column));
        if (!payload) return undefined;
        made[column] = payload;
      }
      rows.push({ ...row, ...made });
    }
    return rows;
  }

  async function kept(tx: Db, { row, payloads: data }: Waiting): Promise<{ [column in PayloadColumn]?: Payload }> {
    const made: { [column in PayloadColumn]?: Payload } = {};
    for (const column of payloadColumns) {
      if (column in data) made[column] = await payloads.keep(tx, data[column], placeOf(row, column));
    }
    return made;
  }

  function placeOf(row: StateRow, column: PayloadColumn) {
    return { runId, path: row.path, sealed: column === 'input' ? row.sealed_input : row.sealed };
  }

  return {
    began: loaded.length > 0,
    find: book.find,
    next: book.next,
    put,
    supersede(container) {
      for (const row of book.within(container)) put({ ...row, status: 'superseded' });
    },
    async read(row, column) {
      const unwritten = fresh.get(keyOf(row));
      if (unwritten && column in unwritten) return unwritten[column];
      const payload = await readPayload(db, runId, row, column);
      return payload && payloads.open(payload, { runId, path: row.path });
    },
    async flush() {
      while (writing) await writing;
      if (broken) throw broken.error;
    },
    async room() {
      while (writing && (waiting.size > roomRows || waitingBytes > roomBytes)) await writing;
      if (broken) throw broken.error;
    },
    alongside(work) {
      besides.push(work);
      begin();
    },
  };
}
