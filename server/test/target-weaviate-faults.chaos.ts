import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createInstances } from '../src/capabilities/lake/targets/weaviate/instances.ts';
import { readSettings } from '../src/core/settings.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { csv, type WeaviateLake, weaviateLake } from './support/weaviate/lake.ts';
import { declaring, startWeaviate, type Weaviate } from './support/weaviate/start.ts';

const target = 'weaviate';
const key = 'weaviate-key-nobody-may-see';
let main: Weaviate;
let second: Weaviate;
let old: Weaviate;
let server: TestServer;
let lake: WeaviateLake;

beforeAll(async () => {
  [main, second, old] = await Promise.all([
    startWeaviate({ key }),
    startWeaviate(),
    startWeaviate({ version: '1.28.4' }),
  ]);
  const instances = [
    main.declared('main'),
    second.declared('second'),
    old.declared('old'),
    main.declared('locked', 'another-key-that-is-wrong'),
    { ...main.declared('keyless'), api_key: 'env:TUTTI_NO_SUCH_KEY' },
  ];
  server = await startTestServer(declaring(...instances));
  lake = weaviateLake(server);
});
afterAll(async () => {
  await server.stop();
  await Promise.all([main.stop(), second.stop(), old.stop()]);
});
afterEach(() => main.faults([]));

const rowsHeld = async (weaviate: Weaviate) => (await weaviate.held()).collections.map(({ rows }) => rows);

describe('what goes wrong', () => {
  test('and passes is tried again: a connection, an instance that is not ready, a row', async () => {
    const id = await lake.datasetOf('passing', { 'a.csv': csv(['one', 'two', 'three']) });
    await main.faults([
      { call: 'POST /v1/schema', does: 'unavailable', times: 1 },
      { call: 'batchObjects', does: 'drop', times: 1 },
      { call: 'batchObjects', does: 'refuse', text: 'two', times: 2 },
      { call: 'search', does: 'unavailable', times: 1 },
    ]);
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 3, errors: 0 } });
    expect(await lake.texts(id)).toHaveLength(3);
    expect((await main.held()).faults).toEqual([]);
  });

  test('behind a step leaves what the step had done: it counts the same when it comes again', async () => {
    const id = await lake.datasetOf('again', { 'a.csv': csv(['one', 'two']), 'b.csv': csv(['three', 'four']) });
    // All rows are in when the call fails that counts them.
    const late = { call: 'aggregate', does: 'exhausted', times: 1 } as const;
    await main.faults([late]);
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 4, updated: 0 } });
    await lake.upload(id, 'b.csv', csv(['five']));
    await lake.commit(id, 'v2');
    // Once for the copy, once for the removal, once for the rows.
    await main.faults([{ ...late, times: 3 }]);
    expect(await lake.ingest(id, { options: { mode: 'incremental' } })).toMatchObject({
      state: 'succeeded',
      counters: { inserted: 1, deleted: 2 },
      metadata: { mode: 'incremental', rows: 3 },
    });
    expect((await main.held()).faults).toEqual([]);
    expect((await lake.texts(id)).sort()).toEqual(['five', 'one', 'two']);
  });

  test('with one row for good makes it a reject, and what lacks it is not served', async () => {
    const id = await lake.datasetOf('refused', { 'a.csv': csv(['good']) });
    await lake.ingest(id);
    await lake.add(id, { 'b.csv': csv(['fine', 'poison']) }, 'v2');
    await main.faults([{ call: 'batchObjects', does: 'refuse', text: 'poison' }]);
    const job = await lake.ingest(id);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'VERIFICATION_FAILED' } });
    const { items } = await lake.ok('list_rejects', { job_id: job.id });
    expect(items).toMatchObject([
      { object_key: 'b.csv', line: 3, reason: 'other', text: { untrusted: true, text: 'store is read-only' } },
    ]);
    expect(await lake.texts(id)).toEqual(['good']);
    expect(await lake.ingest(id, { options: { verify: false } })).toMatchObject({
      state: 'succeeded',
      counters: { errors: 1 },
      metadata: { rows: 2 },
    });
    expect((await lake.texts(id)).sort()).toEqual(['fine', 'good']);
  });

  test('with all rows is no reject but a failure', async () => {
    const id = await lake.datasetOf('nothing', { 'a.csv': csv(['one', 'two']) });
    await main.faults([{ call: 'batchObjects', does: 'refuse' }]);
    expect(await lake.ingest(id)).toMatchObject({
      state: 'failed',
      error: { code: 'ENGINE_FAILED', details: { instance: { untrusted: true, text: 'store is read-only' } } },
    });
  });

  test('with what is dropped does not hold up what is served', async () => {
    const id = await lake.datasetOf('undropped', { 'a.csv': csv(['v1']) });
    await lake.ingest(id);
    const before = (await rowsHeld(main)).length;
    await main.faults([{ call: 'DELETE /v1/schema', does: 'unavailable' }]);
    for (const version of ['v2', 'v3']) {
      await lake.add(id, { 'a.csv': csv([version]) }, version);
      expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
    }
    expect(await rowsHeld(main)).toHaveLength(before + 2);
    await main.faults([]);
    await lake.add(id, { 'a.csv': csv(['v4']) }, 'v4');
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
    // The one that is served, and the one before.
    expect(await rowsHeld(main)).toHaveLength(before + 1);
    expect(await lake.texts(id)).toEqual(['v4']);
  });

  test('while nothing answers does not hold up who cancels', async () => {
    const id = await lake.datasetOf('hangs', { 'a.csv': csv(['one']) });
    await main.faults([{ call: 'search', does: 'hang' }]);
    const job = await lake.ok('start_ingest', { dataset_id: id, target, mapping: { id: 'id' } });
    while (!((await main.held()).calls.search ?? 0)) await new Promise((resolve) => setTimeout(resolve, 20));
    await lake.ok('cancel_job', { job_id: job.id });
    expect(await lake.ended(job)).toMatchObject({ state: 'canceled' });
  });

  test('with the collections of an index is said, and mended by reindex', async () => {
    const id = await lake.datasetOf('gone', { 'a.csv': csv(['one']) });
    await lake.ingest(id, { options: { instance: 'second' } });
    await second.lose();
    expect(await server.call('search_dataset', { dataset_id: id, query: 'one', target })).toMatchObject({
      status: 409,
      body: { error: { code: 'INDEX_GONE' } },
    });
    expect(await lake.ended(await lake.ok('reindex', { dataset_id: id, target }))).toMatchObject({
      state: 'succeeded',
    });
    expect(await lake.texts(id)).toEqual(['one']);
  });
});

describe('instances', () => {
  test('are named by callers, hold each what was put there, and lose what is dropped', async () => {
    const id = await lake.datasetOf('second', { 'a.csv': csv(['one']) });
    const before = (await rowsHeld(second)).length;
    for (const version of ['v2', 'v3', 'v4']) {
      await lake.add(id, { 'a.csv': csv([version]) }, version);
      expect(await lake.ingest(id, { options: { instance: 'second' } })).toMatchObject({ state: 'succeeded' });
    }
    // The one that is served, and the one before.
    expect((await rowsHeld(second)).length).toBe(before + 2);
    // Nothing is copied from one to the other.
    const moved = await lake.ingest(id, { options: { instance: 'main', mode: 'incremental' } });
    expect(moved).toMatchObject({ state: 'succeeded', metadata: { mode: 'rebuild' } });
    expect(await lake.texts(id)).toEqual(['v4']);
    const unknown = { dataset_id: id, target, options: { instance: 'http://evil.example' } };
    expect(await server.call('start_ingest', unknown)).toMatchObject({ status: 422 });
  });

  test('that are too old, locked or without their key fail the job and say so, without a key', async () => {
    const id = await lake.datasetOf('locked', { 'a.csv': csv(['one']) });
    const of = (instance: string) => lake.ingest(id, { options: { instance } });
    const failed = [await of('old'), await of('locked'), await of('keyless')];
    expect(failed.map(({ state, error }) => [state, error.code])).toEqual([
      ['failed', 'ENGINE_FAILED'],
      ['failed', 'ENGINE_FAILED'],
      ['failed', 'SECRET_UNUSABLE'],
    ]);
    const told = JSON.stringify([failed, await lake.ok('list_capabilities', {})]);
    for (const secret of [key, 'another-key-that-is-wrong']) expect(told).not.toContain(secret);
    // Nor is one in what the jobs left behind.
    for (const table of ['jobs', 'events', 'dataset_indexes', 'dbos.operation_outputs', 'dbos.workflow_status']) {
      const { rows } = await sql<{ rows: number; keys: number }>`
        select count(*)::int as rows, count(*) filter (where t::text like ${`%${key}%`})::int as keys
        from ${sql.table(table)} t`.execute(server.database.db);
      expect(rows[0], table).toMatchObject({ rows: expect.any(Number), keys: 0 });
      expect(rows[0]?.rows, table).toBeGreaterThan(0);
    }
  });

  test('are a feature while one of them answers', async () => {
    expect((await lake.ok('list_capabilities', {})).flags).toMatchObject({ 'ingest.weaviate': true });
    const gone = await startWeaviate();
    const instances = createInstances(readSettings(declaring(gone.declared('gone')), {}));
    try {
      expect(await instances.answer()).toBe(true);
      await gone.stop();
      expect(await createInstances(readSettings(declaring(gone.declared('gone')), {})).answer()).toBe(false);
    } finally {
      await instances.close();
    }
  });
});
