import type { Table } from '@lancedb/lancedb';
import { indexSchema } from './arrow-columns.ts';
import { createChecksum } from './checksum.ts';
import { sqlText } from './filter.ts';
import type { IndexOps, ObjectReject } from './index-protocol.ts';
import { createBatch } from './index-rows.ts';
import { connectIndex, makeTextIndex, missingIndex, openIndex } from './index-table.ts';
import { KEPT_REJECTS, type OnProgress } from './protocol.ts';
import { readRows } from './table-rows.ts';
import { openVectorFile } from './vector-file.ts';
import { makeVectorIndex } from './vector-index.ts';

const BATCH_ROWS = 50_000;
const BATCH_CHARS = 32 << 20;
/** Old versions stay readable for this long, for searches that began on one. */
const KEEP_VERSIONS_MS = 10 * 60_000;

export async function beginIndex(input: IndexOps['index_begin']['input']): Promise<{ version: number | null }> {
  if (input.base === undefined) {
    const arrow = await import('apache-arrow');
    const connection = await connectIndex(input.index);
    const schema = indexSchema(arrow, input.columns, input.dimensions);
    const made = await connection.createEmptyTable(input.index.table, schema, { mode: 'overwrite' });
    return { version: await made.version() };
  }
  const table = await openIndex(input.index);
  if (!table) return { version: null };
  const versions = await table.listVersions();
  if (!versions.some(({ version }) => version === input.base)) return { version: null };
  await goBackTo(table, input.base);
  return { version: await table.version() };
}

export async function removeObjects(input: IndexOps['index_remove']['input']) {
  const table = await openAt(input);
  const before = await table.countRows();
  await table.delete(`object_key IN (${input.keys.map(sqlText).join(', ')})`);
  return { version: await table.version(), deleted: before - (await table.countRows()) };
}

/**
 * Puts the rows of some parts into an index table. With `mapping.id` a row takes the place of one of the same id, if its
 * object's key comes later, or is the same.
 */
export async function writeRows(
  input: IndexOps['index_write']['input'],
  memoryMb: number,
  onProgress: OnProgress,
): Promise<IndexOps['index_write']['output']> {
  const batch = createBatch(input, input.vectors?.dimensions);
  const arrow = await import('apache-arrow');
  const table = await openAt(input);
  const counts = { inserted: 0, updated: 0, rejected: 0 };
  const rejects: ObjectReject[] = [];
  const flush = async () => {
    if (batch.count() === 0) return;
    const { table: data, given } = batch.take(arrow);
    let inserted = given;
    if (input.mapping.id === undefined) await table.add(data);
    else {
      const merge = table
        .mergeInsert('id')
        .whenMatchedUpdateAll({ where: 'source.object_key >= target.object_key' })
        .whenNotMatchedInsertAll();
      inserted = Number((await merge.execute(data)).numInsertedRows);
    }
    counts.inserted += inserted;
    counts.updated += given - inserted;
    onProgress({ rows: counts.inserted + counts.updated + counts.rejected });
  };
  const vectors = input.vectors && (await openVectorFile(input.vectors));
  try {
    for await (const chunk of readRows(input.parts, input.columns, memoryMb)) {
      const refused = batch.add(chunk, await vectors?.take(chunk.count));
      counts.rejected += refused.length;
      rejects.push(...refused.slice(0, KEPT_REJECTS - rejects.length));
      if (batch.count() >= BATCH_ROWS || batch.chars() >= BATCH_CHARS) await flush();
    }
    await flush();
  } finally {
    await vectors?.close();
  }
  return { ...counts, rejects, version: await table.version() };
}

export async function finishRows(input: IndexOps['index_finish']['input']): Promise<{ version: number }> {
  const table = await openAt(input);
  // Before the index is made, as moving rows afterwards would mean to write it twice.
  await table.optimize({ cleanupOlderThan: await oldestUnneeded(table, [input.at, ...input.keep]) });
  await makeTextIndex(table);
  await makeVectorIndex(table);
  return { version: await table.version() };
}

/** The time up to which no version is needed. */
async function oldestUnneeded(table: Table, needed: readonly number[]): Promise<Date> {
  const oldest = Math.min(...needed);
  const times = (await table.listVersions()).filter(({ version }) => version >= oldest);
  return new Date(Math.min(Date.now() - KEEP_VERSIONS_MS, ...times.map(({ timestamp }) => Number(timestamp) - 1)));
}

/** Counts the rows of a version and adds up their checksum, reading all of them anew. */
export async function stateOfIndex({ index, at, withChecksum }: IndexOps['index_state']['input']) {
  const table = await openIndex(index);
  if (!table) throw missingIndex();
  await table.checkout(at);
  const rows = await table.countRows();
  if (!withChecksum) return { rows };
  const checksum = createChecksum();
  for await (const batch of table.query().select(['id', 'object_hash', 'ordinal'])) {
    const ids = batch.getChild('id');
    const objects = batch.getChild('object_hash')?.toArray() as BigInt64Array;
    const ordinals = batch.getChild('ordinal')?.toArray() as BigInt64Array;
    for (let row = 0; row < batch.numRows; row++)
      checksum.add(ids?.get(row) as string, objects[row] as bigint, Number(ordinals[row]));
  }
  return { rows, checksum: checksum.value() };
}

/** Opens a table in the state of a version, to be changed: what was done to it since is undone. */
async function openAt({
  index,
  at,
}: {
  readonly index: IndexOps['index_write']['input']['index'];
  readonly at: number;
}) {
  const table = await openIndex(index);
  if (!table) throw missingIndex();
  await goBackTo(table, at);
  return table;
}

async function goBackTo(table: Table, version: number): Promise<void> {
  if ((await table.version()) === version) return;
  await table.checkout(version);
  await table.restore();
}
