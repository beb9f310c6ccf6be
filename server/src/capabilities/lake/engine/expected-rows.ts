import type { DuckDBConnection } from '@duckdb/node-api';
import { type Checksum, createChecksum, objectHash } from './checksum.ts';
import { vectorSql } from './data-vectors.ts';
import { native, openReader } from './duckdb.ts';
import type { IndexOps, RowPart } from './index-protocol.ts';
import { placeOf } from './index-rows.ts';
import { createUnpacker, packTexts, packValues } from './packed.ts';
import type { EngineColumn } from './protocol.ts';
import { reading, tableOf } from './table-rows.ts';
import { type Cell, cellText } from './values.ts';

type Input = IndexOps['expected_rows']['input'];
type Output = IndexOps['expected_rows']['output'];

/** Records whose ids are packed at once. */
const AT_ONCE = 250_000;

/**
 * What an index of these parts must hold, by the database engine and without a look at the index: of rows with the same id
 * the last one by key and ordinal.
 */
export async function expectedRows(input: Input, memoryMb: number): Promise<Output> {
  const files = input.parts.flatMap((part) => part.files);
  const { connection, close } = await openReader(files, memoryMb);
  const checksum = createChecksum();
  try {
    let rows = 0;
    if (input.mapping.id !== undefined) rows = await addMapped(connection, input, checksum);
    else for (const part of input.parts) rows += await addCounted(connection, part, input, checksum);
    return { rows, checksum: checksum.value() };
  } finally {
    close();
  }
}

/** Adds the rows of an object whose ids are made of their places. */
async function addCounted(
  connection: DuckDBConnection,
  part: RowPart,
  { datasetId, ...plan }: Input,
  checksum: Checksum,
): Promise<number> {
  const prefix = `${datasetId}|${part.key}|`.replaceAll("'", "''");
  const object = objectHash(part.sha256);
  const id = `substr(sha256('${prefix}' || ordinal), 1, 32)`;
  const good = vectorSql(part, plan)?.good ?? 'true';
  let rows = 0;
  for (let from = part.from; from < part.to; from += AT_ONCE) {
    const source = tableOf({ ...part, from, to: Math.min(part.to, from + AT_ONCE) });
    const query = `SELECT count(*), ${packTexts(id)}, ${packValues('ordinal')} FROM ${source} AND ${good}`;
    const chunk = await native(async () => (await connection.run(query)).fetchChunk());
    const packed = chunk && createUnpacker(chunk);
    const count = packed?.count() ?? 0;
    rows += count;
    if (!packed || count === 0) continue;
    const { bytes, offsets } = packed.texts();
    const ordinals = packed.values<BigInt64Array>().items;
    for (let row = 0; row < count; row++)
      checksum.addUtf8(bytes, offsets[row] as number, offsets[row + 1] as number, object, Number(ordinals[row]));
  }
  return rows;
}

/** Adds the rows of all objects, whose ids the data brings. */
async function addMapped(connection: DuckDBConnection, input: Input, checksum: Checksum): Promise<number> {
  const { mapping, columns, parts } = input;
  const column = columns[placeOf(mapping.id ?? '', columns)] as EngineColumn;
  const hashes = parts.map((part) => objectHash(part.sha256));
  const result = await native(() => connection.stream(lastOfEachId(input, column)));
  let rows = 0;
  for (;;) {
    const chunk = await native(() => result.fetchChunk());
    if (!chunk || chunk.rowCount === 0) return rows;
    const [ids, places, ordinals] = chunk.getColumns();
    for (let row = 0; row < chunk.rowCount; row++) {
      const id = cellText(column.type, ids?.[row] as Cell);
      checksum.add(id, hashes[Number(places?.[row])] as bigint, Number(ordinals?.[row]));
    }
    rows += chunk.rowCount;
  }
}

function lastOfEachId({ parts, ...plan }: Input, column: EngineColumn): string {
  const selects = parts.flatMap((part, place) => {
    const at = part.columns.findIndex(({ name }) => name === column.name);
    if (at < 0) return [];
    const id = reading(`c${at}`, column);
    const filled = column.type === 'string' || column.type === 'json' ? ` AND ${id} <> ''` : '';
    const good = vectorSql(part, plan)?.good ?? 'true';
    const where = `${id} IS NOT NULL${filled} AND ${good}`;
    return [`SELECT ${id} AS id, ${place} AS place, ordinal FROM ${tableOf(part)} AND ${where}`];
  });
  const rows =
    selects.length > 0 ? selects.join(' UNION ALL ') : 'SELECT NULL AS id, 0 AS place, 0 AS ordinal WHERE false';
  return `SELECT id, last[1], last[2] FROM (SELECT id, max([place, ordinal]) AS last FROM (${rows}) GROUP BY id)`;
}
