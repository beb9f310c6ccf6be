import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../../core/canonical.ts';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { RowPart } from './index-protocol.ts';
import type { EnginePool } from './pool.ts';
import type { EngineColumn, IndexMapping, IndexRef } from './protocol.ts';

const script = fileURLToPath(new URL('../../../../test/support/lance-rows.ts', import.meta.url));

let scratch: Scratch;
let pool: EnginePool;
let tables = 0;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool();
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

const columns: EngineColumn[] = [
  { name: 's', type: 'string' },
  { name: 'i', type: 'integer' },
  { name: 'x', type: 'number' },
  { name: 'b', type: 'boolean' },
  { name: 'd', type: 'date' },
  { name: 't', type: 'timestamp' },
  { name: 'j', type: 'json' },
  { name: 'absent', type: 'string' },
];

async function partOf(key: string, rows: readonly object[]): Promise<RowPart> {
  const object = await scratch.put(key, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const dir = `${scratch.dir}/table${tables++}`;
  const wanted = columns.filter(({ name }) => name !== 'absent');
  const { files, rejected, ...table } = await pool.run('materialise', { object, columns: wanted, dir });
  const paths = files.map((file) => `${dir}/${file}`);
  return { key, sha256: sha256(key), files: paths, columns: table.columns, from: 0, to: table.rows + rejected };
}

const plain = (_: string, value: unknown) =>
  typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;

/** The rows of an index, and those that it must hold by our own words, in the order of their ids. */
async function bothWays(parts: readonly RowPart[], mapping: IndexMapping) {
  const index: IndexRef = { dir: `${scratch.dir}/index`, table: `t${tables++}` };
  const plan = { datasetId: 'ds_1', columns, mapping, parts };
  const { version } = await pool.run('index_begin', { index, columns });
  await pool.run('index_write', { index, at: version as number, ...plan });
  const { stdout } = await promisify(execFile)(process.execPath, [script, index.dir, index.table]);
  const rows = await pool.run('rows_of', { ...plan, wantCells: true });
  const made = rows.ids.map((id, at) => ({
    id,
    object_key: rows.keys[at],
    object_hash: String(rows.hashes[at]),
    line: String(rows.lines[at]),
    ordinal: String(rows.ordinals[at]),
    text: rows.texts[at],
    ...Object.fromEntries(columns.map((_, c) => [`c${c}`, rows.cells[c]?.[at] ?? null])),
  }));
  const sorted = (list: readonly { readonly id: string }[]) => list.map((row) => JSON.stringify(row, plain)).sort();
  return {
    found: sorted(JSON.parse(stdout) as { id: string }[]),
    made: sorted(mapping.id === undefined ? made : [...new Map(made.map((row) => [row.id, row])).values()]),
  };
}

test('property: rows that the engine packs are those that we make one by one', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('', 'a b', 'ä', '😀', "o'", '﻿x'));
  const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const row = fc.record(
    {
      s: fc.option(text),
      i: fc.option(fc.maxSafeInteger()),
      x: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      b: fc.option(fc.boolean()),
      d: fc.option(day.map((date) => date.toISOString().slice(0, 10))),
      t: fc.option(day.map((date) => date.toISOString())),
      j: fc.option(fc.dictionary(fc.string({ maxLength: 3 }), fc.integer(), { maxKeys: 2 })),
    },
    { requiredKeys: [] },
  );
  const mapping = fc.constantFrom<IndexMapping>(
    {},
    { id: 's' },
    { id: 'i', text: ['s', 'i', 'b', 'j', 'absent'] },
    { text: ['j'] },
    { id: 'd', text: ['x', 't'] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 12 }),
      fc.array(row, { maxLength: 5 }),
      mapping,
      async (a, b, named) => {
        const { found, made } = await bothWays([await partOf('a.jsonl', a), await partOf('b.jsonl', b)], named);
        expect(found).toEqual(made);
      },
    ),
    { numRuns: 12 },
  );
});
