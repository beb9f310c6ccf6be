import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configOf, filesServer, ok, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;

beforeAll(async () => {
  server = await startTestServer(['--config-inventory-floor', '2']);
  config = await configOf(server, 'zed');
});
afterAll(() => server.stop());

test('PII / fingerprint in reports (FR-14, FR-15, NFR-8): each is counted by its last word, and names nobody', async () => {
  await config.profile('reported', { policy_set_id: 'none' });
  const { artifact_id, version } = await ok(config.publish('reported', { servers: [filesServer('1.0.0')] }));
  const call = { client_id: 'zed', profile: 'reported', artifact_id };
  const report = (client_fingerprint: string, result: string, more: Record<string, unknown> = {}) =>
    server.call('report_client_state', { ...call, client_fingerprint, result, ...more }, config.who.client);
  for (const at of [1, 2, 3]) await ok(report(`client-with-id-${at}-xxxx`, 'failed'));
  for (const at of [1, 2]) await ok(report(`client-with-id-${at}-xxxx`, 'applied'));
  await ok(report('client-with-id-1-xxxx', 'failed', { applied_at: '2020-01-01T00:00:00Z' }));
  const counted = await ok(server.call('get_config_inventory', { profile: 'reported' }, config.who.client));
  expect(counted.items).toEqual([
    { client_id: 'zed', profile: 'reported', artifact_id, version, result: 'applied', clients: 2 },
    { client_id: 'zed', profile: 'reported', artifact_id, version, result: 'failed', clients: null },
  ]);
  const kept = await sql<{ row: string }>`select config_reports::text as row from config_reports`.execute(
    server.database.db,
  );
  expect(JSON.stringify(kept.rows)).not.toContain('client-with-id');
  expect(await refused(report('anna@example.com-0000', 'applied')), 'no address is an id').toBe('VALIDATION_FAILED');
  const other = {
    ...call,
    artifact_id: `sha256:${'0'.repeat(64)}`,
    client_fingerprint: 'a'.repeat(16),
    result: 'applied',
  };
  expect(await refused(server.call('report_client_state', other, config.who.client))).toBe('ARTIFACT_NOT_FOUND');
});
