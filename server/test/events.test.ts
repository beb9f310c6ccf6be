import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeToken } from '../src/core/auth/store.ts';
import { inTransaction } from '../src/core/db/database.ts';
import { appendEvent } from '../src/core/events/store.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Event = any;

/** Polls on from a cursor until so many events came. */
async function pollOn(since: string, count: number, more: object = {}): Promise<{ items: Event[]; next: string }> {
  const items: Event[] = [];
  for (let next = since; ; ) {
    const page = await lake.ok('poll_events', { since: next, wait_s: 10, page_size: 3, ...more });
    items.push(...page.items);
    next = page.next;
    if (items.length >= count) return { items, next };
  }
}

const now = async (): Promise<string> => (await lake.ok('poll_events', {})).next;

test('the life of a dataset and its jobs is told in order, each time with the whole of it', async () => {
  const since = await now();
  const id = await lake.dataset('told');
  await lake.upload(id, 'a.csv', 'id,name\n1,Ada\n');
  await lake.commit(id, 'v1');
  const job = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  const { items, next } = await pollOn(since, 7);
  const datasets = items.filter((event) => event.type === 'dataset.updated');
  expect(datasets.map((event) => event.data.state)).toEqual(['registered', 'staged', 'validating', 'validated']);
  expect(datasets.every((event) => event.subject === `dataset:${id}`)).toBe(true);
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject(datasets.at(-1).data);
  const jobs = items.filter((event) => event.type === 'job.updated');
  const states = jobs.map((event) => event.data.state);
  expect([...new Set(states)]).toEqual(['queued', 'running', 'succeeded']);
  expect(jobs.every((event) => event.subject === `job:${job.id}` && event.data.dataset_id === id)).toBe(true);
  expect(jobs.at(-1).data).toEqual(job);
  expect(items.map((event) => event.id)).toEqual([...new Set(items.map((event) => event.id))]);
  expect(await lake.ok('poll_events', { since: next })).toEqual({ items: [], next: expect.any(String) });

  const only = async (filter: object) => (await pollOn(since, 1, { page_size: 200, ...filter })).items;
  expect(await only({ types: ['dataset.updated'] })).toEqual(datasets);
  expect(await only({ dataset_id: id })).toEqual(items);
  expect(await lake.ok('poll_events', { since, dataset_id: 'ds_other' })).toMatchObject({ items: [] });
});

test('a poll waits for what comes, and no longer', async () => {
  const waiting = lake.ok('poll_events', { wait_s: 30, types: ['dataset.updated'] });
  await lake.ok('poll_events', { wait_s: 0.1, types: ['nothing'] });
  const id = await lake.dataset('waited-for');
  expect((await waiting).items).toMatchObject([{ type: 'dataset.updated', data: { id, state: 'registered' } }]);
});

test('a change that is refused leaves no event', async () => {
  const since = await now();
  await lake.dataset('twice');
  expect((await server.call('register_dataset', { name: 'twice', uri: 'tutti://twice' })).status).toBe(409);
  const id = await lake.dataset('after');
  const { items } = await pollOn(since, 2);
  expect(items.map((event) => event.data.name)).toEqual(['twice', 'after']);
  expect(items[1].data.id).toBe(id);
});

test('the jobs of others are not told of, nor what lies in a toolset that one may not read', async () => {
  const since = await now();
  const id = await lake.dataset('shared');
  await lake.upload(id, 'a.csv', 'id\n1\n');
  await lake.commit(id, 'v1');
  const { secret: writer } = await server.token('writer', ['writer']);
  const { body: job } = await server.call('validate', { dataset_id: id }, writer);
  await lake.ended(job);
  const seenBy = async (token: string) => {
    const { body } = await server.call('poll_events', { since, page_size: 200 }, token);
    return new Set(body.items.map((event: Event) => event.subject));
  };
  await pollOn(since, 7);
  const { secret: reader } = await server.token('reader', ['reader']);
  const { secret: narrow } = await server.token('narrow', ['system:read']);
  expect(await seenBy(writer)).toEqual(new Set([`dataset:${id}`, `job:${job.id}`]));
  expect(await seenBy(server.admin)).toEqual(new Set([`dataset:${id}`, `job:${job.id}`]));
  expect(await seenBy(reader)).toEqual(new Set([`dataset:${id}`]));
  expect(await seenBy(narrow)).toEqual(new Set());
});

test('what is no position is refused', async () => {
  expect(await server.call('poll_events', { since: 'x' })).toMatchObject({
    status: 422,
    body: { error: { code: 'VALIDATION_FAILED' } },
  });
  expect(await server.call('poll_events', { since: `${2n ** 63n}.1` })).toMatchObject({
    status: 422,
    body: { error: { code: 'BAD_CURSOR' } },
  });
});

test('an MCP client that subscribed is told of what it may see, and nobody else is', async () => {
  const id = await lake.dataset('watched');
  const uris = [`dataset://${id}`, 'job://job_owned'];
  const watch = async (secret: string) => {
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    const requestInit = { headers: { authorization: `Bearer ${secret}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
    const subscription = await client.listen({ resourceSubscriptions: uris });
    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: uris });
    return { client, updated, subscription };
  };
  const { secret: reader, id: token } = await server.token('subscriber', ['reader']);
  const admin = await watch(server.admin);
  const other = await watch(reader);
  const owned = { type: 'job.updated', subject: 'job:job_owned', toolset: 'lake', owner: 'prn_somebody', data: {} };
  await inTransaction(server.database.db, (tx) => appendEvent(tx, owned));
  await lake.dataset('unwatched');
  await lake.upload(id, 'a.csv', 'id\n1\n');
  await lake.commit(id, 'v1');
  // The registration may reach the feed after the subscription: its update is told as well then.
  const told = (updated: string[]) => [...new Set(updated)].sort();
  await expect.poll(() => told(admin.updated), { timeout: 30_000 }).toEqual([`dataset://${id}`, 'job://job_owned']);
  await expect.poll(() => told(other.updated), { timeout: 30_000 }).toEqual([`dataset://${id}`]);
  await revokeToken(server.database.db, token);
  await other.subscription.closed;
  await Promise.all([admin.client.close(), other.client.close()]);
});
