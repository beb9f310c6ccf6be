import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddingEndpoint } from '../support/embedding-endpoint.ts';
import { exportedValues } from '../support/exported.ts';
import { ok } from '../support/flow.ts';
import { ingestAcrossKills, searchedIds } from '../support/ingest-kill.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { declaring, startWeaviate } from '../support/weaviate/start.ts';

/** So many, in so small steps, that the servers are killed before the end. */
const rows = 30_000;
let dataDir: string;
beforeEach(() => {
  dataDir = makeTempDir('targets-kill');
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('postgres: each row is in the table once, wherever the server was killed', { timeout: 180_000 }, async () => {
  expect.hasAssertions();
  const served = searchedIds('postgres', rows);
  await ingestAcrossKills(dataDir, { target: 'postgres', rows, batchRows: 200, kills: 2, served });
});

test('weaviate: each row is in the collection once, wherever the server was killed', { timeout: 240_000 }, async () => {
  const weaviate = await startWeaviate({ key: 'a-key-of-weaviate' });
  try {
    await ingestAcrossKills(dataDir, {
      target: 'weaviate',
      rows,
      batchRows: 2000,
      kills: 2,
      flags: declaring(weaviate.declared('main')),
      served: searchedIds('weaviate', rows),
    });
    // Nothing is left of what was begun and given up.
    expect((await weaviate.held()).collections).toMatchObject([{ rows }]);
  } finally {
    await weaviate.stop();
  }
});

test('parquet: each row is in a file once, wherever the server was killed', { timeout: 180_000 }, async () => {
  expect.hasAssertions();
  await ingestAcrossKills(dataDir, {
    target: 'parquet',
    rows,
    batchRows: 200,
    kills: 2,
    async served(server, dataset_id) {
      const { items } = await ok(server, 'list_export_files', { dataset_id, page_size: 200 });
      return (await exportedValues(items, 'id')).map(Number);
    },
  });
});

test('vectors that were there when the server was killed are not asked for again', { timeout: 180_000 }, async () => {
  const endpoint = await startEmbeddingEndpoint(16);
  const batch = 100;
  const kills = 2;
  const declared = [{ name: 'words', url: endpoint.url, model: 'bag', dimensions: 16, batch_size: batch }];
  try {
    await ingestAcrossKills(dataDir, {
      rows,
      batchRows: 200,
      kills,
      options: { embedder: 'words' },
      flags: ['--egress-allow', '127.0.0.1', '--lake-embedders', JSON.stringify(declared)],
    });
    const texts = endpoint.texts();
    expect(new Set(texts).size).toBe(rows);
    // Only what was on its way at a kill: two requests at once, whose answers nobody kept.
    expect(texts.length - rows).toBeLessThanOrEqual(kills * 2 * batch);
  } finally {
    await endpoint.close();
  }
});
