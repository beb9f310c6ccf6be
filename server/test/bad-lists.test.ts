import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { connectors } from './support/mcp-clients.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

describe('a page cursor', () => {
  const ids: string[] = [];
  let cursor: string;
  beforeAll(async () => {
    for (const name of ['p-1', 'p-2', 'p-3', 'p-4', 'p-5']) ids.push(await lake.dataset(name));
    for (const key of ['k1', 'k2', 'k3']) await lake.upload(ids[0] ?? '', key, key);
    cursor = (await lake.ok('list_datasets', { page_size: 2 })).next_page;
  });

  test('leads through a list once, whatever is added meanwhile', async () => {
    const seen: string[] = [];
    let page: string | undefined;
    do {
      const answer = await lake.ok('list_datasets', { page_size: 2, page, filter: { text: 'P-' } });
      seen.push(...answer.items.map((item: { id: string }) => item.id));
      page = answer.next_page;
    } while (page !== undefined);
    expect(seen).toEqual(ids);
  });

  test('does not name how many items a page has', async () => {
    const { items } = await lake.ok('list_datasets', { page_size: 1, page: cursor });
    expect(items).toMatchObject([{ id: ids[2] }]);
  });

  test.each([
    ['garbage', 'list_datasets', () => ({ page: 'garbage' })],
    ['an offset', 'list_datasets', () => ({ page: '2' })],
    ['only a dot', 'list_datasets', () => ({ page: '.' })],
    ['a cut one', 'list_datasets', () => ({ page: cursor.slice(0, -5) })],
    ['another position', 'list_datasets', () => ({ page: moved(cursor, ids[4] ?? '') })],
    ['other filters', 'list_datasets', () => ({ page: cursor, filter: { text: 'p' } })],
    ['another list', 'list_jobs', () => ({ page: cursor })],
    ['a list of another thing', 'list_objects', () => ({ dataset_id: ids[0], page: cursor })],
  ])('%s is refused', async (_what, name, input) => {
    const answer = await changesNothing(server, () => server.call(name, input()));
    expect(expectFailure(answer, 422, 'BAD_CURSOR').suggestion).toContain('`page`');
  });

  test('of one dataset or prefix does not hold for another', async () => {
    const input = { dataset_id: ids[0], page_size: 1 };
    const { next_page: page } = await lake.ok('list_objects', input);
    expect((await lake.ok('list_objects', { ...input, page })).items).toMatchObject([{ key: 'k2' }]);
    for (const other of [{ dataset_id: ids[1] }, { prefix: 'k' }]) {
      expectFailure(await server.call('list_objects', { ...input, page, ...other }), 422, 'BAD_CURSOR');
    }
  });
});

describe("another principal's job", () => {
  const mine: Record<string, string> = {};
  let id: string;
  beforeAll(async () => {
    for (const [name, grants] of [
      ['anna', ['writer']],
      ['berta', ['writer']],
      ['carl', ['system:read', 'system:write']],
      ['overseer', ['admin']],
    ] as const)
      mine[name] = (await server.token(name, grants)).secret;
    const dataset = await lake.dataset('owned');
    await lake.upload(dataset, 'a.csv', 'name\nx\n');
    await lake.commit(dataset, 'v1');
    const { body } = await server.call('validate', { dataset_id: dataset }, mine.anna);
    id = body.id;
    await lake.ended(body);
  });
  const listed = async (token: string | undefined, filter: object = {}) =>
    (await server.call('list_jobs', filter, token)).body.items.map((job: { id: string }) => job.id);

  test('is there for its owner, under any token of hers, and for an administrator', async () => {
    const second = (await server.token('anna', ['writer'])).secret;
    for (const token of [mine.anna, second, mine.overseer, server.admin]) {
      expect((await server.call('job_status', { job_id: id }, token)).body).toMatchObject({ id, state: 'succeeded' });
      expect(await listed(token)).toContain(id);
    }
  });

  test.each(['berta', 'carl'])('is not there for %s: not in tools, lists or resources', async (name) => {
    const token = mine[name] ?? '';
    for (const [tool, more] of [
      ['job_status', {}],
      ['cancel_job', {}],
      ['resolve_in_doubt_call', { outcome: 'repeat' }],
    ] as const) {
      const call = (job_id: string) => changesNothing(server, () => server.call(tool, { job_id, ...more }, token));
      const hidden = expectFailure(await call(id), 404, 'NOT_FOUND');
      const missing = expectFailure(await call('job_none'), 404, 'NOT_FOUND');
      expect({ ...hidden, details: undefined }).toEqual({ ...missing, details: undefined });
    }
    for (const filter of [{}, { kind: 'lake.validate' }, { state: 'succeeded' }]) {
      expect(await listed(token, filter)).toEqual([]);
    }
    const headers = { authorization: `Bearer ${token}` };
    expectFailure(await raw(`${server.url}/resources/job/${id}`, { headers }), 404, 'NOT_FOUND');
    for (const connect of Object.values(connectors)) {
      const { client } = await connect(`${server.url}/mcp`, token);
      await expect(client.readResource({ uri: `job://${id}` })).rejects.toMatchObject({
        code: -32602,
        data: { error: { code: 'NOT_FOUND' } },
      });
      await client.close();
    }
  });

  test('is no longer there for an owner who lost the scope to read its toolset', async () => {
    await server.token('anna', ['system:read', 'system:write']);
    expectFailure(await server.call('job_status', { job_id: id }, mine.anna), 404, 'NOT_FOUND');
    expect(await listed(mine.anna)).toEqual([]);
    await server.token('anna', ['system:read', 'system:write', 'lake:read']);
    const refused = await changesNothing(server, () => server.call('cancel_job', { job_id: id }, mine.anna));
    expectFailure(refused, 403, 'FORBIDDEN');
  });

  test('a job that has ended is not canceled', async () => {
    const answer = await changesNothing(server, () => server.call('cancel_job', { job_id: id }));
    expect(answer).toEqual({ status: 200, body: { canceled: false, state: 'succeeded' } });
  });
});

describe('an idempotency key', () => {
  const input = (name: string) => ({ name, uri: `tutti://${name}`, idempotency_key: `key-${name}` });
  const named = async (text: string) => (await lake.ok('list_datasets', { filter: { text } })).items.length;

  test('gives the first answer again, and makes one thing', async () => {
    const first = await lake.ok('register_dataset', input('once'));
    expect(await lake.ok('register_dataset', input('once'))).toEqual(first);
    expect(await named('once')).toBe(1);
  });

  test('twelve calls at once make one thing and get one answer', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => lake.ok('register_dataset', input('crowd'))));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(await named('crowd')).toBe(1);
  });

  test('with another input is a conflict', async () => {
    await lake.ok('register_dataset', input('first'));
    const other = { ...input('second'), idempotency_key: 'key-first' };
    const answer = await changesNothing(server, () => server.call('register_dataset', other));
    expect(expectFailure(answer, 409, 'IDEMPOTENCY_CONFLICT').suggestion).toContain('idempotency_key');
  });

  test('belongs to one principal and one tool', async () => {
    const { secret } = await server.token('stranger', ['writer']);
    await lake.ok('register_dataset', input('mine'));
    const theirs = { ...input('theirs'), idempotency_key: 'key-mine' };
    expect((await server.call('register_dataset', theirs, secret)).status).toBe(200);
    const id = await lake.dataset('keyed');
    const upload = await lake.presign(id, 'a.csv', { idempotency_key: 'key-mine' });
    expect((await lake.presign(id, 'a.csv', { idempotency_key: 'key-mine' })).url).toBe(upload.url);
  });

  test('of a call that failed may be used again', async () => {
    const taken = { name: 'once', uri: 'tutti://once', idempotency_key: 'retry' };
    expectFailure(await server.call('register_dataset', taken), 409, 'ALREADY_EXISTS');
    await lake.ok('register_dataset', { name: 'free', uri: 'tutti://free', idempotency_key: 'retry' });
  });

  test('starts one job', async () => {
    const dataset_id = await lake.dataset('one-job');
    await lake.upload(dataset_id, 'a.csv', 'name\nx\n');
    await lake.commit(dataset_id, 'v1');
    const start = () => lake.ok('validate', { dataset_id, idempotency_key: 'job' });
    const jobs = await Promise.all([start(), start(), start()]);
    expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
    expect((await lake.ok('list_jobs', { dataset_id })).items).toHaveLength(1);
    await lake.ended(jobs[0]);
  });
});

function moved(cursor: string, position: string): string {
  return `${Buffer.from(position).toString('base64url')}${cursor.slice(cursor.indexOf('.'))}`;
}
