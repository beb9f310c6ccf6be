import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--metrics-public']);
});
afterAll(() => server.stop());

test('with metrics.public callers on this machine need no token, those behind a proxy do', async () => {
  const status = async (headers: Record<string, string> = {}) =>
    (await fetch(`${server.url}/metrics`, { headers })).status;
  expect(await status()).toBe(200);
  expect(await status({ 'x-forwarded-for': '203.0.113.1' })).toBe(401);
  expect(await status({ forwarded: 'for=203.0.113.1' })).toBe(401);
});
