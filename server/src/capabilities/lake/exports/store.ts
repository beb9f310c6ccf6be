import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';

/** A file of an export. `path` is what it is called there; its bytes are pinned by their hash. */
export interface ExportFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
}

export const exportMigrations: Migrations = {
  'lake.0007-exports': sqlMigration(`
    create table if not exists lake_export_files (
      index_id text not null references dataset_indexes (id) on delete cascade,
      path text collate "C" not null,
      step integer not null,
      sha256 text not null,
      bytes bigint not null,
      rows bigint not null,
      primary key (index_id, path)
    );
    create index if not exists lake_export_files_sha256 on lake_export_files (sha256);`),
};

export async function insertExportFiles(
  tx: Db,
  indexId: string,
  step: number,
  files: readonly ExportFile[],
): Promise<void> {
  for (const { path, sha256, bytes, rows } of files)
    await sql`insert into lake_export_files (index_id, path, step, sha256, bytes, rows)
      values (${indexId}, ${path}, ${step}, ${sha256}, ${bytes}, ${rows})`.execute(tx);
}

/** Forgets the files of all steps from one on; the collector removes bytes that nobody names any more. */
export async function deleteExportFiles(db: Db, indexId: string, fromStep = 0): Promise<void> {
  await sql`delete from lake_export_files where index_id = ${indexId} and step >= ${fromStep}`.execute(db);
}

/** In the order of their paths. */
export async function listExportFiles(
  db: Db,
  indexId: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<ExportFile[]> {
  const { rows } = await sql<ExportFile>`
    select path, sha256, bytes, rows from lake_export_files
    where index_id = ${indexId} and (${after ?? null}::text is null or path > ${after ?? null})
    order by path limit ${limit}`.execute(db);
  return rows;
}

/** How many files an export has, and their bytes together. */
export async function sumExportFiles(db: Db, indexId: string): Promise<{ file_count: number; bytes: number }> {
  const { rows } = await sql<{ file_count: number; bytes: number }>`
    select count(*) as file_count, coalesce(sum(bytes), 0)::bigint as bytes
    from lake_export_files where index_id = ${indexId}`.execute(db);
  return rows[0] ?? { file_count: 0, bytes: 0 };
}
