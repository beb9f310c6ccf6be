import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddingEndpoint } from './support/embedding-endpoint.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { csv, type WeaviateLake, weaviateLake } from './support/weaviate/lake.ts';
import { declaring, startWeaviate, type Weaviate } from './support/weaviate/start.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const target = 'weaviate';
const dimensions = 16;
let main: Weaviate;
let endpoint: Awaited<ReturnType<typeof startEmbeddingEndpoint>>;
let server: TestServer;
let lake: WeaviateLake;

beforeAll(async () => {
  [main, endpoint] = await Promise.all([startWeaviate(), startEmbeddingEndpoint(dimensions)]);
  const embedders = [
    { name: 'words', url: endpoint.url, model: 'bag', dimensions },
    { name: 'other', url: endpoint.url, model: 'sack', dimensions },
  ];
  const embedding = ['--egress-allow', '127.0.0.1', '--lake-embedders', JSON.stringify(embedders)];
  server = await startTestServer([...declaring(main.declared('main')), ...embedding]);
  lake = weaviateLake(server);
});
afterAll(async () => {
  await server.stop();
  await Promise.all([main.stop(), endpoint.close()]);
});

const hostile = `na"me'; drop \\ {}`;
const odd = [
  `it's "quoted"`,
  'nul \u0000 here',
  ' white space ',
  'white space',
  'Case',
  'case',
  'a*b?',
  'axb?',
  'line\nbreak',
  'ünïcödé 日本 🐈',
  'the',
];

describe('rows', () => {
  let id: string;
  beforeAll(async () => {
    const first = [
      { n: 1.5, i: 1, b: true, t: '2024-01-02T03:04:05.678Z', d: '2024-01-02', j: { a: [1] } },
      { n: -0.25, i: -2, b: false, t: '1969-12-31T23:59:59.999Z', d: '1970-01-01', j: [] },
      { n: 1e300, i: 9007199254740993n, b: null, t: null, d: null, j: null },
      { n: null, i: 9007199254740992n, b: true, t: '0001-01-01T00:00:00Z', d: '9999-12-31', j: { b: 'x' } },
    ];
    const rows = [
      ...first.map((row, at) => ({ ...row, [hostile]: at === 3 ? null : `row ${at}` })),
      ...odd.map((text, at) => ({ n: at, i: null, b: null, t: null, d: null, j: null, [hostile]: text })),
    ];
    const json = (row: object) =>
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `big${value}` : value)).replace(
        /"big(\d+)"/,
        '$1',
      );
    id = await lake.datasetOf('types', { 'a.ndjson': rows.map(json).join('\n') });
    for (const one of ['lance', target])
      expect(await lake.ingest(id, { target: one })).toMatchObject({
        state: 'succeeded',
        metadata: { rows: rows.length },
      });
  });
  const found = async (from: string, more: object = {}) =>
    (await lake.search(id, '', { target: from, page_size: 200, ...more })).items;

  test('come back as they come from lance, in the same order', async () => {
    expect(await found(target)).toEqual(await found('lance'));
  });

  test('are found by the same filters', async () => {
    const filters = [
      { n: { gt: 0 } },
      { n: { gte: -0.25, lt: 5 } },
      { n: 1e300 },
      { i: '9007199254740993' },
      { i: { gt: '9007199254740992' } },
      { i: { lt: 2.5 } },
      { i: { gte: -2.5 } },
      { i: { ne: 2.5 } },
      { b: { ne: true } },
      { b: false },
      { t: { lt: '1970-01-01' } },
      { d: { gte: '2024-01-02' } },
      { j: { contains: 'a' } },
      { [hostile]: { contains: "'" } },
      { [hostile]: { in: [`it's "quoted"`, null] } },
      { [hostile]: { is_null: true }, i: { gte: 1 } },
      { [hostile]: { is_null: false }, n: { lte: 3 } },
      { [hostile]: { gt: 'a', lt: 'line' } },
      { [hostile]: { ne: null } },
      { [hostile]: { contains: '' } },
      ...odd
        .filter((text) => !text.includes('\0'))
        .flatMap((text) => [{ [hostile]: text }, { [hostile]: { contains: text.slice(1) } }]),
      { [hostile]: { ne: ' white space ' } },
      { [hostile]: { contains: '*' } },
      { [hostile]: { contains: '?' } },
    ];
    for (const filter of filters) {
      const wanted = await found('lance', { filter });
      expect(await found(target, { filter }), JSON.stringify(filter)).toEqual(wanted);
      expect(wanted.length, JSON.stringify(filter)).toBeGreaterThan(0);
    }
    for (const filter of [{ i: 2.5 }, { i: { in: [2.5] } }, { [hostile]: 'CASE' }])
      expect(await found(target, { filter })).toEqual([]);
  });

  test('have no foreign name in the collection, nor does its name', async () => {
    const { collections } = await main.held();
    for (const { definition } of collections) {
      expect(definition.class).toMatch(/^Tutti_[0-9A-Za-z]{26}$/);
      for (const { name, ...rest } of definition.properties) {
        expect(name).toMatch(/^(row_(id|key)|object_(key|id|hash)|ordinal|line|text|c\d+(_key)?)$/);
        expect(rest).not.toHaveProperty('description');
      }
    }
    expect(JSON.stringify(collections.map(({ definition }) => definition))).not.toContain('drop');
    for (const { sample } of collections)
      for (const { uuid } of sample) expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
  });
});

describe('words', () => {
  test('are ranked, and pages of equal rows neither overlap nor miss one', async () => {
    const same = Array.from({ length: 130 }, () => 'a common word');
    const id = await lake.datasetOf('words', { 'a.csv': csv(['common common word', 'rare common bird', ...same]) });
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
    expect((await lake.texts(id, 'rare bird')).slice(0, 1)).toEqual(['rare common bird']);
    expect(await lake.texts(id, 'nowhere')).toEqual([]);
    const seen: string[] = [];
    const scores: number[] = [];
    for (let page: string | undefined; ; ) {
      const answer = await lake.search(id, 'common', { target, page_size: 50, page });
      seen.push(...answer.items.map((item: Body) => item.id));
      scores.push(...answer.items.map((item: Body) => item.score));
      page = answer.next_page;
      if (page === undefined) break;
    }
    expect(new Set(seen).size).toBe(132);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(await lake.texts(id, 'common', { filter: { id: { lt: 2 } } })).toEqual([
      'common common word',
      'rare common bird',
    ]);
  });

  test('of a canary are looked for before a build is served', async () => {
    const id = await lake.datasetOf('canary', { 'a.csv': csv(['the yellow bird']) });
    expect(await lake.ingest(id, { options: { canary_queries: ['the'] } })).toMatchObject({ state: 'succeeded' });
  });
});

test('meaning finds what lance finds, and so do both together; a change copies the vectors', async () => {
  const words = ['river', 'mountain', 'engine', 'violin', 'harbour'];
  const rows = Array.from({ length: 60 }, (_, n) => `${words[n % 5]} ${words[Math.floor(n / 5) % 5]} item${n}`);
  const id = await lake.datasetOf('vectors', { 'a.csv': csv([...rows, '']) });
  const options = { embedder: 'words' };
  for (const one of ['lance', target])
    expect(await lake.ingest(id, { target: one, options })).toMatchObject({
      state: 'succeeded',
      metadata: { rows: 61 },
    });
  const ranked = async (from: string, query: string, more: object) =>
    (await lake.search(id, query, { target: from, page_size: 10, ...more })).items.map((item: Body) => [
      item.id,
      item.score.toFixed(3),
    ]);
  for (const query of ['violin item13', 'river river', 'item7'])
    expect(await ranked(target, query, { mode: 'vector' })).toEqual(await ranked('lance', query, { mode: 'vector' }));
  const hybrid = await lake.search(id, 'violin item13', { target, mode: 'hybrid' });
  expect(hybrid.items[0]).toMatchObject({ row: { text: rows[13] } });
  expect(hybrid.items[0].score).toBeCloseTo(2 / 61, 5);
  const near = await lake.search(id, 'violin', { target, mode: 'vector', filter: { id: { lt: 9 } }, page_size: 200 });
  expect(near.items.map(({ row }: Body) => row.id).sort((a: number, b: number) => a - b)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ]);

  const sent = endpoint.texts().length;
  await lake.add(id, { 'b.csv': csv(['lonely walrus']) }, 'v2');
  expect(await lake.ingest(id, { options })).toMatchObject({
    state: 'succeeded',
    metadata: { mode: 'incremental', rows: 62 },
  });
  expect(endpoint.texts().slice(sent)).toEqual(['lonely walrus']);
  expect((await ranked(target, 'violin item13', { mode: 'vector' }))[0]).toEqual(
    (await ranked('lance', 'violin item13', { mode: 'vector' }))[0],
  );
  // Vectors of another model are not put beside these.
  await lake.add(id, { 'b.csv': csv(['second walrus']) }, 'v3');
  expect(await lake.ingest(id, { options: { embedder: 'other' } })).toMatchObject({ metadata: { mode: 'rebuild' } });
  const plain = await lake.datasetOf('plain', { 'a.csv': csv(['x']) });
  await lake.ingest(plain);
  expect(await server.call('search_dataset', { dataset_id: plain, query: 'x', target, mode: 'vector' })).toMatchObject({
    status: 422,
    body: { error: { message: 'This index holds no vectors.' } },
  });
});

test('vectors that the data brings are found by those of a caller', async () => {
  const rows = [
    { text: 'north', v: [0, 1, 0] },
    { text: 'east', v: [1, 0, 0] },
    { text: 'nowhere', v: null },
    { text: 'north east', v: [1, 1, 0.1] },
  ];
  const id = await lake.datasetOf('own-vectors', { 'a.ndjson': rows.map((row) => JSON.stringify(row)).join('\n') });
  expect(await lake.ingest(id, { mapping: { vector: 'v' } })).toMatchObject({
    state: 'succeeded',
    metadata: { rows: 4 },
  });
  const near = { mode: 'vector', vector: [0.1, 2, 0] };
  expect(await lake.texts(id, '', near)).toEqual(['north', 'north east', 'east']);
  const both = await lake.search(id, 'north', { target, ...near, mode: 'hybrid' });
  expect(both.items[0].row.text).toBe('north');
  expect(both.items[0].score).toBeCloseTo(2 / 61, 5);
  const refused = { dataset_id: id, query: '', target, mode: 'vector', vector: [1, 2] };
  expect(await server.call('search_dataset', refused)).toMatchObject({ status: 422 });
});

test('a row of the same id is replaced by that of the later object, and comes back when it goes', async () => {
  const id = await lake.datasetOf('ids', {
    'a.csv': 'id,text\n1,from a\n2,only a\n1,from a again\n',
    'b.csv': 'id,text\n1,from b\n,nobody\n',
  });
  const mapping = { id: 'id' };
  expect(await lake.ingest(id, { mapping })).toMatchObject({
    state: 'succeeded',
    counters: { inserted: 2, updated: 2, errors: 1 },
  });
  expect(await lake.texts(id)).toEqual(['from b', 'only a']);
  // The object that comes now is before the one whose row is there.
  await lake.add(id, { 'aa.csv': 'id,text\n1,from aa\n3,only aa\n' }, 'v2');
  expect(await lake.ingest(id, { mapping, options: { mode: 'incremental' } })).toMatchObject({
    state: 'succeeded',
    counters: { inserted: 1, updated: 1 },
    metadata: { mode: 'incremental' },
  });
  expect(await lake.texts(id)).toEqual(['from b', 'only a', 'only aa']);
  await lake.ok('remove_dataset_object', { dataset_id: id, object_key: 'b.csv' });
  await lake.commit(id, 'v3');
  await lake.ingest(id, { mapping });
  expect(await lake.texts(id)).toEqual(['from aa', 'only a', 'only aa']);
});
