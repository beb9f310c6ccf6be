import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--behind-tls']);
});
afterAll(() => server.stop());

test('behind a proxy the address is the one that it wrote down, in the form of the limits', async () => {
  await fetch(`${server.url}/tools/list_datasets`, {
    method: 'POST',
    headers: { authorization: 'Bearer tutti_wrong', 'x-forwarded-for': '198.51.100.1, [2001:db8:7:8::9]:4711' },
  });
  const unknown = async () => (await server.call('list_audit_entries', { outcome: 'UNAUTHENTICATED' })).body.items;
  while ((await unknown()).length === 0) await sleep(50);
  expect(await unknown()).toMatchObject([{ detail: { attempts: 1, addresses: { '2001:db8:7:8::/64': 1 } } }]);
});
