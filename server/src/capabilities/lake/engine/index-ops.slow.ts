import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../core/canonical.ts';
import { addChecksums, createChecksum, objectHash } from './checksum.ts';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { RowPart } from './index-protocol.ts';
import type { EnginePool } from './pool.ts';
import type { EngineColumn, IndexMapping, IndexRef } from './protocol.ts';

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
  { name: 'n', type: 'string' },
  { name: 'text', type: 'string' },
];
const newIndex = (): IndexRef => ({ dir: `${scratch.dir}/index`, table: `t${tables++}` });
const sha = (key: string) => sha256(key);
const line = (values: readonly string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');

/** An object of these rows as a table of its own. */
async function partOf(key: string, rows: readonly (readonly [string, string])[]): Promise<RowPart> {
  const object = await scratch.put(`${tables++}.csv`, `n,text\n${rows.map((row) => `${line(row)}\n`).join('')}`);
  const dir = `${scratch.dir}/table${tables++}`;
  const { files, rejected, ...table } = await pool.run('materialise', { object, columns, dir });
  const paths = files.map((file) => `${dir}/${file}`);
  return { key, sha256: sha(key), files: paths, columns: table.columns, from: 0, to: table.rows + rejected };
}

async function begun(index: IndexRef): Promise<number> {
  return (await pool.run('index_begin', { index, columns })).version as number;
}
const write = (index: IndexRef, at: number, parts: readonly RowPart[], mapping: IndexMapping = {}) =>
  pool.run('index_write', { index, at, columns, mapping, datasetId: 'ds_1', parts });
const stateOf = (index: IndexRef, at: number) => pool.run('index_state', { index, at, withChecksum: true });
const expected = (parts: readonly RowPart[], mapping: IndexMapping = {}) =>
  pool.run('expected_rows', { columns, mapping, datasetId: 'ds_1', parts });
const ten = (from: number) => Array.from({ length: 10 }, (_, n) => [`${from + n}`, `row ${from + n}`] as const);

describe('a step of a build', () => {
  test('that is repeated leaves what it would have left alone', async () => {
    const index = newIndex();
    const [a, b] = [await partOf('a', ten(0)), await partOf('b', ten(10))];
    const empty = await begun(index);
    const first = await write(index, empty, [a]);
    // Twice more: what came after `first` is undone each time.
    await write(index, first.version, [b]);
    await write(index, first.version, [{ ...b, to: 5 }]);
    const second = await write(index, first.version, [b]);
    expect(second).toMatchObject({ inserted: 10, updated: 0, rejected: 0 });
    expect(await stateOf(index, second.version)).toEqual(await expected([a, b]));
    const gone = await pool.run('index_remove', { index, at: second.version, keys: ['a'] });
    expect(gone.deleted).toBe(10);
    expect(await stateOf(index, gone.version)).toEqual(await expected([b]));
    // What an older version reads is still there.
    expect(await stateOf(index, second.version)).toEqual(await expected([a, b]));
  });

  test('writes only its range of records', async () => {
    const index = newIndex();
    const a = await partOf("it's", ten(0));
    let { version } = await write(index, await begun(index), [{ ...a, from: 0, to: 3 }]);
    expect((await stateOf(index, version)).rows).toBe(3);
    ({ version } = await write(index, version, [{ ...a, from: 3, to: 10 }]));
    expect(await stateOf(index, version)).toEqual(await expected([a]));
    expect((await pool.run('index_remove', { index, at: version, keys: ["it's"] })).deleted).toBe(10);
  });

  test('takes rows of any size, a few at a time where they are large', async () => {
    const index = newIndex();
    const large = Array.from({ length: 12 }, (_, n) => [`large${n}`, `${n} `.repeat(800_000)] as const);
    const parts = [await partOf('a', [...ten(0), ...large, ...ten(10)])];
    for (const mapping of [{}, { id: 'n' }]) {
      const { version, ...written } = await write(index, await begun(index), parts, mapping);
      expect(written).toMatchObject({ inserted: 32, updated: 0, rejected: 0 });
      expect(await stateOf(index, version)).toEqual(await expected(parts, mapping));
    }
  });

  test('begins on no version that is gone', async () => {
    const index = newIndex();
    expect(await pool.run('index_begin', { index, columns, base: 1 })).toEqual({ version: null });
    const empty = await begun(index);
    expect(await pool.run('index_begin', { index, columns, base: empty + 7 })).toEqual({ version: null });
    expect(await pool.run('index_begin', { index, columns, base: empty })).toEqual({ version: empty });
  });

  test('finishes an index without rows, which is searched like any other', async () => {
    const index = newIndex();
    const { version } = await pool.run('index_finish', { index, at: await begun(index), keep: [] });
    const found = await pool.run('search', { index, at: version, query: 'x', mode: 'text', limit: 1, offset: 0 });
    expect(found).toEqual({ items: [], more: false });
    expect(await stateOf(index, version)).toEqual(await expected([]));
  });
});

test('property: rows with ids of their own are the last of each id, in whatever order objects come', async () => {
  const rows = fc.array(fc.tuple(fc.constantFrom('1', '2', '3', 'ä', "o'", ''), fc.constantFrom('x', 'y')), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(rows, rows, fc.boolean(), async (first, second, swapped) => {
      const parts = [await partOf('a', first), await partOf('b', second)];
      const index = newIndex();
      let version = await begun(index);
      for (const part of swapped ? parts.toReversed() : parts)
        ({ version } = await write(index, version, [part], { id: 'n' }));
      const state = await stateOf(index, version);
      expect(state).toEqual(await expected(parts, { id: 'n' }));
      const ids = new Set([...first, ...second].map(([id]) => id).filter((id) => id !== ''));
      expect(state.rows).toBe(ids.size);
      const { items } = await pool.run('search', { index, at: version, query: '', mode: 'text', limit: 50, offset: 0 });
      const last = new Map<string, string>([...first, ...second]);
      for (const { id, row } of items) expect(row).toEqual({ n: id, text: last.get(id) });
    }),
    { numRuns: 15 },
  );
});

describe('the checksum', () => {
  const sumOf = (rows: readonly (readonly [string, string, number])[]) => {
    const checksum = createChecksum();
    for (const [id, object, ordinal] of rows) checksum.add(id, objectHash(sha(object)), ordinal);
    return checksum.value();
  };
  const row = fc.tuple(fc.string(), fc.string(), fc.nat());

  test('property: does not depend on the order, and adds up', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (a, b) => {
        expect(sumOf([...a, ...b])).toBe(sumOf([...b, ...a]));
        expect(addChecksums(sumOf(a), sumOf(b))).toBe(sumOf([...a, ...b]));
      }),
    );
  });

  test('property: is another one when a row is missing, double or changed', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.nat(), (rows, pick) => {
        const at = pick % rows.length;
        const [id, object, ordinal] = rows[at] as (typeof rows)[number];
        const others = rows.toSpliced(at, 1);
        const all = sumOf(rows);
        expect(sumOf(others)).not.toBe(all);
        expect(sumOf([...rows, [id, object, ordinal]])).not.toBe(all);
        expect(sumOf([...others, [id, object, ordinal + 1]])).not.toBe(all);
        expect(sumOf([...others, [`${id}x`, object, ordinal]])).not.toBe(all);
        expect(sumOf([...others, [id, `x${object}`, ordinal]])).not.toBe(all);
      }),
    );
  });
});
