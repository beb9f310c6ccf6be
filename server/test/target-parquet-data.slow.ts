import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportNames, partitionPath } from '../src/capabilities/lake/engine/export-names.ts';
import { exportedValues } from './support/exported.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { sha256Of } from './support/objects-stage.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;

beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

test('values that look like paths stay in the place of their partition', async () => {
  const values = [
    '../../etc/passwd',
    '/abs',
    'a/b',
    '..',
    '',
    'é ü',
    "it's",
    '%2F',
    '__HIVE_DEFAULT_PARTITION__',
    'A',
    'a',
  ];
  const id = await lake.dataset('hostile');
  const lines = [...values, null].map((place, at) => JSON.stringify({ 'pla/ce': place, n: at }));
  await lake.upload(id, 'a.ndjson', lines.join('\n'));
  await lake.commit(id, 'v1');
  const options = { partition_by: ['pla/ce'] };
  expect(await lake.ingest(id, { target: 'parquet', options })).toMatchObject({ state: 'succeeded' });
  const { items } = await lake.ok('list_export_files', { dataset_id: id, page_size: 200 });
  const paths: string[] = items.map((item: { path: string }) => item.path);
  for (const label of paths) expect(label).toMatch(/^pla%2Fce=[A-Za-z0-9_%-]*\/part-00000-0000\.parquet$/);
  expect(paths).toContain('pla%2Fce=%2E%2E%2F%2E%2E%2Fetc%2Fpasswd/part-00000-0000.parquet');
  expect(paths).toContain('pla%2Fce=__HIVE_DEFAULT_PARTITION__/part-00000-0000.parquet');
  expect(new Set(paths.map((label) => label.toLowerCase())).size).toBeGreaterThanOrEqual(paths.length - 1);
  expect((await exportedValues(items, 'n')).map(Number).sort((a, b) => a - b)).toEqual(lines.map((_, at) => at));
});

test('the job tells the first files of an export, and how many there are', async () => {
  const id = await lake.dataset('told');
  await lake.upload(id, 'a.csv', `n,part\n${Array.from({ length: 50 }, (_, n) => `${n},${n % 25}`).join('\n')}\n`);
  await lake.commit(id, 'v1');
  const job = await lake.ingest(id, { target: 'parquet', options: { partition_by: ['part'] } });
  const { items } = await lake.ok('list_export_files', { dataset_id: id, page_size: 200 });
  expect(items).toHaveLength(25);
  const files = items.map(({ path, sha256, bytes, rows }: Record<string, unknown>) => ({ path, sha256, bytes, rows }));
  expect(job.metadata.export).toEqual({
    file_count: 25,
    bytes: files.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0),
    files: files.slice(0, 20),
  });
  const response = await fetch(items[0].url, { headers: items[0].headers });
  expect(response.headers.get('content-disposition')).toContain('attachment');
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect({ size: bytes.length, sha256: sha256Of(bytes) }).toEqual({ size: files[0].bytes, sha256: files[0].sha256 });
});

test('files have at most the rows that were asked for, and the collector leaves them', async () => {
  const id = await lake.dataset('sizes');
  await lake.upload(id, 'a.csv', `n\n${Array.from({ length: 2500 }, (_, n) => n).join('\n')}\n`);
  await lake.commit(id, 'v1');
  await lake.ingest(id, { target: 'parquet', options: { rows_per_file: 1000 } });
  const before = await lake.ok('list_export_files', { dataset_id: id });
  expect(before.items.map(({ rows }: { rows: number }) => rows)).toEqual([1000, 1000, 500]);
  const collected = await lake.ended(await lake.ok('collect_garbage', { dry_run: false, older_than_days: 0 }));
  expect(collected.state).toBe('succeeded');
  expect((await exportedValues(before.items, 'n')).map(Number)).toEqual(Array.from({ length: 2500 }, (_, n) => n));
  const pages = await lake.ok('list_export_files', { dataset_id: id, page_size: 2 });
  const rest = await lake.ok('list_export_files', { dataset_id: id, page_size: 2, page: pages.next_page });
  expect([...pages.items, ...rest.items].map(({ path }: { path: string }) => path)).toEqual(
    before.items.map(({ path }: { path: string }) => path),
  );

  await sql`delete from lake_export_files`.execute(server.database.db);
  const forgotten = await lake.ended(await lake.ok('collect_garbage', { dry_run: true, older_than_days: 0 }));
  expect(forgotten.metadata.report.objects.count).toBeGreaterThanOrEqual(3);
});

test('an export is not searched, and takes no ids', async () => {
  const id = await lake.dataset('plain');
  await lake.upload(id, 'a.csv', 'n\n1\n');
  await lake.commit(id, 'v1');
  expect(await server.call('list_export_files', { dataset_id: id })).toMatchObject({ status: 409 });
  const searched = { dataset_id: id, query: 'x', target: 'parquet' };
  expect(await server.call('search_dataset', searched)).toMatchObject({
    status: 422,
    body: { error: { code: 'TARGET_NOT_AVAILABLE' } },
  });
  const mapped = { dataset_id: id, target: 'parquet', mapping: { id: 'n' } };
  expect(await server.call('start_ingest', mapped)).toMatchObject({ status: 422 });
});

test('columns keep names of their own, whatever their case', () => {
  const names = ['a', 'A', '_id', 'A_2', '', '\u0000', 'x\ny'].map((name) => ({ name, type: 'string' as const }));
  expect(exportNames(names)).toEqual(['a', 'A_2', '_id_2', 'A_2_2', 'column', 'column_2', 'xy']);
});

test('a value that reads like null is not null', () => {
  expect(partitionPath(['p'], ['__HIVE_DEFAULT_PARTITION__'])).not.toBe(partitionPath(['p'], [null]));
});
