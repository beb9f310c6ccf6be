import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPool } from '../src/capabilities/lake/engine/fixtures.ts';
import { openIndexes } from '../src/capabilities/lake/index-place.ts';
import { readSettings } from '../src/core/settings.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { createBucket, s3Flags } from './support/s3.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';

let directory: string;
let flags: string[];
let server: TestServer;
let lake: Lake;
beforeAll(async () => {
  directory = makeTempDir('lake-index-s3');
  flags = [...s3Flags(await createBucket(), directory), '--lake-indexes', 's3'];
  server = await startTestServer(flags);
  lake = lakeOf(server);
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

const lines = (from: number, to: number) =>
  `n,text\n${Array.from({ length: to - from }, (_, at) => `${from + at},row ${from + at}`).join('\n')}\n`;

test('versions follow one another in a bucket, changes alone, and an older one is served again at once', async () => {
  const id = await lake.dataset('versions');
  for (const key of ['a.csv', 'b.csv', 'c.csv']) await lake.upload(id, key, lines(0, 40));
  await lake.commit(id, 'v1');
  expect(await lake.ingest(id, { options: { batch_rows: 100 } })).toMatchObject({
    state: 'succeeded',
    counters: { inserted: 120, errors: 0 },
  });
  await lake.upload(id, 'c.csv', lines(100, 105));
  await lake.commit(id, 'v2');
  expect(await lake.ingest(id, { options: { mode: 'incremental' } })).toMatchObject({
    counters: { inserted: 5, deleted: 40 },
    metadata: { mode: 'incremental', rows: 85 },
  });
  expect((await lake.search(id, '', { page_size: 200 })).items).toHaveLength(85);
  expect(await lake.ingest(id, { version: 'v1' })).toMatchObject({ metadata: { mode: 'restored', rows: 120 } });
  expect((await lake.search(id, '', { page_size: 200 })).items).toHaveLength(120);
});

test('of several writers at once none loses a row', { timeout: 120_000 }, async () => {
  const settings = readSettings(['--data-dir', directory, ...flags], {});
  const index = (await openIndexes(settings))('ds_writers', 'shared');
  const lancedb = createRequire(new URL('../package.json', import.meta.url)).resolve('@lancedb/lancedb');
  const append = (writer: number, times: number) => {
    const script = `(async () => {
      const { dir, storage, table } = JSON.parse(process.env.INDEX);
      const connection = await require(${JSON.stringify(lancedb)}).connect(dir, { storageOptions: storage });
      const rows = (n) => Array.from({ length: 500 }, (_, at) => ({ id: ${writer} * 100000 + n * 500 + at, text: 'row' }));
      const open = ${times} === 0 ? await connection.createTable(table, rows(0)) : await connection.openTable(table);
      for (let n = 0; n < ${times}; n++) await open.add(rows(n));
    })().catch((error) => { console.error(error); process.exit(1); });`;
    const env = { ...process.env, INDEX: JSON.stringify(index) };
    return promisify(execFile)(process.execPath, ['-e', script], { env });
  };
  await append(9, 0);
  await Promise.all([1, 2, 3, 4].map((writer) => append(writer, 5)));
  const pool = createTestPool();
  try {
    expect(await pool.run('finish_index', { index, expectedRows: 10_500 })).toEqual({ rows: 10_500 });
  } finally {
    await pool.close();
  }
});
