import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configOf, ok } from '../../support/config.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  await config.profile('prod');
  const servers = Array.from({ length: 100 }, (_, at) => ({
    name: `wiki-${at}`,
    transport: 'http',
    url: `https://wiki-${at}.example.com/${'path/'.repeat(100)}`,
  }));
  await ok(config.publish('prod', { servers }));
});
afterAll(() => server.stop());

/** The 95th percentile in milliseconds, of calls that begin every 20 ms, whether or not those before have ended. */
async function p95(call: () => Promise<unknown>): Promise<number> {
  const calls: Promise<number>[] = [];
  for (let at = 0; at < 200; at += 1) {
    const started = performance.now();
    calls.push(call().then(() => performance.now() - started));
    await sleep(20);
  }
  const times = (await Promise.all(calls)).sort((a, b) => a - b);
  return times[Math.ceil(times.length * 0.95) - 1] ?? Number.POSITIVE_INFINITY;
}

// What the requirement itself asks for, which is a multiple of what is measured in bench/.
test('NFR-3: at fifty a second a configuration of 50 kB is answered within 300 ms, p95', async () => {
  const { text } = await config.get('prod');
  expect(text.length).toBeGreaterThan(50_000);
  expect(await p95(() => config.get('prod'))).toBeLessThanOrEqual(300);
});

test('NFR-4: at fifty a second discovery is answered within 200 ms, p95', async () => {
  expect(await p95(() => ok(server.call('list_clients', {}, config.who.client)))).toBeLessThanOrEqual(200);
  const profiles = () => ok(server.call('list_profiles', { client_id: 'cursor' }, config.who.client));
  expect(await p95(profiles)).toBeLessThanOrEqual(200);
});
