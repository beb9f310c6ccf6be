import type { Selectable } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Migrations, sqlMigration } from '../db/migrate.ts';

type UploadTable = {
  /** Sorts by the time it was asked for: the newest one of an object key that arrived is what is staged. */
  id: string;
  /** Who holds the objects, such as a dataset's id. */
  holder: string;
  object_key: string;
  content_type: string;
  size: number | null;
  expires_at: Date;
  staging_key: string | null;
  sha256: string | null;
  received_at: Date | null;
};

type Tables = { uploads: UploadTable };
export type UploadRow = Selectable<UploadTable>;
/** An upload whose bytes are there. */
export type ReceivedUpload = UploadRow & { staging_key: string; sha256: string; size: number; received_at: Date };

export const objectMigrations: Migrations = {
  'core.0005-uploads': sqlMigration(`
    create table if not exists uploads (
      id text primary key,
      holder text not null,
      object_key text not null,
      content_type text not null,
      size bigint,
      expires_at timestamptz not null,
      staging_key text,
      sha256 text,
      received_at timestamptz
    );
    create index if not exists uploads_holder on uploads (holder, object_key, id);
    create index if not exists uploads_expires_at on uploads (expires_at);`),
};

const uploads = (db: Db) => db.withTables<Tables>();

export async function insertUpload(
  db: Db,
  upload: Pick<UploadRow, 'id' | 'holder' | 'object_key' | 'content_type' | 'size' | 'expires_at'>,
): Promise<void> {
  await uploads(db)
    .insertInto('uploads')
    .values({ ...upload, staging_key: null, sha256: null, received_at: null })
    .execute();
}

export function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return uploads(db).selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Notes that an upload's bytes are there; false when they already were, for each URL works once. */
export async function markReceived(
  db: Db,
  id: string,
  staged: { staging_key: string; sha256: string; size: number },
): Promise<boolean> {
  const result = await uploads(db)
    .updateTable('uploads')
    .set({ ...staged, received_at: new Date() })
    .where('id', '=', id)
    .where('received_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** What is staged for a holder: of each object key the newest upload that arrived. */
export async function listStaged(db: Db, holder: string): Promise<ReceivedUpload[]> {
  const rows = await uploads(db)
    .selectFrom('uploads')
    .selectAll()
    .distinctOn('object_key')
    .where('holder', '=', holder)
    .where('received_at', 'is not', null)
    .orderBy('object_key')
    .orderBy('id', 'desc')
    .execute();
  return rows as ReceivedUpload[];
}

/** Removes uploads up to the given one of each key: they were committed. Answers their staging keys. */
export async function takeStaged(db: Db, staged: readonly ReceivedUpload[]): Promise<string[]> {
  const keys: string[] = [];
  for (const upload of staged) {
    const rows = await uploads(db)
      .deleteFrom('uploads')
      .where('holder', '=', upload.holder)
      .where('object_key', '=', upload.object_key)
      .where('id', '<=', upload.id)
      .returning('staging_key')
      .execute();
    keys.push(...rows.flatMap((row) => row.staging_key ?? []));
  }
  return keys;
}

/** Which of these staging keys belong to no upload: their server died before it could note them, or their body broke off. */
export async function findUnknownStaging(db: Db, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const rows = await uploads(db)
    .selectFrom('uploads')
    .select('staging_key')
    .where('staging_key', 'in', [...keys])
    .execute();
  const known = new Set(rows.map((row) => row.staging_key));
  return keys.filter((key) => !known.has(key));
}

/** Uploads whose URL expired before a time and whose bytes never came. */
export async function deleteAbandoned(db: Db, before: Date): Promise<number> {
  const result = await uploads(db)
    .deleteFrom('uploads')
    .where('expires_at', '<', before)
    .where('received_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
