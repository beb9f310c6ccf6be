import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestPool } from '../src/capabilities/lake/engine/fixtures.ts';
import { expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

/** Uploads these objects and commits them over those that are there. */
async function commit(id: string, version: string, objects: Record<string, string>): Promise<void> {
  for (const [key, text] of Object.entries(objects)) await lake.upload(id, key, text);
  await lake.commit(id, version);
}

/** All rows that are served, by their ids. */
async function allRows(id: string): Promise<{ version: string; items: Body[] }> {
  const items: Body[] = [];
  let answer = await lake.search(id, '', { page_size: 200 });
  for (items.push(...answer.items); answer.next_page !== undefined; items.push(...answer.items))
    answer = await lake.search(id, '', { page_size: 200, page: answer.next_page });
  return { version: answer.served_version, items };
}

const lines = (from: number, to: number, word = 'row') =>
  `n,text\n${Array.from({ length: to - from }, (_, at) => `${from + at},${word} ${from + at}`).join('\n')}\n`;

/** What must be the same however it was built. */
const contentOf = ({ items }: { items: Body[] }) => items.map(({ score: _, ...item }) => item);

const indexes = async (id: string) =>
  (
    await sql<{ id: string; state: string; pointer: Body }>`
      select id, state, pointer from dataset_indexes where dataset_id = ${id} order by id`.execute(server.database.db)
  ).rows;

describe('changes', () => {
  test('come alone on top of what is served, and give what a whole build gives', async () => {
    const id = await lake.dataset('changes');
    await commit(id, 'v1', { 'a.csv': lines(0, 50), 'b.csv': lines(50, 100), 'c.csv': lines(100, 150) });
    expect(await lake.ingest(id)).toMatchObject({
      counters: { inserted: 150, updated: 0, deleted: 0, errors: 0, rows: 150 },
      metadata: { mode: 'rebuild', served: true, rows: 150 },
    });
    await commit(id, 'v2', { 'b.csv': lines(50, 70, 'changed'), 'd.csv': lines(200, 205) });
    expect(await lake.ingest(id)).toMatchObject({
      counters: { inserted: 125, deleted: 0, errors: 0, rows: 125 },
      metadata: { mode: 'rebuild', why: 'too much has changed' },
    });
    await commit(id, 'v3', { 'b.csv': lines(50, 60, 'purple'), 'e.csv': lines(300, 302) });
    expect(await lake.ingest(id, { options: { mode: 'incremental' } })).toMatchObject({
      counters: { inserted: 12, updated: 0, deleted: 20, errors: 0, rows: 117 },
      metadata: { mode: 'incremental', served: true, rows: 117 },
    });
    const incremental = await allRows(id);
    expect((await lake.search(id, 'purple')).items).toHaveLength(10);
    expect((await lake.search(id, 'changed')).items).toEqual([]);
    expect(incremental.items.map(({ row }) => row.text)).toContain('purple 55');
    expect(await lake.ended(await lake.ok('reindex', { dataset_id: id, target: 'lance' }))).toMatchObject({
      counters: { inserted: 117, deleted: 0 },
      metadata: { mode: 'rebuild', why: 'asked for', rows: 117 },
    });
    expect(contentOf(await allRows(id))).toEqual(contentOf(incremental));
    expect((await lake.search(id, 'purple')).items).toHaveLength(10);
  });

  test('that leave the rows as they are serve them under the new name at once', async () => {
    const id = await lake.dataset('same-rows');
    await commit(id, 'v1', { 'a.csv': lines(0, 10) });
    await lake.ingest(id);
    expect(await lake.ingest(id)).toMatchObject({ metadata: { mode: 'up_to_date', served: true, rows: 10 } });
    await commit(id, 'v2', { 'a.csv': lines(0, 11) });
    await lake.ingest(id);
    expect(await lake.ingest(id, { version: 'v1' })).toMatchObject({ metadata: { mode: 'restored', version: 'v1' } });
    expect(await allRows(id)).toMatchObject({ version: 'v1', items: { length: 10 } });
    expect(await lake.ingest(id, { version: 'v2' })).toMatchObject({ metadata: { mode: 'restored', version: 'v2' } });
    expect(await allRows(id)).toMatchObject({ version: 'v2', items: { length: 11 } });
    expect((await indexes(id)).map(({ state }) => state).sort()).toEqual(['retired', 'served']);
  });

  test('in what an object says of a column type mean a whole build', async () => {
    const id = await lake.dataset('types');
    await commit(id, 'v1', { 'a.csv': lines(0, 20) });
    await lake.ingest(id);
    await commit(id, 'v2', { 'b.csv': 'n,text\nword,x\n' });
    expect(await lake.ingest(id, { options: { mode: 'incremental' } })).toMatchObject({
      metadata: { mode: 'rebuild', why: 'other columns', rows: 21 },
    });
    expect((await allRows(id)).items.map(({ row }) => row.n)).toContain('19');
  });

  test('property: any of them, in any order, leave exactly the rows of the version', async () => {
    const id = await lake.dataset('any');
    const mapping = { id: 'n' };
    // Always the same numbers: what failed once fails again.
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const wanted = new Map<string, string>();
    for (let version = 1; version <= 6; version++) {
      for (let n = 0; n <= random(3); n++) {
        const key = `${'abcd'[random(4)]}.csv`;
        const from = random(40);
        wanted.set(key, lines(from, from + 5 + random(10), `v${version}`));
        await lake.upload(id, key, wanted.get(key) as string);
      }
      await lake.commit(id, `v${version}`);
      const job = await lake.ingest(id, { mapping, options: { mode: 'incremental', batch_rows: 100 } });
      expect(job).toMatchObject({ state: 'succeeded', counters: { errors: 0 } });
      const rows = new Map<string, string>();
      for (const key of [...wanted.keys()].sort())
        for (const line of (wanted.get(key) as string).trim().split('\n').slice(1)) {
          const [n, text] = line.split(',') as [string, string];
          rows.set(n, `${key} ${text}`);
        }
      const found = (await allRows(id)).items.map((item) => [item.id, `${item.object_key} ${item.row.text}`]);
      expect(found, JSON.stringify(job)).toEqual([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
      expect(job.metadata.rows).toBe(rows.size);
    }
  });

  test('a row that took the place of another gives it back when its object goes', async () => {
    const id = await lake.dataset('overrides');
    await commit(id, 'v1', { 'a.csv': lines(0, 20, 'old'), 'b.csv': lines(5, 6, 'new') });
    expect(await lake.ingest(id, { mapping: { id: 'n' } })).toMatchObject({ counters: { inserted: 20, updated: 1 } });
    await lake.ok('remove_dataset_object', { dataset_id: id, object_key: 'b.csv' });
    await lake.commit(id, 'v2');
    const job = await lake.ingest(id, { mapping: { id: 'n' }, options: { mode: 'incremental' } });
    expect(job).toMatchObject({ metadata: { mode: 'rebuild', why: 'rows were replaced by id', rows: 20 } });
    expect((await lake.search(id, '', { filter: { n: 5 } })).items).toMatchObject([{ row: { text: 'old 5' } }]);
  });
});

describe('what is served', () => {
  test('is always one whole version while others are built', async () => {
    const id = await lake.dataset('readers');
    const words = ['red', 'green', 'blue'];
    await commit(id, 'v0', { 'a.csv': lines(0, 60, words[0]), 'b.csv': lines(60, 120, words[0]) });
    await lake.ingest(id);
    let building = true;
    const seen = new Set<string>();
    const read = async () => {
      while (building) {
        const { served_version, items } = await lake.search(id, '', { page_size: 200 });
        const texts = items.map(({ row }: Body) => row.text.split(' ')[0]);
        expect({ served_version, texts }).toEqual({
          served_version,
          texts: Array.from({ length: 120 }, () => words[Number(served_version.slice(1)) % 3]),
        });
        seen.add(served_version);
      }
    };
    const build = async () => {
      for (let version = 1; version <= 6; version++) {
        const word = words[version % 3];
        await commit(id, `v${version}`, { 'a.csv': lines(0, 60, word), 'b.csv': lines(60, 120, word) });
        const mode = version % 2 === 0 ? 'rebuild' : 'incremental';
        expect(await lake.ingest(id, { options: { mode, batch_rows: 100 } })).toMatchObject({ state: 'succeeded' });
      }
      building = false;
    };
    await Promise.all([build().finally(() => (building = false)), read(), read()]);
    expect(seen.size).toBeGreaterThan(3);
  });

  test('stays when a canary query finds nothing in what was built', async () => {
    const id = await lake.dataset('canary');
    await commit(id, 'v1', { 'a.csv': lines(0, 10, 'apple') });
    await lake.ingest(id, { options: { canary_queries: ['apple'] } });
    await commit(id, 'v2', { 'a.csv': lines(0, 10, 'pear') });
    const job = await lake.ingest(id, { options: { canary_queries: ['pear', 'apple'] } });
    expect(job).toMatchObject({ state: 'failed', error: { code: 'VERIFICATION_FAILED', details: { query: 'apple' } } });
    expect(await allRows(id)).toMatchObject({ version: 'v1', items: { length: 10 } });
    expect(await lake.ingest(id, { options: { canary_queries: ['pear'] } })).toMatchObject({ state: 'succeeded' });
  });

  test('stays when what was built lost a row, or has another in its place', async () => {
    const id = await lake.dataset('damaged');
    await commit(id, 'v1', { 'a.csv': lines(0, 10), 'b.csv': lines(10, 20) });
    await lake.ingest(id);
    const [served] = await indexes(id);
    const pool = createTestPool();
    try {
      const index = { dir: `${server.dataDir}/indexes/${id}`, table: served?.pointer.lineage };
      const { version, deleted } = await pool.run('index_remove', {
        index,
        at: served?.pointer.version,
        keys: ['b.csv'],
      });
      expect(deleted).toBe(10);
      await sql`update dataset_indexes set pointer = pointer || ${JSON.stringify({ version })}::jsonb
        where id = ${served?.id}`.execute(server.database.db);
    } finally {
      await pool.close();
    }
    await commit(id, 'v2', { 'c.csv': lines(30, 33) });
    const job = await lake.ingest(id, { options: { mode: 'incremental' } });
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'VERIFICATION_FAILED', details: { expected: { rows: 23 }, found: { rows: 13 }, counted: 23 } },
    });
    expect((await lake.search(id, '')).served_version).toBe('v1');
    expect(await lake.ended(await lake.ok('reindex', { dataset_id: id, target: 'lance' }))).toMatchObject({
      state: 'succeeded',
      metadata: { rows: 23 },
    });
  });
});

describe('an ingest that ends early', () => {
  const many = 40_000;
  const options = { batch_rows: 500 };

  async function canceledInside(id: string): Promise<Body> {
    const job = await lake.ok('start_ingest', { dataset_id: id, target: 'lance', options });
    for (let status = job; !(status.counters.inserted > 0); ) {
      status = await lake.ok('job_status', { job_id: job.id });
      expect(status.finished_at).toBeUndefined();
    }
    await lake.ok('cancel_job', { job_id: job.id, reason: 'enough' });
    expect(await lake.ended(job)).toMatchObject({ state: 'canceled' });
    return job;
  }

  test('leaves what is served, and the next one of the same goes on from there', async () => {
    const id = await lake.dataset('resumed');
    await commit(id, 'v1', { 'a.csv': lines(0, 5) });
    await lake.ingest(id);
    await commit(id, 'v2', { 'a.csv': lines(0, many).replace('\n7,row 7\n', '\n7,row,7\n') });
    await canceledInside(id);
    expect(await allRows(id)).toMatchObject({ version: 'v1', items: { length: 5 } });
    expect((await indexes(id)).map(({ state }) => state)).toEqual(['served', 'resumable']);

    const job = await lake.ingest(id, { options });
    expect(job).toMatchObject({
      state: 'succeeded',
      counters: { inserted: many - 1, updated: 0, deleted: 0, errors: 1, rows: many },
      metadata: { rows: many - 1, served: true },
    });
    expect(job.metadata.resumed_after_steps).toBeGreaterThan(0);
    expect(await lake.ok('list_rejects', { job_id: job.id })).toMatchObject({ items: [{ line: 9, job_id: job.id }] });
  });

  test('does not hinder one of other content', async () => {
    const id = await lake.dataset('not-resumed');
    await commit(id, 'v1', { 'a.csv': lines(0, many) });
    await canceledInside(id);
    await commit(id, 'v2', { 'a.csv': lines(0, 7) });
    const job = await lake.ingest(id);
    expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: 7 }, metadata: { rows: 7 } });
    expect(job.metadata.resumed_after_steps).toBeUndefined();
  });

  test('because its dataset was deleted says so and leaves nothing', async () => {
    const id = await lake.dataset('deleted');
    await commit(id, 'v1', { 'a.csv': lines(0, many) });
    const job = await lake.ok('start_ingest', { dataset_id: id, target: 'lance', options });
    for (let status = job; !(status.counters.inserted > 0); ) status = await lake.ok('job_status', { job_id: job.id });
    await lake.ok('delete_dataset', { dataset_id: id, force: true });
    expect((await lake.ended(job)).state).toMatch(/canceled|failed/);
    expect(await indexes(id)).toEqual([]);
  });
});

describe('several ingests of one dataset', () => {
  test('build one after the other; one that still waits is superseded by a newer version', {
    timeout: 120_000,
  }, async () => {
    const id = await lake.dataset('queue');
    await commit(id, 'v1', { 'a.csv': lines(0, 20_000) });
    const start = () => lake.ok('start_ingest', { dataset_id: id, target: 'lance', options: { batch_rows: 500 } });
    const first = await start();
    for (let status = first; !(status.counters.inserted > 0); )
      status = await lake.ok('job_status', { job_id: first.id });
    await commit(id, 'v2', { 'a.csv': lines(0, 20) });
    const [second, twin] = [await start(), await start()];
    await commit(id, 'v3', { 'a.csv': lines(0, 30) });
    const third = await start();
    for (const job of [second, twin])
      expect(await lake.ended(job)).toMatchObject({
        state: 'canceled',
        metadata: { cancel_reason: `superseded by ${third.id}` },
      });
    expect(await lake.ended(first)).toMatchObject({ state: 'succeeded', counters: { inserted: 20_000 } });
    expect(await lake.ended(third)).toMatchObject({ state: 'succeeded', metadata: { rows: 30 } });
    expect(await allRows(id)).toMatchObject({ version: 'v3', items: { length: 30 } });
  });

  test('of the same version both succeed, and the rows are there once', async () => {
    const id = await lake.dataset('twins');
    await commit(id, 'v1', { 'a.csv': lines(0, 500) });
    const jobs = [];
    for (let n = 0; n < 3; n++) jobs.push(await lake.ok('start_ingest', { dataset_id: id, target: 'lance' }));
    for (const job of jobs)
      expect(await lake.ended(job)).toMatchObject({ state: 'succeeded', metadata: { rows: 500 } });
    expect((await allRows(id)).items).toHaveLength(500);
  });
});

describe('rejects', () => {
  test('are listed by job and by dataset, page by page, with their lines', async () => {
    const id = await lake.dataset('rejects');
    const broken = Array.from({ length: 250 }, (_, n) => (n % 5 === 0 ? `${n},a,b` : `${n},fine`));
    await commit(id, 'v1', { 'a.csv': `n,text\n${broken.join('\n')}\n`, 'b.csv': 'n,text\n1\n,no id\n2,ok\n' });
    const job = await lake.ingest(id, { mapping: { id: 'n' } });
    expect(job).toMatchObject({ state: 'succeeded', counters: { errors: 52 } });
    const found: Body[] = [];
    for (let page: string | undefined; ; ) {
      const answer = await lake.ok('list_rejects', { job_id: job.id, page_size: 20, page });
      found.push(...answer.items);
      page = answer.next_page;
      if (page === undefined) break;
    }
    expect(found.filter(({ object_key }) => object_key === 'a.csv').map(({ line }) => line)).toEqual(
      Array.from({ length: 50 }, (_, n) => n * 5 + 2),
    );
    expect(found.filter(({ object_key }) => object_key === 'b.csv')).toMatchObject([
      { line: 2, reason: 'too_few_columns', text: { untrusted: true, source: 'b.csv', text: '1' } },
      { line: 3, reason: 'missing_id', column: 'n' },
    ]);
    expect(await lake.ok('list_rejects', { dataset_id: id, reason: 'missing_id' })).toMatchObject({
      items: [{ job_id: job.id, line: 3 }],
    });
    expect((await lake.ok('list_rejects', { dataset_id: id, object_key: 'b.csv' })).items).toHaveLength(2);
  });

  test('of neither or both, or of no ingest, are refused', async () => {
    const id = await lake.dataset('refused');
    expectFailure(await server.call('list_rejects', {}), 422, 'VALIDATION_FAILED');
    expectFailure(await server.call('list_rejects', { job_id: 'job_1', dataset_id: id }), 422, 'VALIDATION_FAILED');
    expectFailure(await server.call('list_rejects', { job_id: 'job_1' }), 404, 'NOT_FOUND');
    expectFailure(await server.call('list_rejects', { dataset_id: 'ds_1' }), 404, 'NOT_FOUND');
  });
});

test('nothing is reindexed that was never ingested', async () => {
  const id = await lake.dataset('never');
  expectFailure(await server.call('reindex', { dataset_id: id, target: 'lance' }), 409, 'NOT_SERVED');
  expectFailure(await server.call('reindex', { dataset_id: id, target: 'nowhere' }), 422, 'TARGET_NOT_AVAILABLE');
});
