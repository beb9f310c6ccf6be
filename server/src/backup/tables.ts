import type pg from 'pg';
import { AppError } from '../core/errors.ts';
import { builtSchema } from './built-tables.ts';
import { copyIn, copyOut } from './copy.ts';
import type { SequenceState, TableDump } from './manifest.ts';
import { nameOf, quoted } from './sql-names.ts';

export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Our schema, the engine's, and that of the lake's tables in our database. */
const schemas = ['public', 'dbos', builtSchema];
/** Written by the migrations themselves. */
const ofMigrations = ['public.tutti_migrations', 'public.tutti_migrations_lock', 'dbos.dbos_migrations'];

/** The ids of transactions in these rows are part of what was signed, so they are kept as they are. */
const signed = ['public.audit_entries'];

/** Forms that any major reads alike, and the search path of a plain session. */
export async function settleSession(client: pg.Client): Promise<void> {
  await client.query(`set client_encoding = 'UTF8'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres';
    set timezone = 'UTC'; set bytea_output = 'hex'; set extra_float_digits = 1; set statement_timeout = 0`);
}

/** Shares the lock that the lake's collector takes alone (`lake.gc`, see lockInTransaction). */
export async function keepFromCollector(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_lock_shared(hashtextextended($1, 0))', [JSON.stringify(['lake.gc'])]);
}

/** All tables that hold something, with the columns that can be written. */
export async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select n.nspname as schema, c.relname as name,
       json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null)) order by a.attnum) as columns
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relkind = 'r' and n.nspname = any($1) and n.nspname || '.' || c.relname <> all($2)
       and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
     group by 1, 2 order by 1, 2`,
    [schemas, ofMigrations],
  );
  return rows;
}

/** The rows of a table. The ids of transactions mean nothing in another cluster: there, all of them are long past. */
export function dumpTable(client: pg.Client, table: Table) {
  const past = signed.includes(`${table.schema}.${table.name}`) ? [] : ['xid8'];
  const values = table.columns.map(({ name, type }) => (past.includes(type) ? `'3'::xid8` : quoted(name)));
  return copyOut(client, `copy (select ${values.join(', ')} from ${nameOf(table)}) to stdout`);
}

/** Puts rows into a table whose triggers must not see them as news. */
export async function loadTable(client: pg.Client, dump: TableDump, rows: AsyncIterable<Uint8Array>): Promise<void> {
  const target = nameOf(dump);
  await client.query(`alter table ${target} disable trigger user`);
  await client.query(`delete from ${target}`);
  const count = await copyIn(client, `copy ${target} (${dump.columns.map(quoted).join(', ')}) from stdin`, rows);
  await client.query(`alter table ${target} enable trigger user`);
  if (count !== dump.rows) throw miscounted(dump, count);
}

/** The tables in an order in which each comes after those that its rows refer to. */
export async function byReference(client: pg.Client, dumps: readonly TableDump[]): Promise<TableDump[]> {
  const { rows } = await client.query<{ from: string; to: string }>(
    `select distinct n.nspname || '.' || c.relname as from, m.nspname || '.' || r.relname as to
     from pg_constraint k
     join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_class r on r.oid = k.confrelid join pg_namespace m on m.oid = r.relnamespace
     where k.contype = 'f' and k.conrelid <> k.confrelid`,
  );
  const left = new Map(dumps.map((dump) => [`${dump.schema}.${dump.name}`, dump]));
  const ordered: TableDump[] = [];
  while (left.size > 0) {
    const free = [...left].filter(([name]) => !rows.some(({ from, to }) => from === name && left.has(to)));
    if (free.length === 0) throw new Error(`tables refer to each other in a ring: ${[...left.keys()].join(', ')}`);
    for (const [name, dump] of free) {
      ordered.push(dump);
      left.delete(name);
    }
  }
  return ordered;
}

export async function readSequences(client: pg.Client): Promise<SequenceState[]> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select schemaname as schema, sequencename as name from pg_sequences where schemaname = any($1) order by 1, 2`,
    [schemas],
  );
  const states: SequenceState[] = [];
  for (const { schema, name } of rows) {
    const { rows: state } = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${nameOf({ schema, name })}`,
    );
    if (state[0]) states.push({ schema, name, ...state[0] });
  }
  return states;
}

export async function setSequence(client: pg.Client, { schema, name, value, called }: SequenceState): Promise<void> {
  await client.query(`select setval($1::regclass, $2::bigint, $3)`, [nameOf({ schema, name }), value, called]);
}

/** The names of the migrations that this database has had; none before the first. */
export async function readMigrations(client: pg.Client): Promise<string[]> {
  const { rows: known } = await client.query(`select to_regclass('public.tutti_migrations') as found`);
  if (known[0].found === null) return [];
  const { rows } = await client.query<{ name: string }>(`select name from public.tutti_migrations order by name`);
  return rows.map((row) => row.name);
}

/** Staged bytes that the rows speak of. */
export async function readStaged(client: pg.Client): Promise<{ staging_key: string; sha256: string }[]> {
  if ((await readMigrations(client)).length === 0) return [];
  const { rows } = await client.query(
    `select staging_key, sha256 from public.uploads where staging_key is not null and sha256 is not null`,
  );
  return rows;
}

/** Hashes of all objects that versions, exports and other holders speak of, sorted. */
export async function* readPinned(client: pg.Client): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const { rows } = await client.query<{ sha256: string }>(
      `select o.sha256 collate "C" as sha256
       from public.lake_manifest_objects o
         join public.dataset_versions v using (manifest_id)
       where o.sha256 collate "C" > $1
       union
       select e.sha256 collate "C"
       from public.lake_export_files e
         join public.dataset_indexes i on i.id = e.index_id and i.state <> 'failed'
       where e.sha256 collate "C" > $1
       union
       select h.sha256 from public.object_holds h where h.sha256 > $1
       order by 1 limit 10000`,
      [after],
    );
    for (const row of rows) yield row.sha256;
    const last = rows.at(-1);
    if (!last) return;
    after = last.sha256;
  }
}

export async function majorOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query(`select current_setting('server_version_num')::int / 10000 as major`);
  return rows[0].major;
}

function miscounted({ name, rows }: TableDump, count: number): AppError {
  return new AppError(
    'CONFLICT',
    `The table ${name} took ${count} rows where the backup has ${rows}.`,
    'Try again with this release and the same file; if it stays so, restore with the release that made it.',
  );
}
