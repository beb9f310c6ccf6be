import type { Table } from '@lancedb/lancedb';
import { indexSchema } from './arrow-columns.ts';
import { createChecksum } from './checksum.ts';
import { sqlText } from './filter.ts';
import { type IndexBatch, indexBatches } from './index-batches.ts';
import type { IndexOps, ObjectReject } from './index-protocol.ts';
import { connectIndex, makeTextIndex, missingIndex, openIndex } from './index-table.ts';
import { KEPT_REJECTS, type OnProgress } from './protocol.ts';
import { makeVectorIndex } from './vector-index.ts';

/** Pieces in which a table may stay: a search looks into each. */
const MAX_FRAGMENTS = 8;
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
  const table = await openAt(input);
  const counts = { inserted: 0, updated: 0, rejected: 0 };
  const rejects: ObjectReject[] = [];
  const write = async ({ table: data, given, rejects: refused, rejected }: IndexBatch) => {
    let inserted = given;
    if (data && input.mapping.id === undefined) await table.add(data);
    else if (data) {
      const merge = table
        .mergeInsert('id')
        .whenMatchedUpdateAll({ where: 'source.object_key >= target.object_key' })
        .whenNotMatchedInsertAll();
      inserted = Number((await merge.execute(data)).numInsertedRows);
    }
    counts.inserted += inserted;
    counts.updated += given - inserted;
    counts.rejected += rejected;
    rejects.push(...refused.slice(0, KEPT_REJECTS - rejects.length));
    onProgress({ rows: counts.inserted + counts.updated + counts.rejected });
  };
  // The next batch is read while one is written.
  let writing = Promise.resolve();
  try {
    for await (const batch of indexBatches(input, memoryMb)) {
      await writing;
      writing = write(batch);
      // Whoever waits for it is told; until then nobody does.
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
  return { ...counts, rejects, version: await table.version() };
}

export async function finishRows(input: IndexOps['index_finish']['input']): Promise<{ version: number }> {
  const table = await openAt(input);
  // Before the index is made, as moving rows afterwards would mean to write it twice.
  if (await isScattered(table))
    await table.optimize({ cleanupOlderThan: await oldestUnneeded(table, [input.at, ...input.keep]) });
  await makeTextIndex(table);
  await makeVectorIndex(table);
  return { version: await table.version() };
}

/** Whether a table is worth to be put in order: one that was just written from beginning to end, in large pieces, is not. */
async function isScattered(table: Table): Promise<boolean> {
  const { numFragments } = (await table.stats()).fragmentStats;
  if (numFragments > MAX_FRAGMENTS || (await table.listIndices()).length > 0) return true;
  return (await table.listVersions()).length > numFragments + 1;
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
    const objects = batch.getChild('object_hash')?.toArray() as BigInt64Array;
    const ordinals = batch.getChild('ordinal')?.toArray() as BigInt64Array;
    let row = 0;
    for (const { values, valueOffsets, length } of batch.getChild('id')?.data ?? []) {
      for (let at = 0; at < length; at++, row++) {
        const [from, to] = [valueOffsets[at] as number, valueOffsets[at + 1] as number];
        checksum.addUtf8(values, from, to, objects[row] as bigint, Number(ordinals[row]));
      }
    }
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
