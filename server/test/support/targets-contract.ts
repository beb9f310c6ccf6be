import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './lake.ts';
import { startTestServer, type TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

export interface TargetUnderTest {
  readonly target: string;
  readonly flags?: () => readonly string[];
  readonly options?: object;
  /** The texts of all rows that are served, read as a user would. */
  readonly rows: (lake: Lake, datasetId: string) => Promise<string[]>;
  readonly incremental: boolean;
  /** Has builds come out wrong from now on; answers how to end that. Without it a canary that finds nothing does. */
  readonly spoil?: (server: TestServer) => Promise<() => Promise<unknown>>;
}

const csv = (rows: readonly string[]) => `id,text\n${rows.map((row, at) => `${at},${row}`).join('\n')}\n`;
const many = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at}`);

/** What every target must do, told by the rows that users get to see. */
export function testTarget({ target, flags, options = {}, rows, incremental, spoil }: TargetUnderTest): void {
  let server: TestServer;
  let lake: Lake;
  beforeAll(async () => {
    server = await startTestServer(flags?.() ?? []);
    lake = lakeOf(server);
  });
  afterAll(() => server.stop());

  const ingest = (id: string, more: Body = {}): Promise<Body> =>
    lake.ingest(id, { target, ...more, options: { ...options, ...more.options } });
  const served = async (id: string) => (await rows(lake, id)).sort();

  async function dataset(name: string, objects: Record<string, string[]>): Promise<string> {
    const id = await lake.dataset(`${target}-${name}`);
    for (const [key, texts] of Object.entries(objects)) await lake.upload(id, key, csv(texts));
    await lake.commit(id, 'v1');
    return id;
  }

  test('builds all of a version', async () => {
    const id = await dataset('full', { 'a.csv': ['red', 'green'], 'b.csv': ['blue'] });
    expect(await ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 3 }, metadata: { rows: 3 } });
    expect(await served(id)).toEqual(['blue', 'green', 'red']);
  });

  test('follows objects that come, change and go', async () => {
    const kept = many('kept', 200).sort();
    const id = await dataset('changes', { 'a.csv': ['one'], 'b.csv': ['two', 'three'], 'k.csv': kept });
    await ingest(id);
    await lake.upload(id, 'b.csv', csv(['four', "it's"]));
    await lake.upload(id, 'c.csv', csv(['five']));
    await lake.ok('remove_dataset_object', { dataset_id: id, object_key: 'a.csv' });
    await lake.commit(id, 'v2');
    const job = await ingest(id);
    expect(job).toMatchObject({ state: 'succeeded', metadata: { mode: incremental ? 'incremental' : 'rebuild' } });
    expect(await served(id)).toEqual([...kept, 'five', 'four', "it's"].sort());
  });

  test('serves what it served while another build runs, and after that was canceled', async () => {
    const id = await dataset('cancel', { 'a.csv': ['before'] });
    await ingest(id);
    await lake.upload(id, 'b.csv', csv(many('late', 3000)));
    await lake.commit(id, 'v2');
    const body = { dataset_id: id, target, options: { ...options, batch_rows: 100 } };
    const job = await lake.ok('start_ingest', body);
    await lake.ok('cancel_job', { job_id: job.id });
    const ended = await lake.ended(job);
    if (ended.state === 'canceled') expect(await served(id)).toEqual(['before']);
    expect(await ingest(id)).toMatchObject({ state: 'succeeded', metadata: { rows: 3001 } });
    expect(await served(id)).toEqual(['before', ...many('late', 3000)].sort());
  });

  test('a build that fails its verification is not served', async () => {
    const id = await dataset('unverified', { 'a.csv': ['good'] });
    await ingest(id);
    await lake.upload(id, 'b.csv', csv(['other']));
    await lake.commit(id, 'v2');
    const repair = await spoil?.(server);
    const failed = await ingest(id, spoil ? {} : { options: { canary_queries: ['nosuchword'] } });
    await repair?.();
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'VERIFICATION_FAILED' } });
    expect(await served(id)).toEqual(['good']);
    expect(await ingest(id)).toMatchObject({ state: 'succeeded' });
    expect(await served(id)).toEqual(['good', 'other']);
  });

  test('rebuilds beside what is served, and a version before comes back', async () => {
    const id = await dataset('rebuild', { 'a.csv': ['first'] });
    await ingest(id);
    await lake.upload(id, 'a.csv', csv(['second']));
    await lake.commit(id, 'v2');
    await ingest(id);
    const rebuilding = await lake.ok('reindex', { dataset_id: id, target });
    for (let state = 'queued'; state !== 'succeeded'; ) {
      ({ state } = await lake.ok('job_status', { job_id: rebuilding.id }));
      expect(['queued', 'running', 'succeeded']).toContain(state);
      expect(await served(id)).toEqual(['second']);
    }
    expect(await served(id)).toEqual(['second']);
    expect(await ingest(id, { version: 'v1' })).toMatchObject({ state: 'succeeded' });
    expect(await served(id)).toEqual(['first']);
  });

  test('goes with its dataset', async () => {
    const id = await dataset('deleted', { 'a.csv': ['x'] });
    await ingest(id);
    await lake.ok('delete_dataset', { dataset_id: id, force: true });
    const collected = await lake.ended(await lake.ok('collect_garbage', { dry_run: false, older_than_days: 0 }));
    expect(collected).toMatchObject({ state: 'succeeded', metadata: { report: { indexes: { count: 1 } } } });
    expect((await server.call('search_dataset', { dataset_id: id, query: 'x', target })).status).toBe(404);
  });

  test('refuses an option that it does not have', async () => {
    const id = await dataset('options', { 'a.csv': ['x'] });
    const odd = target === 'parquet' ? { language: 'simple' } : { rows_per_file: 1000 };
    const refused = await server.call('start_ingest', { dataset_id: id, target, options: odd });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'VALIDATION_FAILED' } } });
  });
}

/** All rows of a target that can be searched, page by page. */
export const searchedRows = (target: string) => async (lake: Lake, datasetId: string) => {
  const found: string[] = [];
  for (let page: string | undefined; ; ) {
    const answer = await lake.search(datasetId, '', { target, page_size: 200, page });
    found.push(...answer.items.map(({ row }: Body) => row.text));
    page = answer.next_page;
    if (page === undefined) return found;
  }
};
