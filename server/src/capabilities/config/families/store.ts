import { type Selectable, sql } from 'kysely';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import { immutableFunction } from '../immutable.ts';

export const familyMigrations: Migrations = {
  'config.0003-families': sqlMigration(`
    ${immutableFunction}
    create table if not exists config_families (
      client_id text collate "C" primary key,
      title text not null,
      format text not null,
      capabilities text[] not null,
      notes text[] not null,
      put_by text not null,
      put_at timestamptz not null default clock_timestamp()
    );
    create table if not exists config_schemas (
      client_id text collate "C" not null references config_families (client_id),
      version text not null,
      version_range text not null,
      schema json not null,
      position integer not null,
      created_at timestamptz not null default clock_timestamp(),
      deprecated_at timestamptz,
      primary key (client_id, version)
    );
    create or replace function config_schema_stays() returns trigger language plpgsql as $body$
    begin
      if tg_op = 'UPDATE' then
        if new.client_id = old.client_id and new.version = old.version and new.schema::text = old.schema::text then
          return new;
        end if;
      end if;
      raise exception 'a schema that was published is never changed or deleted' using errcode = 'restrict_violation';
    end $body$;
    create or replace trigger config_schemas_stay before update or delete on config_schemas
      for each row execute function config_schema_stays();
    create or replace trigger config_schemas_kept before truncate on config_schemas
      for each statement execute function config_immutable();`),
};

type FamilyTable = {
  client_id: string;
  title: string;
  format: string;
  capabilities: string[];
  notes: string[];
  put_by: string;
  put_at: Date;
};
type SchemaTable = {
  client_id: string;
  version: string;
  version_range: string;
  schema: Record<string, unknown>;
  /** Their order: the newest last. */
  position: number;
  created_at: Date;
  deprecated_at: Date | null;
};
export type FamilyRow = Selectable<FamilyTable> & { readonly schemas: readonly Selectable<SchemaTable>[] };

const tables = (db: Db) => db.withTables<{ config_families: FamilyTable; config_schemas: SchemaTable }>();

/** Families that were put, by id, each with its schemas, the newest last. */
export async function listFamilyRows(db: Db, client?: string): Promise<FamilyRow[]> {
  let families = tables(db).selectFrom('config_families').selectAll();
  let schemas = tables(db).selectFrom('config_schemas').selectAll();
  if (client !== undefined) {
    families = families.where('client_id', '=', client);
    schemas = schemas.where('client_id', '=', client);
  }
  const [rows, all] = [
    await families.orderBy('client_id').execute(),
    await schemas.orderBy('client_id').orderBy('position').execute(),
  ];
  return rows.map((row) => ({ ...row, schemas: all.filter(({ client_id }) => client_id === row.client_id) }));
}

/** Has all who put a family queue until the transaction ends: a schema that one adds is there for the next. */
export function lockFamily(tx: Db, client: string): Promise<void> {
  return lockInTransaction(tx, 'config.family', client);
}

export async function putFamilyRow(tx: Db, family: Omit<FamilyRow, 'put_at' | 'schemas'>): Promise<void> {
  const { capabilities, notes, ...plain } = family;
  const now = sql<Date>`clock_timestamp()`;
  const texts = (value: readonly string[]) => sql<never>`${[...value]}::text[]`;
  const values = { ...plain, capabilities: texts(capabilities), notes: texts(notes), put_at: now };
  const { client_id: _client, ...changes } = values;
  await tables(tx)
    .insertInto('config_families')
    .values(values)
    .onConflict((conflict) => conflict.column('client_id').doUpdateSet(changes))
    .execute();
}

/** Adds a version of a schema, or changes all of one but the schema itself. */
export async function putSchemaRow(tx: Db, row: Omit<Selectable<SchemaTable>, 'created_at'>): Promise<void> {
  const { schema, ...plain } = row;
  const { version_range, position, deprecated_at } = plain;
  await tables(tx)
    .insertInto('config_schemas')
    .values({ ...plain, schema: sql<never>`${storableJson(schema)}::json`, created_at: sql<Date>`clock_timestamp()` })
    .onConflict((conflict) =>
      conflict.columns(['client_id', 'version']).doUpdateSet({ version_range, position, deprecated_at }),
    )
    .execute();
}
