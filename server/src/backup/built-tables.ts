import type pg from 'pg';
import type { Shape, TableDump } from './manifest.ts';
import { nameOf, quoted } from './sql-names.ts';

/** Where the lake's target `postgres` makes a table for each index. */
export const builtSchema = 'lake_index';
/** Types of an extension that not every PostgreSQL has. */
const ofVector = /^(\w+\.)?(vector|halfvec|sparsevec)\b/;

/** Keeps tables from being dropped until the transaction ends; false when one of them just was. */
export async function holdBuilt(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select schemaname as schema, tablename as name from pg_tables where schemaname = $1 order by 2`,
    [builtSchema],
  );
  try {
    for (const table of rows) await client.query(`lock table ${nameOf(table)} in access share mode`);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === '42P01') return false;
    throw error;
  }
}

/** Whether this table is to be made: it is an index's, and not here. */
export async function isToMake(client: pg.Client, table: TableDump): Promise<boolean> {
  if (table.schema !== builtSchema) return false;
  const { rows } = await client.query<{ missing: boolean }>('select to_regclass($1) is null as missing', [
    nameOf(table),
  ]);
  return rows[0]?.missing === true;
}

/** What a table is like: enough to make it again. */
export async function readShape(client: pg.Client, table: { schema: string; name: string }): Promise<Shape> {
  const of = [nameOf(table)];
  const { rows: columns } = await client.query<Shape['columns'][number]>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
       (select c.collname from pg_collation c where c.oid = a.attcollation and c.collname <> 'default') as collation,
       col_description(a.attrelid, a.attnum) as comment
     from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    of,
  );
  const { rows: indexes } = await client.query<Shape['indexes'][number] & { readonly primary: boolean }>(
    `select c.relname as name, m.amname as method, i.indisprimary as primary,
       json_agg(json_build_object('name', a.attname, 'class', case when not o.opcdefault
         then json_build_object('schema', s.nspname, 'name', o.opcname) end)
         order by k.at) as columns
     from pg_index i
     join pg_class c on c.oid = i.indexrelid
     join pg_am m on m.oid = c.relam
     cross join lateral unnest(i.indkey::int2[], i.indclass::oid[]) with ordinality as k (attnum, class, at)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     join pg_opclass o on o.oid = k.class
     join pg_namespace s on s.oid = o.opcnamespace
     where i.indrelid = $1::regclass and i.indisvalid
     group by 1, 2, 3 order by 1`,
    of,
  );
  const key = indexes.find((index) => index.primary)?.columns.map((column) => column.name) ?? [];
  return { columns, key, indexes: indexes.filter((index) => !index.primary).map(({ primary, ...index }) => index) };
}

/**
 * Makes a table again, loads it and makes its indexes. What this PostgreSQL cannot hold, for it lacks the extension that
 * types are of, is left out; the index is then told as gone when it is read. Answers whether the table is there.
 */
export async function loadBuilt(client: pg.Client, dump: TableDump, load: () => Promise<void>): Promise<boolean> {
  const { shape } = dump;
  if (!shape) return false;
  const mayFail = shape.columns.some(({ type }) => ofVector.test(type));
  await client.query('savepoint built');
  try {
    if (mayFail) await client.query('create extension if not exists vector');
    await makeTable(client, dump, shape);
    await load();
    await makeIndexes(client, dump, shape);
    await client.query('release savepoint built');
    return true;
  } catch (error) {
    if (!mayFail || (error as { severity?: unknown }).severity !== 'ERROR') throw error;
    await client.query('rollback to savepoint built');
    return false;
  }
}

async function makeTable(client: pg.Client, table: TableDump, shape: Shape): Promise<void> {
  const columns = shape.columns.map(
    ({ name, type, collation, required }) =>
      `${quoted(name)} ${type}${collation === null ? '' : ` collate ${quoted(collation)}`}${required ? ' not null' : ''}`,
  );
  const key = shape.key.length > 0 ? [`primary key (${shape.key.map(quoted).join(', ')})`] : [];
  await client.query(`create table ${nameOf(table)} (${[...columns, ...key].join(', ')})`);
  for (const { name, comment } of shape.columns) {
    if (comment === null) continue;
    const { rows } = await client.query<{ literal: string }>('select quote_literal($1) as literal', [comment]);
    await client.query(`comment on column ${nameOf(table)}.${quoted(name)} is ${rows[0]?.literal}`);
  }
}

async function makeIndexes(client: pg.Client, table: TableDump, shape: Shape): Promise<void> {
  for (const { name, method, columns } of shape.indexes) {
    const list = columns.map((column) =>
      column.class === null ? quoted(column.name) : `${quoted(column.name)} ${nameOf(column.class)}`,
    );
    await client.query(`create index ${quoted(name)} on ${nameOf(table)} using ${quoted(method)} (${list.join(', ')})`);
  }
  await client.query(`analyze ${nameOf(table)}`);
}
