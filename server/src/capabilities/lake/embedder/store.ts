import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';

/** What a vector takes beside itself: key, times, and the row of the table. */
const rowBytes = 150;
const dayMs = 86_400_000;

/** In a schema of its own: all of it can be made again, at the price of asking for it. */
export const embeddingMigrations: Migrations = {
  'lake.0007-embeddings': sqlMigration(`
    create schema if not exists lake_index;
    create table if not exists lake_index.embeddings (
      space text not null,
      hash bytea not null,
      vector bytea not null,
      used_at timestamptz not null default now(),
      primary key (space, hash)
    );
    create index if not exists embeddings_used on lake_index.embeddings (used_at);`),
};

/** The vectors that are known of these texts, by the text's hash in hex. Those found count as used today. */
export async function findVectors(
  db: Db,
  space: string,
  hashes: readonly Buffer[],
): Promise<Map<string, Float32Array>> {
  const { rows } = await sql<{ hash: Buffer; vector: Buffer; used_at: Date }>`
    select hash, vector, used_at from lake_index.embeddings
    where space = ${space} and hash = any(${hashes as Buffer[]}::bytea[])`.execute(db);
  const old = rows.filter(({ used_at }) => used_at.getTime() < Date.now() - dayMs).map(({ hash }) => hash);
  if (old.length > 0) {
    await sql`update lake_index.embeddings set used_at = now()
      where space = ${space} and hash = any(${old}::bytea[])`.execute(db);
  }
  return new Map(rows.map(({ hash, vector }) => [hash.toString('hex'), toVector(vector)]));
}

/** Keeps vectors; of a text that is known already, the one that is there stays. */
export async function putVectors(
  db: Db,
  space: string,
  entries: readonly { readonly hash: Buffer; readonly vector: Float32Array }[],
): Promise<void> {
  const hashes = entries.map(({ hash }) => hash);
  const vectors = entries.map(({ vector }) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength));
  await sql`insert into lake_index.embeddings (space, hash, vector)
    select ${space}, hash, vector from unnest(${hashes}::bytea[], ${vectors}::bytea[]) as given (hash, vector)
    on conflict do nothing`.execute(db);
}

/** Forgets the vectors that were unused for longest, until the rest takes at most `maxBytes`; answers how many went. */
export async function trimVectors(db: Db, maxBytes: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from lake_index.embeddings e using (
      select space, hash, sum(length(vector) + ${rowBytes}::int) over (order by used_at desc, space, hash) as upto
      from lake_index.embeddings
    ) kept
    where e.space = kept.space and e.hash = kept.hash and kept.upto > ${maxBytes}::bigint`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Little-endian, as every machine that this runs on has it. */
function toVector(bytes: Buffer): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
