import type { Table } from '@lancedb/lancedb';
import { AppError } from '../../../core/errors.ts';
import { schemaV1 } from './arrow-columns.ts';
import type { EngineColumn, EngineOps, IndexRef } from './protocol.ts';

/** Old versions stay readable for this long, for searches that began on one. */
const KEEP_VERSIONS_MS = 10 * 60_000;
const TEXT_INDEX = 'text_idx';

/** Opens the place of an index. Each read looks for the newest version, since other processes write. */
export async function connectIndex(index: IndexRef) {
  const lance = await import('@lancedb/lancedb');
  const { dir, storage } = index;
  return lance.connect(dir, { readConsistencyInterval: 0, ...(storage && { storageOptions: { ...storage } }) });
}

/** Opens an index table; undefined when there is none. */
export async function openIndex(index: IndexRef): Promise<Table | undefined> {
  const connection = await connectIndex(index);
  const names = await connection.tableNames({ startAfter: '', limit: 10_000 });
  return names.includes(index.table) ? connection.openTable(index.table) : undefined;
}

/** Opens an index table, made with these columns when there is none. */
export async function openOrCreateIndex(index: IndexRef, columns: readonly EngineColumn[]): Promise<Table> {
  const arrow = await import('apache-arrow');
  const connection = await connectIndex(index);
  return connection.createEmptyTable(index.table, schemaV1(arrow, columns), { mode: 'create', existOk: true });
}

/** Undoes what was done to a table since one of its versions; 0 is the empty table. */
export async function goBackTo(table: Table, version: number): Promise<void> {
  if (version === 0) {
    if ((await table.countRows()) > 0) await table.delete('true');
  } else if ((await table.version()) !== version) {
    await table.checkout(version);
    await table.restore();
  }
}

export function missingIndex(): AppError {
  return new AppError(
    'NOT_FOUND',
    'There is no such index.',
    'Call start_ingest for the dataset, then search again when its job has succeeded.',
  );
}

/**
 * Makes the full-text index, or brings it up to date, compacts the table and counts it. A count other than
 * `expectedRows` fails: a half-filled index must not be served.
 */
export async function finishIndex(input: EngineOps['finish_index']['input']): Promise<{ rows: number }> {
  const table = await openIndex(input.index);
  if (!table) throw missingIndex();
  const rows = await table.countRows();
  if (input.expectedRows !== undefined && rows !== input.expectedRows)
    throw new AppError(
      'ENGINE_FAILED',
      'The index does not hold as many rows as were put into it.',
      'Start the ingest again with start_ingest.',
      { rows, expected_rows: input.expectedRows },
    );
  // Before the index is made, as moving rows afterwards would mean to write it twice.
  await table.optimize({ cleanupOlderThan: new Date(Date.now() - KEEP_VERSIONS_MS) });
  await makeTextIndex(table);
  return { rows };
}

/** Makes the full-text index of a table that has none. */
export async function makeTextIndex(table: Table): Promise<void> {
  const lance = await import('@lancedb/lancedb');
  if ((await table.listIndices()).some(({ name }) => name === TEXT_INDEX)) return;
  const config = lance.Index.fts({ withPosition: false, stem: true, removeStopWords: true, language: 'English' });
  await table.createIndex('text', { config });
}

/** Removes an index table. Says whether there was one. */
export async function dropIndex(input: EngineOps['drop_index']['input']): Promise<{ dropped: boolean }> {
  const connection = await connectIndex(input.index);
  const names = await connection.tableNames({ startAfter: '', limit: 10_000 });
  if (!names.includes(input.index.table)) return { dropped: false };
  await connection.dropTable(input.index.table);
  return { dropped: true };
}
