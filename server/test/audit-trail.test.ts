import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let rita = '';
beforeAll(async () => {
  server = await startTestServer();
  rita = (await server.token('rita', ['writer'])).secret;
  for (let n = 0; n < 5; n += 1) await register(`admin-${n}`);
  for (let n = 0; n < 3; n += 1) await register(`rita-${n}`, rita);
  await server.call('job_status', { job_id: 'x' });
  await server.call('list_datasets', {}, rita);
});
afterAll(() => server.stop());

const register = (name: string, token?: string) =>
  server.call('register_dataset', { name, uri: `tutti://${name}` }, token);
const list = async (input: object = {}, token?: string) => (await server.call('list_audit_entries', input, token)).body;
const names = (page: { items: { principal_name: string }[] }) => page.items.map((item) => item.principal_name);

test('an administrator sees all, anybody else its own, and nobody the reads', async () => {
  expect(names(await list())).toEqual([...Array(3).fill('rita'), ...Array(5).fill('admin')]);
  expect(names(await list({}, rita))).toEqual(Array(3).fill('rita'));
  expect(names(await list({ principal: 'admin' }, rita))).toEqual([]);
  const { secret: nobody } = await server.token('nora', ['lake:write']);
  expect((await server.call('list_audit_entries', {}, nobody)).status).toBe(403);
  const { secret: narrowed } = { secret: (await server.token('rita', ['writer'])).secret };
  expect(names(await list({}, narrowed))).toEqual(Array(3).fill('rita'));
});

test('the list pages and filters', async () => {
  const first = await list({ page_size: 3, principal: 'admin' });
  const second = await list({ page_size: 3, principal: 'admin', page: first.next_page });
  expect([names(first), names(second)].map((page) => page.length)).toEqual([3, 2]);
  expect(second).not.toHaveProperty('next_page');
  const { subject, time } = first.items[0];
  expect((await list({ subject })).items).toMatchObject([{ subject, tool: 'register_dataset', outcome: 'ok' }]);
  expect((await list({ since: time, principal: 'admin' })).items).toHaveLength(1);
  expect((await list({ until: time, principal: 'admin' })).items).toHaveLength(4);
  expect((await list({ outcome: 'CONFLICT' })).items).toEqual([]);
  expect((await list({ tool: 'validate' })).items).toEqual([]);
});

test('who comes without a token is counted, with the address', async () => {
  for (const token of ['', 'tutti_wrong', 'x']) await server.call('list_datasets', {}, token);
  const unknown = async () => (await list({ outcome: 'UNAUTHENTICATED' })).items;
  while ((await unknown()).length === 0) await sleep(50);
  expect(await unknown()).toMatchObject([
    { principal_id: null, tool: 'http', detail: { attempts: expect.any(Number), other_addresses: 0 } },
  ]);
  const [{ detail }] = await unknown();
  expect(Object.keys(detail.addresses)).toEqual([expect.stringMatching(/127\.0\.0\.1$/)]);
});

test('entries are sealed by themselves', async () => {
  const unsealed = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from audit_entries where seq is null`.execute(server.database.db);
    return rows[0]?.count;
  };
  await register('last');
  while ((await unsealed()) !== 0) await sleep(50);
  const { items } = await list({ page_size: 200 });
  expect(items.map((item: { seq: number }) => item.seq)).toEqual(
    items.map((_: unknown, n: number) => items.length - n),
  );
});
