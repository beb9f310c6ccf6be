import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import type { NeutralInput, NeutralServer } from '../families/neutral.ts';
import { immutable, immutableFunction } from '../immutable.ts';

export const catalogMigrations: Migrations = {
  'config.0004-catalog': sqlMigration(`
    ${immutableFunction}
    create table if not exists config_catalog (
      name text collate "C" not null,
      version text collate "C" not null,
      server jsonb not null,
      inputs jsonb not null,
      hash text not null,
      imported boolean not null,
      put_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (name, version)
    );
    ${immutable('config_catalog')}`),
};

type CatalogTable = {
  name: string;
  version: string;
  server: NeutralServer;
  inputs: NeutralInput[];
  /** Of server and inputs: the same version put again must be the same. */
  hash: string;
  /** From a registry's server.json, not written by hand. */
  imported: boolean;
  put_by: string;
  created_at: Date;
};
export type CatalogRow = Selectable<CatalogTable>;

const tables = (db: Db) => db.withTables<{ config_catalog: CatalogTable }>();
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

export function findCatalogRow(db: Db, name: string, version: string): Promise<CatalogRow | undefined> {
  return tables(db)
    .selectFrom('config_catalog')
    .selectAll()
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst();
}

export async function insertCatalogRow(tx: Db, row: Omit<CatalogRow, 'created_at'>): Promise<void> {
  const { server, inputs, ...plain } = row;
  await tables(tx)
    .insertInto('config_catalog')
    .values({ ...plain, server: json(server), inputs: json(inputs), created_at: sql<Date>`clock_timestamp()` })
    .execute();
}

/** The names in the catalogue, each once. */
export async function listCatalogNames(db: Db): Promise<string[]> {
  const rows = await tables(db).selectFrom('config_catalog').select('name').distinct().orderBy('name').execute();
  return rows.map(({ name }) => name);
}

/** Entries by name and version, from after one of them on. */
export async function listCatalogRows(
  db: Db,
  { after, limit }: { readonly after: readonly [name: string, version: string] | undefined; readonly limit: number },
): Promise<CatalogRow[]> {
  const [name, version] = after ?? ['', ''];
  const { rows } = await sql<CatalogRow>`
    select * from config_catalog where (name, version) > (${name}, ${version})
    order by name, version limit ${limit}`.execute(db);
  return rows;
}
