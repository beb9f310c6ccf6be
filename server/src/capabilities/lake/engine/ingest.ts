import { createHash } from 'node:crypto';
import type { Table } from '@lancedb/lancedb';
import { AppError } from '../../../core/errors.ts';
import { arrowTable, schemaV1 } from './arrow-columns.ts';
import { anotherWriter } from './failure.ts';
import { goBackTo, openOrCreateIndex } from './index-table.ts';
import { loadArrow } from './load-arrow.ts';
import {
  type EngineColumn,
  type IngestInput,
  type IngestOutput,
  MAX_REJECT_TEXT,
  MAX_REJECTS,
  type OnProgress,
  type Reject,
} from './protocol.ts';
import { type ObjectRow, readObject } from './read-objects.ts';
import { type Cell, cellText } from './values.ts';

const BATCH_ROWS = 10_000;
const BATCH_CHARS = 16 << 20;

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly cells: readonly Cell[];
  readonly row: ObjectRow;
}

/**
 * What ingests of release 0.1.0 do that are still to end. Puts the rows of one object into an index table, on top of the state that `after` names: what a call before this one
 * left behind is undone first, so that repeating it gives the same table and the same counts. With `mapping.id` a row replaces the row of the same id, from whatever object.
 */
export async function ingestObject(
  input: IngestInput,
  memoryMb: number,
  onProgress: OnProgress,
): Promise<IngestOutput> {
  const reader = await readObject(input.object, { columns: input.columns, withJson: true, memoryMb });
  const toEntry = entryMaker(input, reader.columns);
  const table = await openOrCreateIndex(input.index, input.columns);
  await goBackTo(table, input.after);
  const before = await table.countRows();

  const counts = { inserted: 0, updated: 0, rejected: 0 };
  const rejects: Reject[] = [];
  const refuse = (list: readonly Reject[]) => {
    counts.rejected += list.length;
    rejects.push(...list.slice(0, MAX_REJECTS - rejects.length));
  };
  let entries: Entry[] = [];
  let size = 0;
  const flush = async () => {
    if (entries.length > 0) {
      const written = await write(table, input, entries);
      counts.inserted += written.inserted;
      counts.updated += written.updated;
    }
    entries = [];
    size = 0;
    onProgress({ rows: counts.inserted + counts.updated + counts.rejected });
  };
  for await (const batch of reader.batches()) {
    refuse(batch.rejects);
    for (const row of batch.rows) {
      const entry = toEntry(row);
      if (!entry) {
        refuse([{ line: row.line, column: input.mapping.id ?? '', reason: 'missing_id', text: cut(row.json) }]);
        continue;
      }
      entries.push(entry);
      size += row.json.length + entry.text.length;
      if (entries.length >= BATCH_ROWS || size >= BATCH_CHARS) await flush();
    }
  }
  await flush();
  if ((await table.countRows()) !== before + counts.inserted) throw anotherWriter();
  return { ...counts, rejects, version: await table.version() };
}

function entryMaker(input: IngestInput, own: readonly EngineColumn[]): (row: ObjectRow) => Entry | undefined {
  const { columns, mapping, object, datasetId } = input;
  for (const name of [...(mapping.id === undefined ? [] : [mapping.id]), ...(mapping.text ?? [])])
    if (!columns.some((column) => column.name === name)) throw unknownColumn(name, columns);
  const places = columns.map((column) => own.findIndex(({ name }) => name === column.name));
  const indexOf = (name: string) => columns.findIndex((column) => column.name === name);
  const idAt = mapping.id === undefined ? -1 : indexOf(mapping.id);
  const textAt = mapping.text
    ? mapping.text.map(indexOf)
    : columns.flatMap((column, index) => (column.type === 'string' ? [index] : []));

  const word = (cells: readonly Cell[], at: number) => cellText((columns[at] as EngineColumn).type, cells[at] as Cell);
  return (row) => {
    const cells = places.map((place) => (place < 0 ? null : (row.cells[place] as Cell)));
    const id = idAt < 0 ? rowId(datasetId, object.key, row.ordinal) : word(cells, idAt);
    if (id === '') return undefined;
    let text = '';
    for (const at of textAt) {
      const part = word(cells, at);
      if (part !== '') text += text === '' ? part : ` ${part}`;
    }
    return { id, text, cells, row };
  };
}

function rowId(datasetId: string, key: string, ordinal: number): string {
  return createHash('sha256').update(`${datasetId}|${key}|${ordinal}`).digest('hex').slice(0, 32);
}

async function write(table: Table, input: IngestInput, given: readonly Entry[]) {
  const arrow = await loadArrow();
  // Within one merge an id may occur only once, or both rows would be kept.
  const entries = input.mapping.id === undefined ? given : [...new Map(given.map((e) => [e.id, e])).values()];
  const data = arrowTable(arrow, schemaV1(arrow, input.columns), [
    entries.map(({ id }) => id),
    entries.map(() => input.object.key),
    entries.map(({ row }) => row.line),
    entries.map(({ text }) => text),
    entries.map(({ row }) => row.json),
    ...input.columns.map((_, index) => entries.map(({ cells }) => cells[index] as Cell)),
  ]);
  if (input.mapping.id === undefined) {
    await table.add(data);
    return { inserted: entries.length, updated: 0 };
  }
  const merged = await table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data);
  return {
    inserted: Number(merged.numInsertedRows),
    updated: Number(merged.numUpdatedRows) + given.length - entries.length,
  };
}

function cut(text: string): string {
  return text.slice(0, MAX_REJECT_TEXT);
}

function unknownColumn(name: string, columns: readonly EngineColumn[]): AppError {
  const known = columns.map((column) => column.name);
  return new AppError(
    'VALIDATION_FAILED',
    `The mapping names "${name}", which is not a column.`,
    `Use one of the columns: ${known.join(', ')}.`,
    { columns: known },
  );
}
