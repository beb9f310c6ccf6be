import { afterAll, beforeAll, describe } from 'vitest';
import { startEmbeddingEndpoint } from './support/embedding-endpoint.ts';
import { createEmptyDatabase, pgvectorUrl } from './support/pgvector.ts';
import { searchedRows, testTarget } from './support/targets-contract.ts';

describe.skipIf(pgvectorUrl === '')('the target postgres with vectors (TEST_PGVECTOR_URL)', () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let endpoint: Awaited<ReturnType<typeof startEmbeddingEndpoint>>;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    endpoint = await startEmbeddingEndpoint();
  });
  testTarget({
    target: 'postgres',
    flags: () => [
      ...['--egress-allow', '127.0.0.1', '--lake-postgres-targets'],
      JSON.stringify([{ name: 'vectors', url: database.reference }]),
      '--lake-embedders',
      JSON.stringify([{ name: 'words', url: endpoint.url, model: 'bag', dimensions: 32, batch_size: 500 }]),
    ],
    options: { database: 'vectors', embedder: 'words' },
    incremental: true,
    rows: searchedRows('postgres'),
  });
  afterAll(async () => {
    await endpoint.close();
    await database.close();
  });
});
