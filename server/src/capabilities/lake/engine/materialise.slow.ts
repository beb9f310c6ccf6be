import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import type { MaterialisedObject } from './protocol.ts';

let scratch: Scratch;
let pool: EnginePool;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool();
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

/** What the files hold, read back as any object is. */
async function rowsOf(dir: string, table: MaterialisedObject) {
  const found = [];
  for (const file of table.files) {
    const object = { path: join(dir, file), key: file, format: 'parquet' as const };
    found.push(...(await pool.run('check', { objects: [object] })).objects);
  }
  return found;
}

test('an object becomes files with its good rows, whatever its columns are called', async () => {
  const text = 'a,A,line,"x""; drop"\n1,2,true,2026-01-02\n,oops,false,\n3,4,maybe,2026-01-03\n';
  const object = await scratch.put('odd.csv', text);
  const columns = [
    { name: 'a', type: 'integer' as const },
    { name: 'A', type: 'string' as const },
    { name: 'line', type: 'boolean' as const },
    { name: 'x"; drop', type: 'timestamp' as const },
  ];
  const dir = join(scratch.dir, 'odd');
  const table = await pool.run('materialise', { object, columns, dir });
  expect(table).toMatchObject({ columns, rows: 2, rejected: 1, files: ['part-00000.parquet'] });
  expect(table.rejects).toEqual([{ line: 4, column: 'line', reason: 'cast', text: '3,4,maybe,2026-01-03' }]);
  const [file] = await rowsOf(dir, table);
  expect(file?.columns.map(({ name }) => name)).toEqual(['c0', 'c1', 'c2', 'c3', 'line', 'ordinal']);
  expect(file?.rows).toBe(2);
});

test('many rows become several files, an object without rows one', async () => {
  const lines = Array.from({ length: 260_000 }, (_, index) => `${index}`);
  const many = await scratch.put('many.csv', `id\n\n${lines.join('\n')}\n`);
  const dir = join(scratch.dir, 'many');
  const table = await pool.run('materialise', { object: many, dir });
  expect(table).toMatchObject({ rows: 260_000, rejected: 0, files: ['part-00000.parquet', 'part-00001.parquet'] });
  expect((await rowsOf(dir, table)).reduce((sum, { rows }) => sum + rows, 0)).toBe(260_000);
  const none = await pool.run('materialise', {
    object: await scratch.put('none.csv', 'id,name\n'),
    dir: join(scratch.dir, 'none'),
  });
  expect(none).toMatchObject({ rows: 0, files: ['counted-2.parquet'] });
});

test('rows that are large become several files, long before they are many', async () => {
  const row = `${JSON.stringify({ text: 'x'.repeat(2 ** 20) })}\n`;
  const object = await scratch.put('large.jsonl', row.repeat(140));
  const table = await pool.run('materialise', { object, dir: join(scratch.dir, 'large') });
  expect(table).toMatchObject({ rows: 140, rejected: 0, files: ['part-00000.parquet', 'part-00001.parquet'] });
});
