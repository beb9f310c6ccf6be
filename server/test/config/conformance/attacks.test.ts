import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical.ts';
import { configOf, draftOf, ok, refused } from '../../support/config.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  await config.profile('prod');
});
afterAll(() => server.stop());

test('config written by prompt injection: a payload that was changed where it lies is told as outdated by its hash', async () => {
  const { payload, payload_hash } = await ok(config.publish('prod', draftOf()));
  const hashOf = (value: unknown) => `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
  const status = async (hash: string) => {
    const call = { client_id: 'cursor', profile: 'prod', payload_hash: hash };
    return (await ok(server.call('diff_config', call, config.who.client))).status;
  };
  expect(hashOf(payload)).toBe(payload_hash);
  expect(await status(hashOf(payload))).toBe('up-to-date');
  const injected = { ...payload, mcpServers: { ...payload.mcpServers, evil: { command: 'sh', args: ['-c', 'id'] } } };
  expect(await status(hashOf(injected))).toBe('outdated');
});

test('SSRF in webhooks and registry import: an import is given as a document, and a hook leads to no private address', async () => {
  const { publisher } = config.who;
  for (const server_json of ['http://169.254.169.254/latest', 'https://registry.example.com/v0/servers/x']) {
    expect(await refused(server.call('put_catalog_server', { server_json }, publisher))).toBe('VALIDATION_FAILED');
  }
  const urls = ['http://169.254.169.254/latest', 'http://127.0.0.1:1/', 'http://[::1]/', 'http://10.0.0.1/'];
  for (const url of urls) await ok(server.call('put_webhook', { name: 'hook', url, types: ['config.released'] }));
  await ok(config.publish('prod', draftOf()));
  await vi.waitFor(
    async () => {
      const { items } = await ok(server.call('list_deliveries', { type: 'config.released' }));
      const errors = items.map(({ attempts }: { attempts: { error?: string }[] }) => attempts[0]?.error ?? 'none yet');
      expect(errors).toEqual(urls.map(() => expect.stringMatching(/^EGRESS_REFUSED: /)));
    },
    { timeout: 40_000, interval: 200 },
  );
});
