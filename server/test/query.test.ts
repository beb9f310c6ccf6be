import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { type Answer, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
let cats: string;
beforeAll(async () => {
  server = await startTestServer(['--lake-query-processes', '1', '--lake-query-memory-mb', '512']);
  lake = lakeOf(server);
  cats = await lake.dataset('cats');
  await lake.upload(cats, 'raw/cats.csv', 'id,name,code\n1,Miso,10\n2,Tofu,20\n,broken\n');
  await lake.commit(cats, 'v1');
  await lake.upload(cats, 'raw/more.csv', 'id,name,code\n3,Nori,x1\n');
  await lake.upload(cats, 'notes.bin', 'not a table');
  await lake.commit(cats, 'v2');
});
afterAll(() => server.stop());

const ask = (sql: string, more: object = {}): Promise<Answer> =>
  server.call('query_dataset', { dataset_id: cats, sql, ...more });
const ok = (sql: string, more: object = {}) => lake.ok('query_dataset', { dataset_id: cats, sql, ...more });
const ready = async () => (await fetch(`${server.url}/readyz`)).status;

/** Process ids of the children of this process that run engines. */
function children(): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const engines = list.split('\n').filter((line) => line.includes('engine/child'));
  return engines.map((line) => Number.parseInt(line, 10));
}

/** Every file of the data directory with its hash, but for the one in which the audit goes on by itself. */
function dataFiles(): string[] {
  const entries = readdirSync(server.dataDir, { recursive: true, withFileTypes: true });
  const kept = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('audit-'));
  const files = kept.map((entry) => path.join(entry.parentPath, entry.name));
  return files.sort().map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`);
}

test('a query reads the current version, or the one it names', async () => {
  const answer = await ok('SELECT id, code, _object, _line FROM dataset ORDER BY id');
  expect(answer).toMatchObject({
    columns: [
      { name: 'id', type: 'BIGINT' },
      // One object has words in it, so that it is no number in any of them.
      { name: 'code', type: 'VARCHAR' },
      { name: '_object', type: 'VARCHAR' },
      { name: '_line', type: 'BIGINT' },
    ],
    rows: [
      [1, '10', 'raw/cats.csv', 2],
      [2, '20', 'raw/cats.csv', 3],
      [3, 'x1', 'raw/more.csv', 2],
    ],
    row_count: 3,
    truncated: false,
    version: 'v2',
  });
  expect(answer.elapsed_ms).toBeGreaterThanOrEqual(0);
  expect(await ok('SELECT sum(code) FROM dataset', { version: 'v1' })).toMatchObject({ rows: [[30]], version: 'v1' });
  expect(await ok('SELECT name FROM "raw/more.csv" WHERE id = $id', { params: { id: 3 } })).toMatchObject({
    rows: [['Nori']],
  });
  expect(await ok('FROM range(10)', { max_rows: 4 })).toMatchObject({
    row_count: 4,
    truncated: true,
    truncated_by: 'max_rows',
  });
});

test('what cannot be asked is refused with the next step', async () => {
  expectFailure(await ask('SELECT 1', { dataset_id: 'ds_none' }), 404, 'NOT_FOUND');
  expectFailure(await ask('SELECT 1', { version: 'v9' }), 404, 'NOT_FOUND');
  const empty = await lake.dataset('empty');
  expectFailure(await ask('SELECT 1', { dataset_id: empty }), 409, 'NOTHING_STAGED');
  const missing = expectFailure(await ask('SELECT * FROM dogs'), 422, 'QUERY_FAILED');
  expect(missing.details).toEqual({ tables: ['dataset', 'raw/cats.csv', 'raw/more.csv'] });
  const mistake = expectFailure(await ask('SELECT nmae FROM dataset'), 422, 'QUERY_FAILED');
  expect(mistake.details).toMatchObject({ engine: { untrusted: true, source: 'duckdb' } });
  for (const wrong of [
    { sql: '' },
    { sql: 'x'.repeat(100_001) },
    { max_rows: 0 },
    { max_rows: 10_001 },
    { timeout_s: 41 },
    { timeout_s: 0 },
    { params: [[1]] },
    { params: 'x' },
    { other: 1 },
  ])
    expectFailure(await ask('SELECT 1', wrong), 422, 'VALIDATION_FAILED');
});

test('it takes lake:read, and no more', async () => {
  const reader = await server.token('reader', ['lake:read']);
  const other = await server.token('other', ['ops:read', 'lake:write']);
  const call = (token: { secret: string }) =>
    server.call('query_dataset', { dataset_id: cats, sql: 'SELECT 1' }, token.secret);
  expect((await call(reader)).body.rows).toEqual([[1]]);
  expectFailure(await call(other), 403, 'FORBIDDEN');
});

test.each([
  "COPY dataset TO '{data}/x.csv'",
  "ATTACH '{data}/x.db'",
  "SELECT * FROM read_text('{data}/admin.token')",
  "SELECT * FROM glob('{data}/**')",
  "SELECT * FROM '/proc/self/environ'",
  "SELECT current_setting('allowed_paths')",
  'FROM duckdb_settings()',
  'SELECT 1; SELECT 2',
  'CREATE TABLE x(i INT)',
  'SET threads = 1',
  'SELECT filename FROM dataset',
])('nothing is written and nothing else read: %s', async (sql) => {
  const before = dataFiles();
  const said = expectFailure(await ask(sql.replace('{data}', server.dataDir)), 422, 'QUERY_FAILED');
  expect(JSON.stringify(said)).not.toContain(server.admin);
  if (!sql.includes('{data}')) expect(JSON.stringify(said)).not.toContain(server.dataDir);
  expect(dataFiles()).toEqual(before);
});

test.each(['EXPLAIN FROM dataset', 'EXPLAIN ANALYZE FROM dataset', 'DESCRIBE dataset', 'SUMMARIZE dataset'])(
  'an answer does not tell where the data lies: %s',
  async (sql) => {
    // The engine draws boxes in which long words are broken.
    const answer = JSON.stringify(await ok(sql)).replace(/\\n|[^\w./-]/g, '');
    expect(answer).toContain(sql.startsWith('EXPLAIN') ? 'READ_PARQUET' : 'BIGINT');
    expect(answer).not.toContain(server.dataDir);
    expect(answer).not.toContain('/tables/');
  },
);

test('a bomb ends alone: the server stays ready, an ingest beside it succeeds, the next query runs', async () => {
  const watching = { stop: false, answers: new Set<number>() };
  const watch = (async () => {
    while (!watching.stop) {
      watching.answers.add(await ready());
      await sleep(20);
    }
  })();
  try {
    const bombs = [
      ask("SELECT repeat('x', 2000000000)"),
      ask('SELECT list(range) FROM range(1000000000)'),
      ask('SELECT count(*) FROM range(1000000000000)', { timeout_s: 2 }),
    ];
    const ingested = await lake.ingest(cats);
    const [text, list, endless] = await Promise.all(bombs);
    expect(ingested).toMatchObject({ state: 'succeeded' });
    expectFailure(text as Answer, 422, 'QUERY_TOO_LARGE');
    expectFailure(list as Answer, 422, 'QUERY_TOO_LARGE');
    expectFailure(endless as Answer, 422, 'QUERY_TIMED_OUT');
  } finally {
    watching.stop = true;
    await watch;
  }
  expect([...watching.answers]).toEqual([200]);
  expect((await ok('SELECT 1')).rows).toEqual([[1]]);
});

test('the time also counts while a query waits for its turn', async () => {
  const long = ask('SELECT sleep_ms(60000)', { timeout_s: 3 });
  await sleep(300);
  const waiting = ask('SELECT 1', { timeout_s: 1 });
  expectFailure(await waiting, 422, 'QUERY_TIMED_OUT');
  expectFailure(await long, 422, 'QUERY_TIMED_OUT');
});

test('a caller who leaves makes room for the next', async () => {
  const gone = new AbortController();
  const left = fetch(`${server.url}/tools/query_dataset`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ dataset_id: cats, sql: 'SELECT sleep_ms(60000)', timeout_s: 40 }),
    signal: gone.signal,
  }).catch((error: Error) => error.name);
  await sleep(500);
  gone.abort();
  expect(await left).toBe('AbortError');
  expect((await ok('SELECT 1', { timeout_s: 20 })).rows).toEqual([[1]]);
});

test('a child that dies fails its own query, and another takes its place', async () => {
  await ok('SELECT 1');
  const dying = ask('SELECT sleep_ms(60000)', { timeout_s: 30 });
  await sleep(500);
  // Those that are not busy with it start again when they are needed.
  for (const pid of children()) process.kill(pid, 'SIGKILL');
  expectFailure(await dying, 422, 'QUERY_FAILED');
  expect((await ok('SELECT count(*) FROM dataset')).rows).toEqual([[3]]);
});

test('a version that nobody read yet is read on, whoever leaves', async () => {
  const id = await lake.dataset('large');
  const block = Array.from({ length: 1000 }, (_, n) => `{"id": ${n}, "name": "name ${n}"}\n`).join('');
  await lake.upload(id, 'large.jsonl', block.repeat(500));
  await lake.commit(id, 'v1');
  const call = (timeout_s: number) =>
    server.call('query_dataset', {
      dataset_id: id,
      sql: 'SELECT count(*), count(DISTINCT name) FROM dataset',
      timeout_s,
    });
  const first = await call(0.1);
  expect(expectFailure(first, 503, 'TABLES_BUILDING').retryable).toBe(true);
  let answer = await call(40);
  for (let n = 0; n < 5 && answer.body.error?.code === 'TABLES_BUILDING'; n++) answer = await call(40);
  expect(answer.body.rows).toEqual([[500_000, 1000]]);
});
