import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { hashVector, startEmbeddingEndpoint } from './support/embedding-endpoint.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { createEmptyDatabase, pgvectorUrl, referenceTo, untilIndexing } from './support/pgvector.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const dimensions = 32;
const words = ['river', 'mountain', 'engine', 'violin', 'harbour', 'copper', 'meadow', 'lantern', 'orchard', 'glacier'];

/** Texts of three words, each another one. */
const texts = (count: number) =>
  Array.from({ length: count }, (_, n) => `${words[n % 10]} ${words[Math.floor(n / 10) % 10]} item${n}`);
const csv = (rows: readonly string[]) => `text,place\n${rows.map((row, at) => `${row},${at % 7}`).join('\n')}\n`;

/** The scores of what an exact comparison with every row finds, best first. */
function bestScores(rows: readonly string[], query: string, count: number): number[] {
  const wanted = hashVector(query, dimensions);
  const scores = rows.map((text) =>
    hashVector(text, dimensions).reduce((sum, value, at) => sum + value * (wanted[at] as number), 0),
  );
  return scores.sort((a, b) => b - a).slice(0, count);
}

describe.skipIf(pgvectorUrl === '')('search by meaning in PostgreSQL (TEST_PGVECTOR_URL)', () => {
  let databases: Awaited<ReturnType<typeof createEmptyDatabase>>[];
  let plain: TestDatabase;
  let endpoints: Awaited<ReturnType<typeof startEmbeddingEndpoint>>[];
  let server: TestServer;
  let lake: Lake;
  const role = `limited_${process.pid}`;

  beforeAll(async () => {
    databases = [await createEmptyDatabase(), await createEmptyDatabase(), await createEmptyDatabase()];
    plain = await createTestDatabase();
    const [main, elsewhere, limited] = databases as [
      (typeof databases)[0],
      (typeof databases)[0],
      (typeof databases)[0],
    ];
    await sql`create schema extensions`.execute(elsewhere.db);
    await sql`create extension vector schema extensions`.execute(elsewhere.db);
    await sql`create role ${sql.id(role)} login password 'for-this-test'`.execute(main.db);
    for (const { db, url } of databases)
      await sql`grant create on database ${sql.id(new URL(url).pathname.slice(1))} to ${sql.id(role)}`.execute(db);
    await sql`grant usage on schema extensions to ${sql.id(role)}`.execute(elsewhere.db);
    const asRole = (url: string) => {
      const changed = new URL(url);
      changed.username = role;
      changed.password = 'for-this-test';
      return referenceTo(changed.href);
    };
    const declared = [
      { name: 'vectors', url: main.reference },
      { name: 'elsewhere', url: asRole(elsewhere.url) },
      { name: 'limited', url: asRole(limited.url) },
      { name: 'plain', url: referenceTo(plain.url) },
      { name: 'away', url: referenceTo('postgresql://nobody:nothing@127.0.0.1:1/none') },
    ];
    endpoints = await Promise.all([dimensions, 2500, 5000].map((size) => startEmbeddingEndpoint(size)));
    const embedders = endpoints.map(({ url }, at) => ({
      name: ['words', 'half', 'long'][at],
      url,
      model: 'bag',
      dimensions: [dimensions, 2500, 5000][at],
      batch_size: 1000,
    }));
    server = await startTestServer([
      ...['--egress-allow', '127.0.0.1', '--lake-embedders', JSON.stringify(embedders)],
      ...['--lake-postgres-targets', JSON.stringify(declared)],
    ]);
    lake = lakeOf(server);
  });
  afterAll(async () => {
    await server.stop();
    for (const { close } of endpoints) await close();
    for (const { db } of databases) await sql`drop owned by ${sql.id(role)}`.execute(db);
    await sql`drop role ${sql.id(role)}`.execute((databases[0] as TestDatabase).db);
    for (const { close } of [...databases, plain]) await close();
  });

  /** However long it takes. */
  const done = async (job: { id: string }) => {
    for (;;) {
      const now = await lake.ended(job);
      if (now.finished_at !== undefined) return now;
    }
  };
  const ingested = async (name: string, content: string, options: object, target = 'postgres') => {
    const id = await lake.dataset(name);
    await lake.upload(id, 'a.csv', content);
    await lake.commit(id, 'v1');
    const job = await lake.ok('start_ingest', { dataset_id: id, target, options });
    expect(await done(job)).toMatchObject({ state: 'succeeded' });
    return id;
  };
  const find = (id: string, query: string, more: object = {}) =>
    lake.search(id, query, { target: 'postgres', mode: 'vector', ...more });
  const scoresOf = (items: { score: number }[]) => items.map(({ score }) => score.toFixed(4));

  describe('of some hundred rows', () => {
    const rows = texts(500);
    const options = { database: 'vectors', embedder: 'words' };
    let id: string;
    beforeAll(async () => {
      id = await ingested('some', `${csv(rows)}"",3\n`, options);
      expect(await lake.ingest(id, { target: 'lance', options: { embedder: 'words' } })).toMatchObject({
        state: 'succeeded',
      });
    });

    test('finds what is nearest, as an exact comparison does, and as lance does', async () => {
      for (const query of ['violin copper item42', 'glacier river', 'item7 meadow']) {
        const { items } = await find(id, query, { page_size: 50 });
        expect(scoresOf(items)).toEqual(bestScores(rows, query, 50).map((score) => score.toFixed(4)));
        const same = await lake.search(id, query, { mode: 'vector', page_size: 50 });
        expect(scoresOf(items)).toEqual(scoresOf(same.items));
      }
      const [found] = (await find(id, rows[42] as string, { page_size: 1 })).items;
      const [same] = (await lake.search(id, rows[42] as string, { mode: 'vector', page_size: 1 })).items;
      expect(found.row.text).toBe(rows[42]);
      expect({ ...found, score: 1 }).toEqual({ ...same, score: 1 });
    });

    test('keeps to a filter, pages neither overlap nor miss a row, and rows without words are near to nothing', async () => {
      const seen: string[] = [];
      for (let page: string | undefined; ; ) {
        const answer = await find(id, 'violin', { filter: { place: 3 }, page_size: 20, page });
        seen.push(...answer.items.map((item: { id: string }) => item.id));
        for (const { row } of answer.items) expect(row.place).toBe(3);
        page = answer.next_page;
        if (page === undefined) break;
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(rows.filter((_, at) => at % 7 === 3).length);
      expect((await find(id, '', { filter: { text: { is_null: true } } })).items).toHaveLength(1);
    });

    test('hybrid puts what both rankings find before what one of them does, with the scores of lance', async () => {
      const { items } = await find(id, 'violin item13', { mode: 'hybrid', page_size: 10 });
      expect(items[0].row.text).toBe(rows[13]);
      expect(items[0].score).toBeCloseTo(2 / 61, 5);
      const same = await lake.search(id, 'violin item13', { mode: 'hybrid', page_size: 1 });
      expect({ ...same.items[0], score: 0 }).toEqual({ ...items[0], score: 0 });
      expect(same.items[0].score).toBeCloseTo(items[0].score, 5);
    });

    test('a change comes on top and is found; another model begins anew', async () => {
      await lake.upload(id, 'b.csv', csv(['lonely walrus']));
      await lake.commit(id, 'v2');
      const job = await lake.ingest(id, { target: 'postgres', options });
      expect(job).toMatchObject({ state: 'succeeded', metadata: { mode: 'incremental', rows: 502 } });
      expect((await find(id, 'walrus', { page_size: 1 })).items[0].row.text).toBe('lonely walrus');
      const other = await lake.ingest(id, { target: 'postgres', options: { database: 'vectors', embedder: 'half' } });
      expect(other).toMatchObject({ state: 'succeeded', metadata: { mode: 'rebuild', rows: 502 } });
      expect((await find(id, 'walrus', { page_size: 1 })).items[0].row.text).toBe('lonely walrus');
    });
  });

  test('half floats, vectors too long for an index, and a schema off the search path', async () => {
    const rows = texts(40);
    for (const [embedder, database] of [
      ['half', 'vectors'],
      ['long', 'vectors'],
      ['words', 'elsewhere'],
    ]) {
      const id = await ingested(`${embedder}-${database}`, csv(rows), { embedder, database });
      for (const mode of ['vector', 'hybrid']) {
        const { items } = await find(id, rows[21] as string, { mode, page_size: 3 });
        expect(items[0].row.text, embedder).toBe(rows[21]);
        if (mode === 'vector') expect(items[0].score, embedder).toBeCloseTo(1, 2);
      }
    }
  });

  test('vectors that the data brings are found as in lance, and what is none is a reject', async () => {
    const id = await lake.dataset('brought');
    const of = (n: number) => [Math.sin(n), Math.cos(n), n % 5, 1];
    const rows = Array.from({ length: 300 }, (_, n) => ({ n, text: `${words[n % 10]} item${n}`, v: of(n) }));
    const odd = [
      { n: 300, text: 'short', v: [1, 2] },
      { n: 301, text: 'none', v: null },
    ];
    await lake.upload(id, 'a.ndjson', [...rows, ...odd].map((row) => JSON.stringify(row)).join('\n'));
    await lake.commit(id, 'v1');
    const mapping = { vector: 'v' };
    const tell = { state: 'succeeded', counters: { inserted: 301, errors: 1 } };
    expect(await lake.ingest(id, { target: 'lance', mapping })).toMatchObject(tell);
    const options = { database: 'vectors' };
    expect(await lake.ingest(id, { target: 'postgres', mapping, options })).toMatchObject(tell);
    const ask = { vector: of(42), page_size: 20 };
    for (const more of [ask, { ...ask, filter: { n: { gte: 100 } } }]) {
      const { items } = await find(id, '', more);
      const same = await lake.search(id, '', { mode: 'vector', ...more });
      expect(scoresOf(items)).toEqual(scoresOf(same.items));
      expect(items[0].row).toEqual(same.items[0].row);
    }
    const both = await find(id, 'item42', { ...ask, mode: 'hybrid' });
    expect(both.items[0]).toMatchObject({ row: { n: 42 }, score: 2 / 61 });
    const refused = { dataset_id: id, target: 'postgres', query: 'x', mode: 'vector' };
    expect(await server.call('search_dataset', refused)).toMatchObject({ status: 422 });
    const elsewhere = { dataset_id: id, target: 'postgres', mapping };
    expect(await server.call('start_ingest', elsewhere)).toMatchObject({ status: 422 });
  });

  test('where there is no pgvector an embedder is refused before a job begins', async () => {
    const id = await ingested('refused', csv(texts(3)), {});
    const jobs = async () => (await lake.ok('list_jobs', { dataset_id: id })).items.length;
    const before = await jobs();
    for (const database of [undefined, 'plain', 'limited']) {
      const options = { embedder: 'words', database };
      const refused = await server.call('start_ingest', { dataset_id: id, target: 'postgres', options });
      expect(refused).toMatchObject({
        status: 422,
        body: { error: { message: expect.stringContaining('pgvector'), suggestion: expect.stringContaining('lance') } },
      });
    }
    expect(await jobs()).toBe(before);
    const search = await server.call('search_dataset', {
      ...{ dataset_id: id, target: 'postgres', query: 'x', mode: 'vector' },
    });
    expect(search).toMatchObject({ status: 422, body: { error: { message: 'This index holds no vectors.' } } });
  });

  test('says of each database whether it takes rows and vectors now', async () => {
    const { flags } = await lake.ok('list_capabilities', {});
    expect(flags).toMatchObject({
      'ingest.postgres': true,
      'vectors.postgres': false,
      'ingest.postgres.vectors': true,
      'vectors.postgres.vectors': true,
      'ingest.postgres.elsewhere': true,
      'vectors.postgres.elsewhere': true,
      'ingest.postgres.limited': true,
      // pgvector is at hand, but not for this role to make.
      'vectors.postgres.limited': false,
      'ingest.postgres.plain': true,
      'vectors.postgres.plain': false,
      'ingest.postgres.away': false,
      'vectors.postgres.away': false,
    });
  });

  test('an index over many rows is used, and finds nearly all of what an exact comparison finds', {
    timeout: 480_000,
  }, async () => {
    const rows = texts(24_000);
    const id = await ingested('many', csv(rows), { database: 'vectors', embedder: 'words' });
    let hit = 0;
    const queries = Array.from({ length: 20 }, (_, at) => rows[at * 1171] as string);
    for (const query of queries) {
      const { items } = await find(id, query, { page_size: 10 });
      const least = (bestScores(rows, query, 10).at(-1) as number) - 1e-4;
      hit += items.filter(({ score }: { score: number }) => score >= least).length;
    }
    expect(hit).toBeGreaterThanOrEqual(queries.length * 10 * 0.95);
    // A filter that the index knows nothing of leaves no row out that meets it.
    const filter = { text: { contains: 'item1234' } };
    expect((await find(id, 'glacier', { filter })).items).toHaveLength(11);
    const { db } = databases[0] as TestDatabase;
    const scans = async () => {
      const { rows: found } = await sql<{ scans: number }>`
        select idx_scan as scans from pg_stat_user_indexes where indexrelname like 'idx_%_vector'`.execute(db);
      return found.map(({ scans }) => Number(scans));
    };
    await expect.poll(scans, { timeout: 20_000 }).toEqual([expect.toSatisfy((count: number) => count >= 15)]);

    // Who cancels does not wait for the index, and what broke off is gone on with.
    const job = await lake.ok('reindex', { dataset_id: id, target: 'postgres' });
    await untilIndexing({ db });
    await lake.ok('cancel_job', { job_id: job.id });
    expect(await done(job)).toMatchObject({ state: 'canceled' });
    const { rows: broken } = await sql`
      select from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relname like 'idx_%_vector' and not i.indisvalid`.execute(db);
    expect(broken).toHaveLength(1);
    expect((await find(id, rows[5] as string, { page_size: 1 })).items[0].row.text).toBe(rows[5]);
    const again = await done(await lake.ok('reindex', { dataset_id: id, target: 'postgres' }));
    expect(again).toMatchObject({ state: 'succeeded', metadata: { rows: 24_000 } });
    expect((await find(id, rows[5] as string, { page_size: 1 })).items[0].row.text).toBe(rows[5]);
  });
});
