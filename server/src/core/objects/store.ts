import { type Selectable, sql } from 'kysely';
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
  /** Null while nobody has read the bytes through, which an object store took without us. */
  sha256: string | null;
  /** The state of the bytes that arrived, once they are identified: that was hashed. */
  etag: string | null;
  received_at: Date | null;
};

/** Of one query; PostgreSQL takes 65,535. */
const maxParameters = 10_000;

type Tables = { uploads: UploadTable };
export type UploadRow = Selectable<UploadTable>;
/** An upload whose bytes are there. */
export type ArrivedUpload = UploadRow & { staging_key: string; size: number; etag: string; received_at: Date };

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
  'core.0025-upload-etags': sqlMigration(`
    alter table uploads add column if not exists etag text;
    update uploads set etag = sha256 where etag is null;`),
};

const uploads = (db: Db) => db.withTables<Tables>();

export async function insertUpload(
  db: Db,
  upload: Pick<UploadRow, 'id' | 'holder' | 'object_key' | 'content_type' | 'size' | 'expires_at'>,
): Promise<void> {
  await uploads(db)
    .insertInto('uploads')
    .values({ ...upload, staging_key: null, sha256: null, etag: null, received_at: null })
    .execute();
}

export function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return uploads(db).selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Notes that an upload's bytes are there; false when they already were, for each URL works once. */
export async function markReceived(
  db: Db,
  id: string,
  staged: { staging_key: string; size: number; etag: string; received_at?: Date; sha256?: string },
): Promise<boolean> {
  const result = await uploads(db)
    .updateTable('uploads')
    .set({ received_at: new Date(), ...staged })
    .where('id', '=', id)
    .where('received_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** What is staged for a holder: of each object key the newest upload that arrived. In the order of their keys' bytes. */
export async function listArrived(
  db: Db,
  holder: string,
  range: {
    readonly key?: string;
    readonly prefix?: string | undefined;
    readonly after?: string | undefined;
    readonly limit?: number;
  } = {},
): Promise<ArrivedUpload[]> {
  let query = newest(db, holder);
  if (range.key !== undefined) query = query.where('object_key', '=', range.key);
  if (range.prefix) query = query.where(sql<boolean>`starts_with(object_key, ${range.prefix})`);
  if (range.after !== undefined) query = query.where(sql<boolean>`object_key collate "C" > ${range.after}`);
  if (range.limit !== undefined) query = query.limit(range.limit);
  return (await query.execute()) as ArrivedUpload[];
}

/** When the last of what is staged for a holder arrived; undefined while nothing is. */
export async function lastArrival(db: Db, holder: string): Promise<Date | undefined> {
  const { at } = await uploads(db)
    .selectFrom('uploads')
    .select((select) => select.fn.max('received_at').as('at'))
    .where('holder', '=', holder)
    .executeTakeFirstOrThrow();
  return at ?? undefined;
}

const keyBytes = sql<string>`object_key collate "C"`;

function newest(db: Db, holder: string) {
  return uploads(db)
    .selectFrom('uploads')
    .selectAll()
    .distinctOn(keyBytes)
    .where('holder', '=', holder)
    .where('received_at', 'is not', null)
    .orderBy(keyBytes)
    .orderBy('id', 'desc');
}

/** Ids of uploads that were asked for and are not known to have arrived. */
export async function listOutstanding(db: Db, of: { holder: string } | { expiredBefore: Date }): Promise<string[]> {
  const all = uploads(db).selectFrom('uploads').select('id').where('received_at', 'is', null).orderBy('id');
  const query = 'holder' in of ? all.where('holder', '=', of.holder) : all.where('expires_at', '<', of.expiredBefore);
  return (await query.execute()).map((row) => row.id);
}

export async function deleteUpload(db: Db, id: string): Promise<void> {
  await uploads(db).deleteFrom('uploads').where('id', '=', id).execute();
}

/** Forgets all uploads of an object key, those too that are still outstanding: their URLs work no more. */
export async function deleteUploads(db: Db, holder: string, objectKey?: string): Promise<number> {
  let query = uploads(db).deleteFrom('uploads').where('holder', '=', holder);
  if (objectKey !== undefined) query = query.where('object_key', '=', objectKey);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/**
 * Which of these staging keys belong to no upload: their server died before it could note them, their body broke off, or a
 * commit left them to be swept. In an object store the key is the upload's id, known before anything is noted.
 */
export async function findUnknownStaging(db: Db, keys: readonly string[]): Promise<string[]> {
  if (keys.length > maxParameters / 2) {
    const [some, others] = [keys.slice(0, maxParameters / 2), keys.slice(maxParameters / 2)];
    return [...(await findUnknownStaging(db, some)), ...(await findUnknownStaging(db, others))];
  }
  if (keys.length === 0) return [];
  const rows = await uploads(db)
    .selectFrom('uploads')
    .select(['id', 'staging_key'])
    .where((eb) => eb.or([eb('staging_key', 'in', [...keys]), eb('id', 'in', [...keys])]))
    .execute();
  const known = new Set(rows.flatMap((row) => [row.id, row.staging_key]));
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
