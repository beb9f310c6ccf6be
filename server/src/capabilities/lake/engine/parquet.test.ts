import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';

let scratch: Scratch;
let pool: EnginePool;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool({ size: 1 });
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

test('the sandbox reads its one file and nothing else, and stays as it is', async () => {
  const own = await scratch.putParquet('own.parquet', 'SELECT 1 AS a');
  const other = await scratch.putParquet('other.parquet', 'SELECT 2 AS a');
  const statements = [
    `SELECT * FROM read_parquet('${other.path}')`,
    `SELECT * FROM read_parquet('${scratch.dir}/*')`,
    `SELECT * FROM glob('/*')`,
    `SELECT * FROM read_text('/etc/hostname')`,
    `COPY (SELECT 1) TO '${scratch.dir}/written'`,
    `ATTACH '${scratch.dir}/database'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access=true',
    `SET allowed_paths=['${other.path}']`,
    "SET temp_directory='/tmp'",
    "SET memory_limit='64GB'",
  ];
  const script = `
    const { openReader } = await import(${JSON.stringify(new URL('./duckdb.ts', import.meta.url).href)});
    const { connection } = await openReader([${JSON.stringify(own.path)}], 256);
    const allowed = [];
    for (const sql of ${JSON.stringify([`SELECT * FROM read_parquet('${own.path}')`, ...statements])}) {
      const rows = await connection.runAndReadAll(sql).then((r) => r.getRowsJson(), () => undefined);
      if (rows?.length !== undefined && (rows.length > 0 || !sql.includes('glob'))) allowed.push(sql);
    }
    console.log(JSON.stringify(allowed));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual([`SELECT * FROM read_parquet('${own.path}')`]);
});

test('names of columns are never read as SQL', async () => {
  const names = [`a"b`, `x'); SELECT 1; --`, 'A', '; DROP TABLE t', 'ü 😀'];
  const select = names.map((name, n) => `${n} AS "${name.replaceAll('"', '""')}"`).join(', ');
  const object = await scratch.putParquet('names.parquet', `SELECT ${select}`);
  const { objects } = await pool.run('check', { objects: [object] });
  expect(objects[0]).toMatchObject({ rows: 1, rejected: 0 });
  expect(objects[0]?.columns.map(({ name }) => name)).toEqual(names);
});

test('a folder that is called like a value adds no column', async () => {
  const { path } = await scratch.putParquet('plain.parquet', 'SELECT 1 AS a');
  const folder = join(scratch.dir, 'year=2026');
  await mkdir(folder);
  const inside = { path: join(folder, 'object'), key: 'plain.parquet', format: 'parquet' as const };
  await copyFile(path, inside.path);
  const { objects } = await pool.run('check', { objects: [inside] });
  expect(objects[0]?.columns).toEqual([{ name: 'a', type: 'integer' }]);
  expect(await pool.run('materialise', { object: inside, dir: join(folder, 'table') })).toMatchObject({ rows: 1 });
});
