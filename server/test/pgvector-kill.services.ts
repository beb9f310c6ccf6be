import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { startEmbeddingEndpoint } from './support/embedding-endpoint.ts';
import { ingestAcrossKills, searchedIds } from './support/ingest-kill.ts';
import { createEmptyDatabase, pgvectorUrl, untilIndexing } from './support/pgvector.ts';
import { makeTempDir } from './support/temp-dir.ts';

/** Enough for an index of vectors. */
const rows = 21_000;

describe.skipIf(pgvectorUrl === '')('vectors in our own PostgreSQL over kills (TEST_PGVECTOR_URL)', () => {
  test('each row is there once with its vector, wherever the server was killed', { timeout: 480_000 }, async () => {
    const dataDir = makeTempDir('pgvector-kill');
    const database = await createEmptyDatabase();
    const endpoint = await startEmbeddingEndpoint(32);
    const declared = [{ name: 'words', url: endpoint.url, model: 'bag', dimensions: 32, batch_size: 500 }];
    try {
      await ingestAcrossKills(dataDir, {
        ...{ target: 'postgres', rows, batchRows: 2000, kills: 3 },
        options: { embedder: 'words' },
        flags: [
          ...['--database-url', database.url, '--egress-allow', '127.0.0.1'],
          ...['--lake-embedders', JSON.stringify(declared)],
        ],
        // The last time while the index of vectors is made, which its session then goes on with.
        moment: (kill) => (kill < 2 ? undefined : untilIndexing(database)),
        served: searchedIds('postgres', rows),
      });
      const { rows: tables } = await sql<{ name: string }>`
        select relname as name from pg_class where relnamespace = 'lake_index'::regnamespace
          and relkind = 'r' and relname like 'idx_%'`.execute(database.db);
      expect(tables).toHaveLength(1);
      const { rows: counted } = await sql`
        select count(vector) as vectors from ${sql.id('lake_index', tables[0]?.name ?? '')}`.execute(database.db);
      expect(counted).toEqual([{ vectors: rows }]);
      const { rows: indexes } = await sql`
        select i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relname like 'idx_%_vector%'`.execute(database.db);
      expect(indexes).toEqual([{ valid: true }]);
    } finally {
      await endpoint.close();
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
