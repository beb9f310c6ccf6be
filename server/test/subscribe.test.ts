import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { openSse } from './support/sse.ts';

let server: TestServer;
let lake: Lake;
let id: string;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
  id = await lake.dataset('followed');
  await lake.upload(id, 'a.csv', 'id\n1\n');
  await lake.commit(id, 'v1');
});
afterAll(() => server.stop());

test('subscribe answers where the events of a dataset are heard, by each way the same ones', async () => {
  const other = await lake.dataset('other');
  const asked = { dataset_id: id, kinds: ['dataset.updated'] };
  const { since, events_url, resources } = await lake.ok('subscribe', asked);
  expect(resources).toEqual([`dataset://${id}`]);
  expect(new URL(events_url).origin).toBe(new URL(server.url).origin);
  const stream = await openSse(events_url, server.admin);
  const job = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  await lake.ok('update_dataset', { dataset_id: other, tags: ['x'] });
  await lake.ok('update_dataset', { dataset_id: id, tags: ['last'] });
  const items: { data: { state: string } }[] = [];
  for (let at = since; items.length < 3; ) {
    const page = await lake.ok('poll_events', { since: at, ...asked, wait_s: 10 });
    items.push(...page.items);
    at = page.next;
  }
  expect(items.map((event) => event.data.state)).toEqual(['validating', 'validated', 'validated']);
  while (stream.events.length < items.length) await new Promise((resolve) => setTimeout(resolve, 10));
  stream.cut();
  expect(stream.events.map((event) => event.data)).toEqual(items);

  const jobs = await lake.ok('poll_events', { since, dataset_id: id, kinds: ['job.updated'] });
  expect(new Set(jobs.items.map((event: { subject: string }) => event.subject))).toEqual(new Set([`job:${job.id}`]));
  const both = await lake.ok('poll_events', {
    since,
    dataset_id: id,
    kinds: ['job.updated'],
    types: ['dataset.updated'],
  });
  expect(both.items).toEqual((await lake.ok('poll_events', { since, dataset_id: id })).items);
});

test('it names the jobs that are open, as far as the caller may see them', async () => {
  const { secret: mine } = await server.token('sub-one', ['writer']);
  const { secret: others } = await server.token('sub-two', ['writer']);
  await lake.upload(id, 'big.csv', `id\n${Array.from({ length: 300_000 }, (_, n) => n).join('\n')}\n`);
  await lake.commit(id, 'v2');
  const { body: job } = await server.call('start_ingest', { dataset_id: id, target: 'lance' }, mine);
  const ask = async (token: string, more: object = {}) =>
    (await server.call('subscribe', { dataset_id: id, ...more }, token)).body.resources;
  expect(await ask(mine)).toEqual([`dataset://${id}`, `job://${job.id}`]);
  expect(await ask(mine, { kinds: ['job.updated'] })).toEqual([`job://${job.id}`]);
  expect(await ask(others)).toEqual([`dataset://${id}`]);
  await server.call('cancel_job', { job_id: job.id }, mine);
  await lake.ended(job);
  expect(await ask(mine)).toEqual([`dataset://${id}`]);
});

test('it refuses what is not there or not for the caller', async () => {
  expect(await server.call('subscribe', { dataset_id: 'ds_none' })).toMatchObject({ status: 404 });
  const { secret } = await server.token('sub-three', ['system:read']);
  expect(await server.call('subscribe', { dataset_id: id }, secret)).toMatchObject({ status: 403 });
  expect(await server.call('subscribe', {}, secret)).toMatchObject({ status: 200, body: { resources: [] } });
  expect(await server.call('subscribe', { kinds: ['a,b'] })).toMatchObject({ status: 422 });
});
