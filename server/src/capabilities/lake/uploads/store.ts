import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';

/** What completing an upload in parts answered. */
export interface Completed {
  readonly size: number;
  readonly etag: string;
  readonly sha256?: string;
}

type MultipartTable = {
  /** Also the id of its row in `uploads`. */
  id: string;
  dataset_id: string;
  object_key: string;
  /** The object store's own name of it. */
  handle: string;
  part_size: number;
  size: number | null;
  expires_at: Date;
  completed: Completed | null;
};

type Tables = { lake_multipart_uploads: MultipartTable };
export type MultipartRow = Selectable<MultipartTable>;

const tables = (db: Db) => db.withTables<Tables>();

export async function insertMultipart(tx: Db, row: Omit<MultipartRow, 'completed'>): Promise<void> {
  await tables(tx)
    .insertInto('lake_multipart_uploads')
    .values({ ...row, completed: null })
    .execute();
}

export function findMultipart(db: Db, id: string): Promise<MultipartRow | undefined> {
  return tables(db).selectFrom('lake_multipart_uploads').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function markCompleted(tx: Db, id: string, completed: Completed): Promise<void> {
  await tables(tx)
    .updateTable('lake_multipart_uploads')
    .set({ completed: sql<never>`${JSON.stringify(completed)}::jsonb` })
    .where('id', '=', id)
    .execute();
}

export async function deleteMultipart(tx: Db, id: string): Promise<void> {
  await tables(tx).deleteFrom('lake_multipart_uploads').where('id', '=', id).execute();
}

/** Forgets those that expired before a time; answers how many. */
export async function deleteExpiredMultipart(db: Db, before: Date): Promise<number> {
  const result = await tables(db)
    .deleteFrom('lake_multipart_uploads')
    .where('expires_at', '<', before)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
