import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { policiesOf } from './support/policies.ts';
import { startTestServer, type TestServer } from './support/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

let server: TestServer;
let lake: Lake;
let policies: ReturnType<typeof policiesOf>;
beforeAll(async () => {
  server = await startTestServer(['--jobs-concurrency', '1']);
  lake = lakeOf(server);
  policies = policiesOf(lake);
});
afterAll(() => server.stop());

test('of the jobs of policies that wait, those of lower priority numbers begin first', async () => {
  const busy = await lake.dataset('busy');
  await policies.commit(
    busy,
    'v1',
    Array.from({ length: 30_000 }, (_, n) => `word${n}`),
  );
  const ids = new Map<number, string>();
  for (const priority of [900, 1, 50]) {
    const id = await lake.dataset(`priority-${priority}`);
    await policies.commit(id, 'v1', ['ant']);
    ids.set(priority, id);
  }
  const holder = await lake.ok('start_ingest', { dataset_id: busy, target: 'lance', options: { batch_rows: 100 } });
  for (const [priority, id] of ids) await policies.set(id, 'hot-index', { priority });
  const called = await lake.ok('validate', { dataset_id: busy });
  const waiting = await lake.ok('list_jobs', { state: 'queued', page_size: 100 });
  expect(waiting.items.filter(({ kind }: Body) => kind === 'lake.validate')).toHaveLength(4);
  await lake.ok('cancel_job', { job_id: holder.id });

  const jobs: Body[] = [await lake.ended(called)];
  for (const id of ids.values()) {
    await policies.until(id, { state: 'served' });
    jobs.push(...(await policies.quiet(id)));
  }
  const began = (kind: string) =>
    jobs
      .filter((job) => job.kind === kind)
      .sort((a, b) => (a.started_at < b.started_at ? -1 : 1))
      .map(({ dataset_id }) => [...ids].find(([, id]) => id === dataset_id)?.[0] ?? 0);
  expect(began('lake.validate')).toEqual([0, 1, 50, 900]);
  expect(began('lake.ingest')).toEqual([1, 50, 900]);
});

test('a priority that makes no sense is refused', async () => {
  const id = await lake.dataset('senseless');
  for (const priority of [-1, 1.5, 1001, 'high']) {
    const policy = { name: 'busy-beaver', params: { priority } };
    const { status, body } = await server.call('set_policy', { dataset_id: id, policy });
    expect({ status, path: body.error.details.issues[0].path }).toEqual({
      status: 422,
      path: 'policy.params.priority',
    });
  }
});
