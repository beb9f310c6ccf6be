import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../core/canonical.ts';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { RowPart } from './index-protocol.ts';
import type { EnginePool } from './pool.ts';
import type { EngineColumn, EngineObject, IndexMapping, IndexRef, SearchInput } from './protocol.ts';

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

const newIndex = (): IndexRef => ({ dir: `${scratch.dir}/index`, table: `t${tables++}` });

async function partOf(object: EngineObject): Promise<RowPart> {
  const dir = `${scratch.dir}/table${tables++}`;
  const { files, rejected, columns, rows } = await pool.run('materialise', { object, dir });
  const paths = files.map((file) => `${dir}/${file}`);
  return { key: object.key, sha256: sha256(object.key), files: paths, columns, from: 0, to: rows + rejected };
}

/** Has an index made of parts, as a job does, and holds it against what it must hold. */
async function indexed(parts: readonly RowPart[], mapping: IndexMapping) {
  const index = newIndex();
  const { dimensions } = await pool.run('vector_size', { vector: mapping.vector ?? '', parts });
  const columns = (parts[0]?.columns ?? []).filter(({ name }) => name !== mapping.vector);
  const plan = { datasetId: 'ds_1', columns, mapping, ...(dimensions !== null && { dimensions }) };
  const size = dimensions === null ? {} : { dimensions };
  const begun = (await pool.run('index_begin', { index, columns, ...size })).version as number;
  const written = await pool.run('index_write', { index, at: begun, ...plan, parts });
  const { version } = await pool.run('index_finish', { index, at: written.version, keep: [] });
  const state = await pool.run('index_state', { index, at: version, withChecksum: true });
  expect(state).toEqual(await pool.run('expected_rows', { ...plan, parts }));
  const rows = await pool.run('rows_of', { ...plan, parts, wantCells: true });
  expect(rows.rejects).toEqual(written.rejects);
  const search = async (input: Pick<SearchInput, 'query' | 'mode' | 'vector'>) =>
    (await pool.run('search', { index, at: version, limit: 100, offset: 0, ...input })).items;
  return { dimensions, written, rows, search };
}

const near = (...numbers: number[]) =>
  ({ query: '', mode: 'vector', vector: Float32Array.from(numbers) }) satisfies Partial<SearchInput>;

describe('vectors that the data brings', () => {
  test.each([
    ['JSON lines', 'a.jsonl', '{"n":"x","v":[1,0]}\n{"n":"y","v":[0.5,0.5]}\n{"n":"z","v":[0,1]}\n{"n":"w"}\n'],
    ['CSV', 'a.csv', 'n,v\nx,"[1,0]"\ny,"[0.5, 0.5]"\nz,"[0,1]"\nw,\n'],
  ])('of %s are found by what is near to them', async (_, key, content) => {
    const { dimensions, written, search } = await indexed([await partOf(await scratch.put(key, content))], {
      vector: 'v',
    });
    expect(dimensions).toBe(2);
    expect(written).toMatchObject({ inserted: 4, rejected: 0 });
    const items = await search(near(2, 0));
    expect(items.map(({ row }) => row)).toEqual([{ n: 'x' }, { n: 'y' }, { n: 'z' }]);
    expect(items.map(({ score }) => Math.round(score * 100))).toEqual([100, 71, 0]);
    expect((await search({ query: 'w', mode: 'text' })).map(({ row }) => row)).toEqual([{ n: 'w' }]);
    const both = await search({ ...near(0, 1), query: 'x', mode: 'hybrid' });
    expect(both[0]?.row).toEqual({ n: 'x' });
  });

  test.each([
    ['FLOAT[]', '[1, 0]'],
    ['DOUBLE[]', '[1, 0]'],
    ['FLOAT[2]', '[1, 0]'],
    ['INTEGER[]', '[1, 0]'],
  ])('of Parquet as %s', async (type, list) => {
    const object = await scratch.putParquet(
      'a.parquet',
      `SELECT * FROM (VALUES ('east', ${list}::${type}), ('steep', [3, 4]::${type}), ('none', NULL)) AS t(n, v)`,
    );
    const part = await partOf(object);
    expect(part.columns).toEqual([
      { name: 'n', type: 'string' },
      { name: 'v', type: 'json' },
    ] satisfies EngineColumn[]);
    const { search, rows } = await indexed([part], { vector: 'v' });
    expect((await search(near(3, 4))).map(({ row }) => row)).toEqual([{ n: 'steep' }, { n: 'east' }]);
    expect(rows.vectors).toEqual([Float32Array.of(1, 0), Float32Array.of(3, 4), null]);
    // Where nobody maps it, the column is JSON as from any other format.
    const plain = await indexed([part], {});
    const [row] = await plain.search({ query: 'steep', mode: 'text' });
    expect(row?.row).toEqual({ n: 'steep', v: [3, 4] });
  });

  test('that are none are rejects, with what they are instead', async () => {
    const bad = ['[1]', '[1,2,3]', '[1,null]', '["a",2]', '{"a":1}', '"word"', '[1e39,0]', '[]', '[[1],[2]]', 'true'];
    const lines = [
      '{"n":"first","v":[1,2]}',
      ...bad.map((v, at) => `{"n":"bad${at}","v":${v}}`),
      '{"n":"zero","v":[0,0]}',
    ];
    const part = await partOf(await scratch.put('a.jsonl', `${lines.join('\n')}\n`));
    for (const id of [undefined, 'n']) {
      const { written, search } = await indexed([part], { vector: 'v', ...(id && { id }) });
      expect(written).toMatchObject({ inserted: 2, updated: 0, rejected: bad.length });
      expect(written.rejects.map(({ line, column, reason }) => ({ line, column, reason }))).toEqual(
        bad.map((_, at) => ({ line: at + 2, column: 'v', reason: 'bad_vector' })),
      );
      expect(written.rejects.map(({ text }) => text).slice(0, 2)).toEqual(['[1]', '[1,2,3]']);
      // A vector without a direction is near to nothing; its row is found by its words.
      expect((await search(near(1, 1))).map(({ row }) => row)).toEqual([{ n: 'first' }]);
      expect(await search({ query: 'zero', mode: 'text' })).toHaveLength(1);
    }
  });

  test('of which there is none make an index without vectors, and the rest rejects', async () => {
    const part = await partOf(await scratch.put('a.jsonl', '{"n":"x","v":null}\n{"n":"y","v":"odd"}\n'));
    const { dimensions, written } = await indexed([part], { vector: 'v' });
    expect(dimensions).toBeNull();
    expect(written).toMatchObject({ inserted: 1, rejected: 1 });
  });

  test('have the length of the first in the order of keys, in whatever object it is', async () => {
    const parts = [
      await partOf(await scratch.put('a.jsonl', '{"n":"none","v":null}\n{"n":"empty","v":[]}\n')),
      await partOf(await scratch.put('b.jsonl', '{"n":"three","v":[1,2,3]}\n{"n":"two","v":[1,2]}\n')),
    ];
    const { dimensions, written } = await indexed(parts, { vector: 'v' });
    expect(dimensions).toBe(3);
    expect(written.rejects.map(({ object_key, line }) => [object_key, line])).toEqual([
      ['a.jsonl', 2],
      ['b.jsonl', 2],
    ]);
  });

  test('property: come through as they are, to the last bit of a 32-bit float', async () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 5 })
          .chain((size) =>
            fc.array(fc.option(fc.array(float, { minLength: size, maxLength: size })), { minLength: 1, maxLength: 12 }),
          ),
        fc.boolean(),
        async (vectors, mapped) => {
          const lines = vectors.map((v, n) => JSON.stringify({ n: `r${n % 7}`, v }));
          const part = await partOf(await scratch.put('a.jsonl', `${lines.join('\n')}\n`));
          const { rows, search } = await indexed([part], { vector: 'v', ...(mapped && { id: 'n' }) });
          const known = (v: readonly number[] | null) => {
            const numbers = v && Float32Array.from(v);
            const norm = Math.fround(numbers?.reduce((sum, value) => sum + value ** 2, 0) ?? 0);
            return numbers && norm > 0 && norm < Number.POSITIVE_INFINITY ? numbers : null;
          };
          // What has no direction is no vector to an index; adding 0 makes -0 the 0 that JSON has.
          expect(rows.vectors?.map((v) => v?.map((x) => x + 0) ?? null)).toEqual(
            vectors.map((v) => known(v)?.map((x) => x + 0) ?? null),
          );
          const last = mapped ? [...new Map(vectors.map((v, n) => [n % 7, v])).values()] : vectors;
          const found = vectors.some(known) ? await search(near(...(vectors.find(known) ?? []))) : [];
          expect(found).toHaveLength(last.filter(known).length);
        },
      ),
      { numRuns: 15 },
    );
  });
});
