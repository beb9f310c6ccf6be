import { quoted } from '../duckdb.ts';
import type { EngineColumn } from '../protocol.ts';
import { isCounted, readFiles } from '../table-files.ts';
import { duckTypeName } from '../table-types.ts';
import type { SqlColumn } from './conditions.ts';
import type { Group, GroupTable } from './rules.ts';

/** The tables of a schema object that have the same columns in the same order, and so are read by one SELECT. */
interface Part {
  readonly tables: GroupTable[];
  /** The object of each file, in their order. */
  readonly keys: string[];
}

/** A schema object as one relation: its columns under names of ours, which say nothing of what stands in the data. */
export interface Layout {
  readonly columns: readonly EngineColumn[];
  readonly column: (name: string) => SqlColumn | undefined;
  /** A SELECT of all rows: the columns, then `line` and `ordinal`, and where a row is from as `part` and `file`. */
  readonly select: string;
  readonly keyOf: (part: number, file: number) => string;
  readonly tables: readonly GroupTable[];
}

/** Brings the tables of a schema object together by the names of their columns. */
export function layoutOf({ tables }: Group): Layout {
  const types = new Map<string, EngineColumn>();
  for (const table of tables)
    for (const column of table.columns) types.set(column.name, types.get(column.name) ?? column);
  const columns = [...types.values()];
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  const parts = [...partsOf(tables).values()];
  const selects = parts.map(({ tables: [first], tables: all }, part) => {
    const own = new Map(first?.columns.map(({ name }, index) => [name, index]));
    const list = columns.map(({ name, type }, index) => {
      const at = own.get(name);
      return `${at === undefined ? 'NULL' : `c${at}`}::${duckTypeName(type)} AS g${index}`;
    });
    const files = all.flatMap((table) => table.files);
    return `SELECT ${[...list, 'line', 'ordinal', `${part} AS part`, 'file_index AS file'].join(', ')} FROM ${readFiles(files)}`;
  });
  return {
    columns,
    tables,
    select:
      selects.length > 0
        ? selects.join(' UNION ALL ')
        : `SELECT NULL::BIGINT AS line, NULL::BIGINT AS ordinal, 0 AS part, 0 AS file WHERE false`,
    column(name) {
      const index = places.get(name);
      return index === undefined ? undefined : { sql: `g${index}`, type: columns[index]?.type ?? 'string' };
    },
    keyOf: (part, file) => parts[part]?.keys[file] ?? '',
  };
}

/** A SELECT of a schema object's columns by their real names, for queries that people write. */
export function namedSelect({ columns, select }: Layout): string {
  const taken = new Set<string>();
  const list = columns.map(({ name }, index) => {
    let own = name;
    // The engine does not tell names apart that differ in their case only.
    for (let n = 1; taken.has(own.toLowerCase()); n++) own = `${name}_${n}`;
    taken.add(own.toLowerCase());
    return `g${index} AS ${quoted(own, '"')}`;
  });
  return `SELECT ${list.length > 0 ? list.join(', ') : 'NULL AS "nothing"'} FROM (${select})`;
}

function partsOf(tables: readonly GroupTable[]): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const table of tables) {
    const shape = JSON.stringify([table.columns, isCounted(table.files)]);
    const part = parts.get(shape) ?? { tables: [], keys: [] };
    part.tables.push(table);
    part.keys.push(...table.files.map(() => table.key));
    parts.set(shape, part);
  }
  return parts;
}
