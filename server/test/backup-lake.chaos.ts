import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddingEndpoint } from './support/embedding-endpoint.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { runTutti, type ServeProcess, serveProcess } from './support/serve-process.ts';
import { makeTempDir } from './support/temp-dir.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const directory = makeTempDir('backup-lake');
let endpoint: Awaited<ReturnType<typeof startEmbeddingEndpoint>>;
let flags: string[];
const servers: ServeProcess[] = [];
beforeAll(async () => {
  endpoint = await startEmbeddingEndpoint();
  const declared = [{ name: 'main', url: endpoint.url, model: 'words', dimensions: 32 }];
  flags = ['--egress-allow', '127.0.0.1', '--lake-embedders', JSON.stringify(declared)];
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await endpoint.close();
  rmSync(directory, { recursive: true, force: true });
});

async function serve(dataDir: string): Promise<Lake> {
  const server = await serveProcess(dataDir, flags);
  servers.push(server);
  return lakeOf(server);
}

const csv = (rows: number) => `id,text\n${Array.from({ length: rows }, (_, at) => `${at},word${at} beta\n`).join('')}`;

async function exported(lake: Lake, dataset_id: string): Promise<number> {
  const { items } = await lake.ok('list_export_files', { dataset_id });
  for (const { url, headers, bytes } of items) {
    const response = await fetch(url, { headers });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(bytes);
  }
  return items.reduce((sum: number, { rows }: Body) => sum + rows, 0);
}

test('indexes of every target, exports and vectors come back, and a build that was under way goes on', async () => {
  const [source, target, file] = ['source', 'target', 'lake.tar'].map((name) => path.join(directory, name)) as [
    string,
    string,
    string,
  ];
  const lake = await serve(source);
  const id = await lake.dataset('all');
  await lake.upload(id, 'a.csv', csv(3));
  await lake.commit(id, 'v1');
  for (const to of [{ target: 'lance', options: { embedder: 'main' } }, { target: 'postgres' }, { target: 'parquet' }])
    expect(await lake.ingest(id, to)).toMatchObject({ state: 'succeeded', metadata: { rows: 3 } });
  const long = await lake.dataset('long');
  await lake.upload(long, 'a.csv', csv(6000));
  await lake.commit(long, 'v1');
  const job = await lake.ok('start_ingest', { dataset_id: long, target: 'postgres', options: { batch_rows: 100 } });
  for (let progress = 0; progress === 0; await sleep(5))
    ({ progress } = await lake.ok('job_status', { job_id: job.id }));
  expect(await runTutti(['backup', file, '--data-dir', source])).toMatchObject({ code: 0 });
  await servers[0]?.kill();

  expect(await runTutti(['restore', file, '--data-dir', target])).toMatchObject({ code: 0 });
  const embedded = endpoint.texts().length;
  const now = await serve(target);
  for (const name of ['lance', 'postgres'])
    expect((await now.search(id, 'beta', { target: name })).items, name).toHaveLength(3);
  expect(await exported(now, id)).toBe(3);
  expect(await now.ingest(id, { options: { embedder: 'main', mode: 'rebuild' } })).toMatchObject({
    state: 'succeeded',
  });
  expect(endpoint.texts().length).toBe(embedded);
  expect(await now.ended(job)).toMatchObject({ state: 'succeeded', metadata: { rows: 6000 } });
  expect((await now.search(long, 'word5999', { target: 'postgres' })).items).toHaveLength(1);
});
