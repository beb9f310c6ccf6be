import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashVector, startEmbeddingEndpoint } from './support/embedding-endpoint.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const dimensions = 32;
const words = ['river', 'mountain', 'engine', 'violin', 'harbour', 'copper', 'meadow', 'lantern', 'orchard', 'glacier'];

let endpoint: Awaited<ReturnType<typeof startEmbeddingEndpoint>>;
let server: TestServer;
let lake: Lake;

beforeAll(async () => {
  endpoint = await startEmbeddingEndpoint(dimensions);
  const declared = [{ name: 'words', url: endpoint.url, model: 'bag', dimensions, batch_size: 500 }];
  server = await startTestServer(['--egress-allow', '127.0.0.1', '--lake-embedders', JSON.stringify(declared)]);
  lake = lakeOf(server);
});
afterAll(async () => {
  await server.stop();
  await endpoint.close();
});

/** Texts of three words, each another one. */
function texts(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, at) => {
    const n = at + from;
    return `${words[n % 10]} ${words[Math.floor(n / 10) % 10]} item${n}`;
  });
}

const csv = (rows: readonly string[]) => `text,place\n${rows.map((row, at) => `${row},${at % 7}`).join('\n')}\n`;

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
}

/** The scores of what an exact comparison with every row finds, best first. */
function bestScores(vectors: readonly number[][], query: string, count: number): number[] {
  const wanted = hashVector(query, dimensions);
  const scores = vectors.map((vector) => cosine(vector, wanted));
  return scores.sort((a, b) => b - a).slice(0, count);
}

const vectorsOf = (rows: readonly string[]) => rows.map((text) => hashVector(text, dimensions));

describe('search by meaning', () => {
  const rows = texts(500);
  let id: string;
  beforeAll(async () => {
    id = await lake.dataset('vectors');
    await lake.upload(id, 'a.csv', csv(rows));
    await lake.commit(id, 'v1');
    const job = await lake.ingest(id, { options: { embedder: 'words' } });
    expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: 500 } });
  });

  test('finds what is nearest, as an exact comparison does', async () => {
    for (const query of ['violin copper item42', 'glacier river', 'item7 meadow']) {
      const { items } = await lake.search(id, query, { mode: 'vector', page_size: 5 });
      const best = bestScores(vectorsOf(rows), query, 5);
      expect(items.map(({ score }: { score: number }) => score.toFixed(4))).toEqual(
        best.map((score) => score.toFixed(4)),
      );
    }
  });

  test('keeps to a filter, and its pages neither overlap nor miss a row', async () => {
    const seen: string[] = [];
    for (let page: string | undefined; ; ) {
      const answer = await lake.search(id, 'violin', { mode: 'vector', filter: { place: 3 }, page_size: 20, page });
      seen.push(...answer.items.map((item: { id: string }) => item.id));
      for (const { row } of answer.items) expect(row.place).toBe(3);
      page = answer.next_page;
      if (page === undefined) break;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(rows.filter((_, at) => at % 7 === 3).length);
  });

  test('hybrid puts what both rankings find before what one of them does', async () => {
    const { items } = await lake.search(id, 'violin item13', { mode: 'hybrid', page_size: 10 });
    expect(items[0].row.text).toBe(texts(1, 13)[0]);
    expect(items[0].score).toBeCloseTo(2 / 61, 5);
    const found = new Set(items.map((item: { id: string }) => item.id));
    expect(found.size).toBe(10);
  });

  test('a change embeds only the rows that are new, and a rebuild none', async () => {
    const sent = endpoint.texts().length;
    await lake.upload(id, 'b.csv', csv(['lonely walrus', rows[42] as string]));
    await lake.commit(id, 'v2');
    expect(await lake.ingest(id, { options: { embedder: 'words' } })).toMatchObject({
      state: 'succeeded',
      metadata: { mode: 'incremental', rows: 502 },
    });
    const { items } = await lake.search(id, 'walrus', { mode: 'vector', page_size: 1 });
    expect(items[0].row.text).toBe('lonely walrus');
    const asked = endpoint.texts().slice(sent);
    // The text of the other row was known; the last one is the query.
    expect(asked).toEqual(['lonely walrus', 'walrus']);
    const before = endpoint.calls.length;
    expect(await lake.ended(await lake.ok('reindex', { dataset_id: id, target: 'lance' }))).toMatchObject({
      state: 'succeeded',
      metadata: { mode: 'rebuild', rows: 502 },
    });
    expect(endpoint.calls.length).toBe(before);
  });

  test('an index without vectors says so, and so does an embedder that nobody declared', async () => {
    const plain = await lake.dataset('plain');
    await lake.upload(plain, 'a.csv', csv(texts(3)));
    await lake.commit(plain, 'v1');
    await lake.ingest(plain);
    const refused = await server.call('search_dataset', { dataset_id: plain, query: 'x', mode: 'hybrid' });
    expect(refused).toMatchObject({ status: 422, body: { error: { message: 'This index holds no vectors.' } } });
    const unknown = { dataset_id: plain, target: 'lance', options: { embedder: 'https://evil.example' } };
    expect(await server.call('start_ingest', unknown)).toMatchObject({
      status: 422,
      body: { error: { message: 'The operator declared no such embedder.', suggestion: 'Use one of: words.' } },
    });
  });

  test('says that vectors work while the endpoint answers', async () => {
    const { flags } = await lake.ok('list_capabilities', {});
    expect(flags).toMatchObject({ 'search.vector': true, 'search.hybrid': true, 'ingest.lance': true });
  });

  test('an endpoint that answers other sizes fails the job, and what was served stays', async () => {
    await lake.upload(id, 'c.csv', csv(['something new']));
    await lake.commit(id, 'v3');
    endpoint.faults.push({ dimensions: 5 });
    expect(await lake.ingest(id, { options: { embedder: 'words' } })).toMatchObject({
      state: 'failed',
      error: { code: 'EMBEDDER_REFUSED' },
    });
    expect((await lake.search(id, 'walrus', { mode: 'vector' })).served_version).toBe('v2');
    expect(await lake.ingest(id, { options: { embedder: 'words' } })).toMatchObject({ state: 'succeeded' });
  });
});

test('an index of vectors over many rows finds nearly all of what an exact comparison finds', async () => {
  const rows = texts(24_000);
  const id = await lake.dataset('many');
  await lake.upload(id, 'many.csv', csv(rows));
  await lake.commit(id, 'v1');
  expect(await lake.ingest(id, { options: { embedder: 'words' } })).toMatchObject({ state: 'succeeded' });
  const vectors = vectorsOf(rows);
  let hit = 0;
  const queries = Array.from({ length: 20 }, (_, at) => texts(1, at * 1171)[0] as string);
  for (const query of queries) {
    const { items } = await lake.search(id, query, { mode: 'vector', page_size: 10 });
    const least = (bestScores(vectors, query, 10).at(-1) as number) - 1e-4;
    hit += items.filter(({ score }: { score: number }) => score >= least).length;
  }
  expect(hit).toBeGreaterThanOrEqual(queries.length * 10 * 0.9);
});
