import { rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { checkBackup } from '../src/backup/check.ts';
import { createBackup } from '../src/backup/create.ts';
import { loadDatabase } from '../src/backup/load.ts';
import { createBuild, findBuild, prepareSchema } from '../src/capabilities/lake/targets/postgres/build/store.ts';
import { addVectors, makePgvector, type Pgvector } from '../src/capabilities/lake/targets/postgres/vectors/store.ts';
import type { Db } from '../src/core/db/database.ts';
import { migrate } from '../src/core/db/migrate.ts';
import { createLog } from '../src/core/log.ts';
import { allMigrations } from '../src/migrations.ts';
import { clusterUrl } from './support/database.ts';
import { createEmptyDatabase, pgvectorUrl } from './support/pgvector.ts';
import { makeTempDir } from './support/temp-dir.ts';

const log = createLog('error');

async function fill(db: Db): Promise<void> {
  await migrate(db, allMigrations);
  await prepareSchema(db);
  const pgvector = (await makePgvector(db)) as Pgvector;
  for (const [id, dimensions] of [
    ['idx_single', 3],
    ['idx_half', 2500],
  ] as const) {
    await createBuild(db, id, [], undefined, (tx) => addVectors(tx, id, pgvector, dimensions));
    const vector = JSON.stringify(Array.from({ length: dimensions }, (_, at) => (at === 1 ? 1 : 0)));
    await sql`insert into ${sql.id('lake_index', id)}
      (id_hash, id, object_key, object_hash, ordinal, text, words, vector)
      values ('\\x01', 'a', 'a.csv', 1, 0, 'one', 'one', ${vector}), ('\\x02', 'b', 'a.csv', 1, 1, '', '', null)`.execute(
      db,
    );
  }
  await sql`create index idx_single_vector on lake_index.idx_single using hnsw (vector vector_cosine_ops)`.execute(db);
}

describe.skipIf(pgvectorUrl === '')('a backup of vectors in our own PostgreSQL (TEST_PGVECTOR_URL)', () => {
  test('comes back whole where there is pgvector, and without those tables where there is none', async () => {
    const directory = makeTempDir('pgvector-backup');
    const databases = [
      await createEmptyDatabase(),
      await createEmptyDatabase(),
      await createEmptyDatabase(clusterUrl()),
    ];
    const [before, after, plain] = databases as [(typeof databases)[0], (typeof databases)[0], (typeof databases)[0]];
    try {
      await fill(before.db);
      const file = path.join(directory, 'vectors.tar');
      await createBackup(before.connection, directory, file);
      await loadDatabase(await checkBackup(file), after.connection, log);
      for (const question of [
        sql`select * from lake_index.idx_single order by id`,
        sql`select * from lake_index.idx_half order by id`,
        sql`select indexdef from pg_indexes where schemaname = 'lake_index' order by indexname`,
      ])
        expect((await question.execute(after.db)).rows).toEqual((await question.execute(before.db)).rows);
      expect(await findBuild(after.db, 'idx_single')).toBe(0);
      await loadDatabase(await checkBackup(file), plain.connection, log);
      expect(await findBuild(plain.db, 'idx_single')).toBeUndefined();
    } finally {
      for (const { close } of databases) await close();
      rmSync(directory, { recursive: true });
    }
  });
});
