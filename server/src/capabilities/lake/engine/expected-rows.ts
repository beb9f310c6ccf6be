import { createChecksum, objectHash } from './checksum.ts';
import { native, openReader } from './duckdb.ts';
import type { IndexOps, RowPart } from './index-protocol.ts';
import { placeOf } from './index-rows.ts';
import type { EngineColumn } from './protocol.ts';
import { reading, tableOf } from './table-rows.ts';
import { type Cell, cellText } from './values.ts';

type Input = IndexOps['expected_rows']['input'];
type Output = IndexOps['expected_rows']['output'];

/**
 * What an index of these parts must hold, by the database engine and without a look at the index: of rows with the same id
 * the last one by key and ordinal.
 */
export async function expectedRows(input: Input, memoryMb: number): Promise<Output> {
  const files = input.parts.flatMap((part) => part.files);
  const { connection, close } = await openReader(files, memoryMb);
  const checksum = createChecksum();
  let rows = 0;
  const run = async (query: string, take: (values: readonly (readonly unknown[])[], row: number) => void) => {
    const result = await native(() => connection.stream(query));
    for (;;) {
      const chunk = await native(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      const values = chunk.getColumns();
      for (let row = 0; row < chunk.rowCount; row++) take(values, row);
      rows += chunk.rowCount;
    }
  };
  try {
    const { mapping, columns, datasetId, parts } = input;
    if (mapping.id === undefined) {
      for (const part of parts) {
        const prefix = `${datasetId}|${part.key}|`.replaceAll("'", "''");
        const object = objectHash(part.sha256);
        const id = `substr(sha256('${prefix}' || ordinal), 1, 32)`;
        await run(`SELECT ${id}, ordinal FROM ${tableOf(part)}`, ([ids, ordinals], row) =>
          checksum.add(ids?.[row] as string, object, Number(ordinals?.[row])),
        );
      }
    } else {
      const column = columns[placeOf(mapping.id, columns)] as EngineColumn;
      const hashes = parts.map((part) => objectHash(part.sha256));
      await run(lastOfEachId(parts, column), ([ids, places, ordinals], row) => {
        const id = cellText(column.type, ids?.[row] as Cell);
        checksum.add(id, hashes[Number(places?.[row])] as bigint, Number(ordinals?.[row]));
      });
    }
    return { rows, checksum: checksum.value() };
  } finally {
    close();
  }
}

function lastOfEachId(parts: readonly RowPart[], column: EngineColumn): string {
  const selects = parts.flatMap((part, place) => {
    const at = part.columns.findIndex(({ name }) => name === column.name);
    if (at < 0) return [];
    const id = reading(`c${at}`, column);
    const filled = column.type === 'string' || column.type === 'json' ? ` AND ${id} <> ''` : '';
    return [`SELECT ${id} AS id, ${place} AS place, ordinal FROM ${tableOf(part)} AND ${id} IS NOT NULL${filled}`];
  });
  const rows =
    selects.length > 0 ? selects.join(' UNION ALL ') : 'SELECT NULL AS id, 0 AS place, 0 AS ordinal WHERE false';
  return `SELECT id, last[1], last[2] FROM (SELECT id, max([place, ordinal]) AS last FROM (${rows}) GROUP BY id)`;
}
