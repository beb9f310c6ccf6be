import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteServer, putServer } from '../../src/capabilities/workflows/downstream/store.ts';
import { downstreamServer } from '../../src/core/workflows-settings.ts';
import { odd, until } from '../support/downstream/bench.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  const servers = [odd('mail'), { name: 'nowhere', command: 'tutti-no-such-program' }];
  server = await startTestServer(['--workflows-servers', JSON.stringify(servers)]);
});
afterAll(() => server.stop());

const stateOf = async (name: string) => {
  const { body } = await server.call('list_downstream_servers', { page_size: 200 });
  return body.items.find((item: { name: string }) => item.name === name);
};

test('the declared servers are listed, page by page, and none was started for it', async () => {
  const first = await server.call('list_downstream_servers', { page_size: 1 });
  expect(first.body.items).toMatchObject([{ name: 'mail', transport: 'stdio', state: 'idle', active: 0, waiting: 0 }]);
  const second = await server.call('list_downstream_servers', { page_size: 1, page: first.body.next_page });
  expect(second.body.items).toMatchObject([{ name: 'nowhere' }]);
  expect(second.body.next_page).toBeUndefined();
});

test('the tools of one are listed with their schemas, page by page', async () => {
  const names: string[] = [];
  for (let page: string | undefined, last = false; !last; ) {
    const { status, body } = await server.call('list_downstream_tools', {
      server: 'mail',
      page_size: 9,
      ...(page && { page }),
    });
    expect(status).toBe(200);
    names.push(...body.items.map((item: { name: string }) => item.name));
    page = body.next_page;
    last = page === undefined;
  }
  expect(names).toContain('echo');
  expect(new Set(names).size).toBe(names.length);
  const { body } = await server.call('list_downstream_tools', { server: 'mail' });
  expect(body.items.find((item: { name: string }) => item.name === 'number')).toMatchObject({
    resource: 'mcp://mail/number',
    input_schema: { type: 'object' },
    output_schema: { required: ['n'] },
    output_checked: true,
    idempotent: false,
  });
  expect(body.items.find((item: { name: string }) => item.name === 'echo')).toMatchObject({ idempotent: true });
  expect(body.items.find((item: { name: string }) => item.name === 'circle')).toMatchObject({ output_checked: false });
  expect(await stateOf('mail')).toMatchObject({ state: 'connected', tools: names.length });
});

test('one that cannot be had says so, its words beside ours', async () => {
  const { status, body } = await server.call('list_downstream_tools', { server: 'nowhere' });
  expect(status).toBe(502);
  expect(body.error).toMatchObject({
    code: 'UPSTREAM_FAILED',
    details: { kind: 'unreachable', cause: { untrusted: true, source: 'mcp://nowhere' } },
  });
  expect(await stateOf('nowhere')).toMatchObject({ state: 'down', last_error: { kind: 'unreachable' } });
  expect((await server.call('list_downstream_tools', { server: 'unheard' })).body.error.code).toBe('NOT_FOUND');
});

test('one that is added or removed by command is taken up without a new start', async () => {
  const { db } = server.database;
  await putServer(db, downstreamServer.parse(odd('late')));
  await until(async () => (await stateOf('late')) !== undefined);
  expect((await server.call('list_downstream_tools', { server: 'late' })).status).toBe(200);
  expect(await stateOf('late')).toMatchObject({ state: 'connected' });
  await putServer(db, downstreamServer.parse(odd('late', { concurrency: 2 })));
  await until(async () => (await stateOf('late'))?.state === 'idle');
  await deleteServer(db, 'late');
  await until(async () => (await stateOf('late')) === undefined);
});

test('breaker and connection of each are figures', async () => {
  const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.admin}` } });
  const text = await response.text();
  expect(text).toContain('tutti_downstream_connected{server="mail"} 1');
  expect(text).toContain('tutti_downstream_breaker_open{server="mail"} 0');
  expect(text).toContain('tutti_downstream_connected{server="nowhere"} 0');
});
