import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ingestable, jobEnded, ok, startIngest, until } from '../support/flow.ts';
import { datasetNames, keepWriting, outcomeOf, tryCall } from '../support/outcomes.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { fillDisk, mountTmpfs, whyNoMounts } from '../support/tmpfs.ts';

const reason = whyNoMounts();
const onDisks = reason === undefined ? test : (name: string) => test.skip(`${name} (${reason})`);
const rows = 20_000;
const dataDir = makeTempDir('full');
const objects = path.join(dataDir, 'objects');
const undo: (() => void)[] = [];
let server: ServeProcess;
beforeAll(async () => {
  if (reason !== undefined) return;
  undo.push(mountTmpfs(dataDir, '200m'));
  mkdirSync(objects);
  undo.push(mountTmpfs(objects, '32m'));
  server = await serveProcess(dataDir, ['--limits-calls-per-minute', '1000000', '--log-level', 'error']);
});
afterEach(() => free());
afterAll(async () => {
  await server?.stop();
  for (const step of undo.reverse()) step();
  rmSync(dataDir, { recursive: true, force: true });
});

let free = () => {};
/** Fills a disk until `free` is called. */
function fill(directory: string): void {
  const remove = fillDisk(directory);
  free = () => {
    free = () => {};
    remove();
  };
}

async function upload(datasetId: string, bytes: number) {
  const { url, headers } = await ok(server, 'create_presigned_upload', { dataset_id: datasetId, object_key: 'a.txt' });
  return outcomeOf(fetch(url, { method: 'PUT', headers, body: Buffer.alloc(bytes, 'a ') }));
}

const storageFull = { kind: 'refused', status: 507, body: { error: { code: 'STORAGE_FULL', retryable: true } } };
const ready = async () => (await fetch(`${server.url}/readyz`)).status;

onDisks('uploads to a full disk are refused, the rest goes on, and there is nothing to repair', async () => {
  const { id } = await ok(server, 'register_dataset', { name: 'uploads', uri: 'tutti://uploads' });
  expect(await upload(id, 40 * 2 ** 20)).toMatchObject(storageFull);
  expect(readdirSync(path.join(objects, 'staging'))).toEqual([]);
  fill(objects);
  expect(await upload(id, 100_000)).toMatchObject(storageFull);
  expect(await ready()).toBe(503);
  await ok(server, 'register_dataset', { name: 'meanwhile', uri: 'tutti://meanwhile' });
  expect(await datasetNames(server)).toContain('meanwhile');
  free();
  expect(await ready()).toBe(200);
  expect(await upload(id, 100_000)).toMatchObject({ kind: 'answered' });
  await ok(server, 'commit_dataset_version', { dataset_id: id, version: '1' });
  expect(readdirSync(path.join(objects, 'staging'))).toEqual([]);
});

onDisks('a job that finds the disk full says so, and runs when there is room', async () => {
  const id = await ingestable(server, 'index', rows);
  const indexes = path.join(dataDir, 'indexes');
  mkdirSync(indexes, { recursive: true });
  const unmount = mountTmpfs(indexes, '64k');
  try {
    const { id: jobId } = await startIngest(server, id);
    const job = await jobEnded(server, jobId);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'STORAGE_FULL', retryable: true } });
  } finally {
    unmount();
  }
  const { id: again } = await startIngest(server, id);
  const job = await jobEnded(server, again);
  expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: rows } });
});

/** Writes so much to the log of PostgreSQL that it needs another segment. */
async function exhaustLog(): Promise<void> {
  const home = path.join(dataDir, 'postgres');
  const password = readFileSync(path.join(home, 'password'), 'utf8').trim();
  const client = new pg.Client({ host: path.join(home, 'run'), user: 'tutti', password, database: 'tutti' });
  client.on('error', () => undefined);
  await client.connect();
  const write = async () => {
    for (let n = 0; n < 400; n += 1)
      await client.query(`select pg_logical_emit_message(false, 'fill', repeat('x', 1000000))`);
  };
  await expect(write()).rejects.toThrow();
  await client.end().catch(() => undefined);
}

onDisks(
  'a database without room refuses what it cannot keep, ends, comes back, and has what it acknowledged',
  async () => {
    const writing = keepWriting(() => server, 'full');
    await writing.more(20);
    fill(dataDir);
    await until(() => writing.others.some(({ status }) => status === 507));
    // Reads go on where possible.
    expect(await tryCall(server, 'list_datasets', { page_size: 5 })).toMatchObject({ kind: 'answered' });
    expect(await ready()).toBe(503);

    await exhaustLog();
    await until(() => writing.others.some(({ status }) => status === 503));
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    free();
    await writing.more(50);
    await writing.stop();
    await expect.poll(ready, { timeout: 30_000 }).toBe(200);
    expect(writing.others.filter(({ kind }) => kind !== 'refused')).toEqual([]);
    const names = await datasetNames(server);
    expect(writing.acknowledged.filter((name) => !names.has(name))).toEqual([]);
    const { id: jobId } = await startIngest(server, await ingestable(server, 'after', rows));
    const job = await jobEnded(server, jobId);
    expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: rows } });
  },
);
