import { quoted } from './duckdb.ts';
import type { EngineColumn } from './protocol.ts';
import { foldName } from './query-gate.ts';
import type { QueryTable } from './query-protocol.ts';
import type { Relation } from './query-sandbox.ts';
import { isCounted, readFiles } from './table-files.ts';
import { duckTypeName } from './table-types.ts';

/** What all rows of a version are called together. */
const whole = 'dataset';
/** Tables of one scan. The engine copies the list of their keys again and again. */
const perScan = 100;

/**
 * What a query on tables may read, by folded names: each table by the key of its object, and all together as `dataset`.
 * Their columns carry the names of the data; `_line` and `_ordinal` say where a row is from, and `_object` of which table.
 */
export function relationsOf(tables: readonly QueryTable[]): ReadonlyMap<string, Relation> {
  const columns = allColumns(tables);
  const names = distinct(['_object', '_line', '_ordinal', ...columns.map(({ name }) => name)]).slice(3);
  const nameOf = new Map(columns.map(({ name }, index) => [name, names[index] ?? name]));
  const relations = [whole, ...distinct([whole, ...tables.map(({ key }) => key)]).slice(1)];
  const selects = [() => selectAll(tables, columns, nameOf), ...tables.map((table) => () => selectOne(table, nameOf))];
  return new Map(relations.map((name, index) => [foldName(name), { name, select: selects[index] as () => string }]));
}

function allColumns(tables: readonly QueryTable[]): EngineColumn[] {
  const found = new Map<string, EngineColumn>();
  for (const column of tables.flatMap((table) => table.columns))
    if (!found.has(column.name)) found.set(column.name, column);
  return [...found.values()];
}

/** Names of which no two are equal to an engine that does not tell cases apart: later ones get a number. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name === '' ? '_' : name;
    for (let n = 1; taken.has(foldName(own)); n++) own = `${name}_${n}`;
    taken.add(foldName(own));
    return own;
  });
}

function selectOne({ files, columns }: QueryTable, nameOf: ReadonlyMap<string, string>): string {
  const list = columns.map(
    ({ name, type }, index) => `c${index}::${duckTypeName(type)} AS ${quoted(nameOf.get(name) ?? name, '"')}`,
  );
  return `SELECT ${[...list, 'line AS _line', 'ordinal AS _ordinal'].join(', ')} FROM ${readFiles(files)}`;
}

/** All rows. Tables with the same columns in the same order are read in one go. */
function selectAll(
  tables: readonly QueryTable[],
  columns: readonly EngineColumn[],
  nameOf: ReadonlyMap<string, string>,
): string {
  const shapes = Map.groupBy(tables, ({ columns: own, files }) => JSON.stringify([own, isCounted(files)]));
  const scans = [...shapes.values()].flatMap((alike) =>
    Array.from({ length: Math.ceil(alike.length / perScan) }, (_, at) => alike.slice(at * perScan, (at + 1) * perScan)),
  );
  const parts = scans.map((some) => {
    const places = new Map(some[0]?.columns.map(({ name }, index) => [name, index]));
    const list = columns.map(({ name, type }) => {
      const place = places.get(name);
      const value = place === undefined ? 'NULL' : `c${place}`;
      return `${value}::${duckTypeName(type)} AS ${quoted(nameOf.get(name) ?? name, '"')}`;
    });
    const keys = some.flatMap(({ key, files }) => files.map(() => quoted(key, "'")));
    const object = keys.length === 1 ? keys[0] : `[${keys.join(', ')}][file_index::BIGINT + 1]`;
    const from = readFiles(some.flatMap(({ files }) => files));
    return `SELECT ${[...list, `${object} AS _object`, 'line AS _line', 'ordinal AS _ordinal'].join(', ')} FROM ${from}`;
  });
  return parts.join(' UNION ALL ');
}
