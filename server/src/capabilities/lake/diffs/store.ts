import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';

export interface Difference {
  readonly key: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Null where the object is not in that manifest. */
  readonly old_size: number | null;
  readonly new_size: number | null;
  readonly old_sha256: string | null;
  readonly new_sha256: string | null;
}

/** The objects in which two manifests differ, in the order of keys. Only keys after `after` are compared. */
export async function listDifferences(
  db: Db,
  { from, to, after = '', limit }: { from: string; to: string; after?: string | undefined; limit: number },
): Promise<Difference[]> {
  const { rows } = await sql<Difference>`
    select coalesce(a.key, b.key) as key,
      case when a.key is null then 'added' when b.key is null then 'removed' else 'changed' end as change,
      a.size as old_size, b.size as new_size, a.sha256 as old_sha256, b.sha256 as new_sha256
    from (select key, size, sha256 from lake_manifest_objects where manifest_id = ${from} and key > ${after}) a
    full join (select key, size, sha256 from lake_manifest_objects where manifest_id = ${to} and key > ${after}) b
      on a.key = b.key
    where a.sha256 is distinct from b.sha256 order by coalesce(a.key, b.key) limit ${limit}`.execute(db);
  return rows;
}

export interface DifferenceTotals {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly added_bytes: number;
  readonly removed_bytes: number;
  readonly unchanged: number;
}

/** How much two manifests differ. Bytes of changed objects count as both removed and added. */
export async function totalDifference(db: Db, from: string, to: string): Promise<DifferenceTotals> {
  const { rows } = await sql<DifferenceTotals>`
    select count(*) filter (where a.key is null) as added, count(*) filter (where b.key is null) as removed,
      count(*) filter (where a.sha256 <> b.sha256) as changed, count(*) filter (where a.sha256 = b.sha256) as unchanged,
      coalesce(sum(b.size) filter (where a.sha256 is distinct from b.sha256), 0)::bigint as added_bytes,
      coalesce(sum(a.size) filter (where a.sha256 is distinct from b.sha256), 0)::bigint as removed_bytes
    from (select key, size, sha256 from lake_manifest_objects where manifest_id = ${from}) a
    full join (select key, size, sha256 from lake_manifest_objects where manifest_id = ${to}) b on a.key = b.key`.execute(
    db,
  );
  return rows[0] as DifferenceTotals;
}

export interface ManifestChanges {
  /** Keys whose rows must go: their objects are gone or other ones. */
  readonly removed: readonly string[];
  /** Keys whose rows must come. */
  readonly added: readonly string[];
  /** Objects that stay. */
  readonly kept: number;
}

/** What differs between two manifests, by key in the order of their bytes. Another content type is another reading. */
export async function manifestChanges(db: Db, from: string, to: string): Promise<ManifestChanges> {
  const { rows } = await sql<{ key: string; removed: boolean; added: boolean }>`
    select coalesce(a.key, b.key) as key, a.key is not null as removed, b.key is not null as added
    from (select * from lake_manifest_objects where manifest_id = ${from}) a
    full join (select * from lake_manifest_objects where manifest_id = ${to}) b on a.key = b.key
    where a.key is null or b.key is null or a.sha256 <> b.sha256 or a.content_type <> b.content_type
    order by coalesce(a.key, b.key) collate "C"`.execute(db);
  const all = await sql<{ count: number }>`
    select count(*) as count from lake_manifest_objects where manifest_id = ${to}`.execute(db);
  const added = rows.filter((row) => row.added).map(({ key }) => key);
  const removed = rows.filter((row) => row.removed).map(({ key }) => key);
  return { removed, added, kept: (all.rows[0]?.count ?? 0) - added.length };
}
