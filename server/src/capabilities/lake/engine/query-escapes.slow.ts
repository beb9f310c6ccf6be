import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import { type Asked, putTables, query, refusal } from './query-fixtures.ts';
import type { QueryTable } from './query-protocol.ts';

const secret = 'the-secret-of-another';

let scratch: Scratch;
let pool: EnginePool;
let tables: QueryTable[];
/** A table of another dataset, and a text file beside. */
let others: QueryTable[];
let textFile: string;
let listener: Server;
let visits = 0;
let before: string;

beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool({ size: 1, memoryMb: 512 });
  tables = await putTables(scratch, pool, { 'cats.csv': 'id,name\n1,Miso\n2,Tofu\n' });
  others = await putTables(scratch, pool, { 'other.csv': `word\n${secret}\n` });
  textFile = path.join(scratch.dir, 'secret.txt');
  writeFileSync(textFile, secret);
  mkdirSync(path.join(scratch.dir, 'empty'));
  listener = createServer((_, response) => {
    visits += 1;
    response.end(secret);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  before = contents(scratch.dir);
});
afterAll(async () => {
  await pool.close();
  listener.close();
  await scratch.remove();
});

/** Every path below a directory with the hash of what is in it. */
function contents(directory: string): string {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return `${file} ${entry.isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : ''}`;
  });
  return entries.sort().join('\n');
}

/** Nothing was written, nobody was called, and the next query has its answer. */
async function nothingHappened(): Promise<void> {
  expect(contents(scratch.dir)).toBe(before);
  expect(visits).toBe(0);
  expect((await query(pool, tables, 'SELECT count(*) FROM dataset')).rows).toEqual([[2]]);
}

/** Puts real places into a query of the lists below. */
function fill(sql: string): string {
  const own = tables[0]?.files[0] ?? '';
  const other = others[0]?.files[0] ?? '';
  return sql
    .replaceAll('{dir}', scratch.dir)
    .replaceAll('{own}', own)
    .replaceAll('{beside}', path.relative(path.dirname(own), other))
    .replaceAll('{other}', other)
    .replaceAll('{text}', textFile)
    .replaceAll('{port}', String((listener.address() as AddressInfo).port));
}

async function refused(sql: string, asked?: Asked) {
  const error = await refusal(query(pool, tables, fill(sql), asked));
  const said = JSON.stringify({ ...error, message: error.message });
  // What the query itself said may stand in the engine's words.
  for (const hidden of [secret, 'root:', homedir(), scratch.dir].filter((word) => !fill(sql).includes(word)))
    expect(said).not.toContain(hidden);
  return error;
}

const reading = [
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM read_text('/proc/self/environ')",
  "SELECT * FROM read_blob('/proc/self/mem')",
  "SELECT * FROM read_text('/proc/self/cmdline')",
  "SELECT * FROM read_text('/proc/self/fd/0')",
  "SELECT * FROM read_text('{text}')",
  "SELECT * FROM read_text('file://{text}')",
  "SELECT * FROM read_json('{text}')",
  "SELECT * FROM read_parquet('{other}')",
  "SELECT * FROM read_parquet('{beside}')",
  "SELECT * FROM read_parquet('../{beside}')",
  "SELECT * FROM read_parquet(['{own}', '{other}'])",
  "SELECT * FROM parquet_scan('{dir}/*/*.parquet')",
  "SELECT * FROM parquet_metadata('{other}')",
  "SELECT * FROM parquet_schema('{other}')",
  "SELECT * FROM parquet_kv_metadata('{other}')",
  "SELECT * FROM sniff_csv('/etc/passwd')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM glob('{dir}/**')",
  "SELECT * FROM '/etc/passwd'",
  "SELECT * FROM '{other}'",
  "SELECT * FROM '*.parquet'",
  'SELECT * FROM "{dir}/empty/../secret.txt"',
  "SELECT * FROM 'http://127.0.0.1:{port}/x.parquet'",
  "SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')",
  "SELECT * FROM read_parquet('https://127.0.0.1:{port}/x.parquet')",
  "SELECT * FROM read_parquet('s3://127.0.0.1:{port}/x.parquet')",
  "SELECT * FROM read_parquet('hf://datasets/x/y.parquet')",
  "SELECT * FROM query('SELECT * FROM read_text(''{text}'')')",
  "SELECT * FROM query_table('{other}')",
  "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{text}'')'))",
  "SELECT json_serialize_plan('SELECT * FROM read_text(''{text}'')')",
  "WITH x AS (SELECT * FROM read_text('{text}')) FROM x",
  "SELECT (SELECT content FROM read_text('{text}'))",
  "SELECT * FROM dataset WHERE name IN (SELECT content FROM read_text('{text}'))",
  "SELECT * FROM dataset JOIN read_text('{text}') ON true",
  "SELECT * FROM dataset, LATERAL (SELECT * FROM READ_TEXT('{text}'))",
  "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('{text}')))",
  "FROM dataset UNION ALL (SELECT 1, content, '', 0, 0 FROM read_text('{text}'))",
  "FROM dataset ORDER BY (SELECT count(*) FROM read_text('{text}'))",
  "FROM dataset LIMIT (SELECT count(*) FROM read_text('{text}'))",
  "SELECT count(*) FILTER (WHERE (SELECT true FROM read_text('{text}'))) FROM dataset",
  "SELECT sum(id) OVER (PARTITION BY (SELECT content FROM read_text('{text}'))) FROM dataset",
  "PIVOT read_text('{text}') ON content IN ('x') USING count(*)",
  "DESCRIBE SELECT * FROM read_text('{text}')",
  "SUMMARIZE SELECT * FROM read_text('{text}')",
  "EXPLAIN SELECT * FROM read_text('{text}')",
  "EXPLAIN ANALYZE SELECT * FROM read_text('{text}')",
  'WITH "{other}" AS (SELECT 1) SELECT * FROM (FROM "{other}"), (WITH x AS (SELECT 1) FROM "{other}.parquet")',
  'SELECT * FROM (WITH "{text}" AS (SELECT 1) FROM "{text}"), "{text}"',
];

const writing = [
  "COPY dataset TO '{dir}/out.csv'",
  "COPY (SELECT 1) TO '{own}' (FORMAT parquet)",
  "COPY dataset FROM '{text}'",
  "EXPORT DATABASE '{dir}/out'",
  "IMPORT DATABASE '{dir}'",
  "ATTACH '{dir}/x.db'",
  "ATTACH ':memory:' AS other",
  "ATTACH 'postgres:host=127.0.0.1'",
  'DETACH memory',
  'USE memory',
  'INSTALL httpfs',
  'LOAD httpfs',
  "LOAD '{dir}/x.duckdb_extension'",
  'FORCE INSTALL httpfs FROM community',
  'UPDATE EXTENSIONS',
  'SET enable_external_access = true',
  "SET allowed_directories = ['/']",
  'SET lock_configuration = false',
  "SET temp_directory = '{dir}'",
  'SET VARIABLE x = 1',
  'RESET memory_limit',
  'PRAGMA database_list',
  'PRAGMA enable_profiling',
  "PRAGMA profiling_output = '{dir}/profile.json'",
  'CREATE TABLE x AS SELECT 1',
  'CREATE TEMP TABLE x AS SELECT 1',
  'CREATE VIEW x AS SELECT 1',
  'CREATE MACRO x(a) AS a + 1',
  "CREATE MACRO x() AS TABLE SELECT * FROM read_text('{text}')",
  "CREATE SECRET x (TYPE s3, KEY_ID 'a')",
  'CREATE SEQUENCE x',
  "CREATE TYPE x AS ENUM ('a')",
  'DROP VIEW dataset',
  'ALTER VIEW dataset RENAME TO x',
  'INSERT INTO dataset VALUES (1)',
  'UPDATE dataset SET id = 1',
  'DELETE FROM dataset',
  'TRUNCATE dataset',
  'MERGE INTO dataset USING dataset ON true WHEN MATCHED THEN DELETE',
  'BEGIN',
  'COMMIT',
  'CHECKPOINT',
  'VACUUM',
  'ANALYZE',
  'CALL duckdb_settings()',
  'CALL pragma_version()',
  'PREPARE x AS SELECT 1',
  'EXECUTE x',
  'DEALLOCATE x',
  "COMMENT ON VIEW dataset IS 'x'",
  'PIVOT dataset ON name',
  'WITH x AS (INSERT INTO dataset VALUES (1) RETURNING *) FROM x',
  "EXPLAIN COPY dataset TO '{dir}/out.csv'",
  'EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1',
  'EXPLAIN EXPLAIN SELECT 1',
  'EXPLAIN (FORMAT json) SELECT 1',
];

const telling = [
  'FROM duckdb_settings()',
  'FROM duckdb_secrets()',
  'FROM duckdb_databases()',
  'FROM duckdb_views()',
  'FROM duckdb_functions()',
  'FROM duckdb_logs()',
  'FROM duckdb_external_file_cache()',
  'FROM duckdb_temporary_files()',
  'FROM duckdb_prepared_statements()',
  'FROM pragma_database_size()',
  "FROM pragma_storage_info('dataset')",
  'FROM duckdb_views',
  'FROM main.duckdb_views',
  'FROM sqlite_master',
  'FROM pg_views',
  'FROM pg_catalog.pg_views',
  'FROM information_schema.tables',
  'FROM system.main.duckdb_views',
  'FROM memory.main.dataset',
  'WITH duckdb_views AS (SELECT 1) FROM main.duckdb_views',
  'SELECT * FROM (WITH duckdb_views AS (SELECT 1) FROM duckdb_views), duckdb_views',
  'SHOW TABLES',
  'SHOW ALL TABLES',
  'SHOW DATABASES',
  'SHOW VARIABLES',
  'DESCRIBE',
  "SELECT current_setting('allowed_paths')",
  "SELECT CURRENT_SETTING('secret_directory')",
  'SELECT "current_setting"(\'home_directory\')',
  "SELECT 'allowed_paths'.current_setting()",
  "SELECT pg_catalog.current_setting('allowed_paths')",
  "SELECT list_transform(['allowed_paths'], lambda x: current_setting(x))",
  "SELECT getenv('HOME')",
  "SELECT getvariable('x')",
  "SELECT write_log('x')",
  "SELECT * FROM parquet_metadata('{own}')",
  "SELECT filename FROM read_parquet('{own}')",
  'SELECT filename FROM dataset',
  'SELECT file_name FROM "cats.csv"',
  'SELECT file_index FROM "cats.csv"',
  "SELECT system('id')",
  "SELECT shell('id')",
  "FROM read_duckdb('{dir}/x.db')",
  "FROM seq_scan('x')",
  "FROM histogram('dataset', 'id')",
  'FROM enable_logging()',
];

const tricking = [
  'SELECT 1; SELECT 2',
  "SELECT 1; COPY dataset TO '{dir}/out.csv'",
  'SELECT 1 /* ; */ ; -- x\nCREATE TABLE x(i INT)',
  'SELECT $$a$$; DROP VIEW dataset',
  "/* SELECT */ COPY dataset TO '{dir}/out.csv'",
  "SELECT 1\0; COPY dataset TO '{dir}/out.csv'",
  'SELECT 1\0',
  "SELECT '\ud800'",
  '\u202eSELECT 1',
  '\uff33\uff25\uff2c\uff25\uff23\uff34 1',
  "SELECT\u200b 1 FROM read\u200b_text('{text}')",
  "SELECT * FROM \uff52ead_text('{text}')",
  '',
  ';',
  '--',
  '/*',
  "SELECT '",
  'SELECT $$',
  `SELECT ${'('.repeat(40_000)}1${')'.repeat(40_000)}`,
  `SELECT 1${' + 1'.repeat(20_000)}`,
  `SELECT ${'NOT '.repeat(20_000)} true`,
  `SELECT ${'['.repeat(40_000)}1${']'.repeat(40_000)}`,
  `SELECT ${'(SELECT '.repeat(10_000)} 1${')'.repeat(10_000)}`,
  `SELECT ${'CASE WHEN true THEN '.repeat(4000)} 1 ${'END '.repeat(4000)}`,
  `WITH ${Array.from({ length: 3000 }, (_, n) => `t${n} AS (SELECT * FROM t${n - 1}, t${n - 1} x)`).join(', ')} FROM t2999`,
  `SELECT ${'-'.repeat(50_000)}1`,
  `SELECT 1 FROM dataset ${'JOIN dataset USING (id) '.repeat(3000)}`,
  `SELECT '{}'${"::JSON -> 'a'".repeat(6000)}`,
];

test.each(reading)('reads nothing else: %s', async (sql) => {
  await refused(sql);
  await nothingHappened();
});

test.each(writing)('changes nothing: %s', async (sql) => {
  expect((await refused(sql)).code).toMatch(/^(QUERY|ENGINE)_FAILED$/);
  await nothingHappened();
});

test.each(telling)('tells nothing of the engine or the machine: %s', async (sql) => {
  await refused(sql);
  await nothingHappened();
});

test.each(tricking.map((sql) => [JSON.stringify(sql).slice(0, 80), sql]))('is not tricked by %s', async (_, sql) => {
  await refused(sql, { timeoutMs: 5000 });
  await nothingHappened();
});

const tooLarge = /QUERY_TOO_LARGE|ENGINE_OVERRUN|ENGINE_FAILED/;
test.each([
  ["SELECT repeat('x', 2000000000)", tooLarge],
  ["SELECT repeat('x', 100000000) FROM range(2048)", tooLarge],
  ['SELECT list(range) FROM range(1000000000)', tooLarge],
  ["SELECT string_agg(repeat('x', 1000), '') FROM range(10000000)", tooLarge],
  ['FROM range(1000000000) ORDER BY hash(range)', tooLarge],
  ['SELECT range(1000000000)', tooLarge],
  ["WITH RECURSIVE t AS (SELECT 'x' AS n UNION ALL SELECT n || n FROM t) SELECT max(length(n)) FROM t", tooLarge],
  ["SELECT regexp_matches('a', repeat('(a{1,100}){1,100}', 100))", /ENGINE_FAILED/],
])('a bomb ends its own child at most: %s', async (sql, codes) => {
  expect((await refusal(query(pool, tables, sql))).code).toMatch(codes);
  await nothingHappened();
});

test.each([
  ['SELECT count(*) FROM range(1000000000000)', /QUERY_TIMED_OUT/],
  ['SELECT sleep_ms(60000)', /QUERY_TIMED_OUT/],
  [
    'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t',
    /QUERY_TIMED_OUT|QUERY_TOO_LARGE|ENGINE_OVERRUN/,
  ],
  [
    'SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c WHERE a.range * b.range = c.range + 7',
    /QUERY_TIMED_OUT|ENGINE_OVERRUN/,
  ],
])('what never ends is ended: %s', async (sql, codes) => {
  const error = await refusal(query(pool, tables, sql, { timeoutMs: 500 }));
  expect(error.code).toMatch(codes);
  await nothingHappened();
});

test.each([
  [`SELECT 1 ${'UNION ALL SELECT 1 '.repeat(999)}`, 1000],
  ["SELECT regexp_matches(repeat('a', 1000000), '(a*)*b')", 1],
  [`SELECT length('${'x'.repeat(90_000)}')`, 1],
  ['WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) FROM t LIMIT 3', 3],
])('what is large but harmless runs: %.60s', async (sql, count) => {
  expect((await query(pool, tables, sql, { maxRows: 5000 })).rows.length).toBe(count);
  await nothingHappened();
});

// The walls behind the one that reads the query: the same engine without it.
test('the engine itself reaches nothing but its files', async () => {
  const script = `
    const { openReader } = await import(${JSON.stringify(new URL('./duckdb.ts', import.meta.url).href)});
    const { connection } = await openReader([${JSON.stringify(tables[0]?.files[0])}], 512);
    const answers = [];
    for (const sql of JSON.parse(process.argv[1])) {
      try { answers.push([sql, (await connection.runAndReadAll(sql)).getRowsJson()]); }
      catch (error) { answers.push([sql, 'refused: ' + error.message]); }
    }
    console.log(JSON.stringify(answers));`;
  const free = ['json_serialize_plan', 'SELECT content', 'read_duckdb'];
  const files = reading.filter((sql) => !free.some((word) => sql.includes(word)));
  const settings = writing.filter((sql) => /^(COPY|EXPORT|IMPORT|INSTALL|LOAD|FORCE|SET [a-z]|RESET)/.test(sql));
  const outside = settings.filter((sql) => !sql.includes('{own}'));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    JSON.stringify([...files, ...outside].map(fill)),
  ]);
  const answers = JSON.parse(stdout) as [string, unknown][];
  expect(answers.filter(([, answer]) => !String(answer).startsWith('refused'))).toEqual([]);
  await nothingHappened();
});
