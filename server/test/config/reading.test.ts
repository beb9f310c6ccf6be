import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { deleteReports } from '../../src/capabilities/config/inventory/store.ts';
import { tellChange } from '../../src/capabilities/config/releases/events.ts';
import { asUnavailable, openDatabase } from '../../src/core/db/database.ts';
import { configKeyPurpose, makeMissingKeys, readKeyFile, writeKeyFile } from '../../src/core/key-files.ts';
import { publicHalf } from '../../src/core/key-pair.ts';
import type { KeyFile } from '../../src/core/keys.ts';
import { createLog } from '../../src/core/log.ts';
import { readSettings, SettingsError } from '../../src/core/settings.ts';
import { type RunningServer, startServer } from '../../src/main.ts';
import { token as tokenCommand } from '../../src/token.ts';
import { configOf, draftOf, filesServer, ok } from '../support/config.ts';
import { connectors } from '../support/mcp-clients.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const patient = { timeout: 30_000, interval: 50 };

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
/** A second server, on the same database, that may change nothing in it. */
let reading: RunningServer;
const own = makeTempDir('reading');

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  await config.profile('prod', { policy_set_id: 'none' });
  await ok(config.publish('prod', draftOf(), { changelog: 'first' }));
  const keysDir = path.join(own, 'keys');
  makeMissingKeys(path.join(server.dataDir, 'keys'));
  cpSync(path.join(server.dataDir, 'keys'), keysDir, { recursive: true });
  writeKeyFile(keysDir, configKeyPurpose, withoutPrivate(readKeyFile(keysDir, configKeyPurpose) as KeyFile));
  reading = await startServer(
    readSettings(
      ['--read-only', '--port', '0', '--data-dir', own, '--keys-dir', keysDir, '--database-url', onlyRead()],
      {},
    ),
    createLog('silent'),
    { strictOutputs: true },
  );
});
afterAll(async () => {
  await reading.stop();
  await server.stop();
  rmSync(own, { recursive: true, force: true });
});

/** The keys of releases as a mirror should have them: whoever takes them there signs nothing. */
function withoutPrivate({ current, keys }: KeyFile): KeyFile {
  return { current, keys: Object.fromEntries(Object.entries(keys).map(([id, pem]) => [id, publicHalf(pem)])) };
}

/** The database as a user has it whose transactions only read, which is what a replica is. */
function onlyRead(): string {
  const url = new URL(server.database.url);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  return url.href;
}

async function call(name: string, input: unknown, token = config.who.client) {
  const response = await fetch(`${reading.url}/tools/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(input),
  });
  // biome-ignore lint/suspicious/noExplicitAny: checked by the tests
  return { status: response.status, body: (await response.json()) as any };
}

const fetched = (address: string, token = config.who.client) =>
  fetch(`${reading.url}${address}`, { headers: { authorization: `Bearer ${token}` } });

const of = { client_id: 'cursor', profile: 'prod' };

describe('a server that only reads (read replicas)', () => {
  test('answers all that readers ask for, with public keys only', async () => {
    const there = await config.get('prod', { with_signed_bytes: true });
    expect(await ok(call('get_config', { ...of, with_signed_bytes: true }))).toEqual(there);
    expect(await (await fetched(`/artifacts/${there.artifact_id}`)).text()).toBe(
      Buffer.from(there.signed_bytes.artifact, 'base64').toString(),
    );
    for (const address of ['/config/cursor/prod', `/artifacts/${there.artifact_id}/signature`, there.schema_ref]) {
      expect((await fetched(address)).status, address).toBe(200);
    }
    const unsigned = await call('export_config', {});
    expect(unsigned.body.error, 'an export is signed').toMatchObject({ code: 'READ_ONLY' });
    expect(await ok(call('list_clients', {}))).toEqual(await ok(server.call('list_clients', {}, config.who.client)));
    const { client } = await (connectors['v2 client, negotiating'] as NonNullable<(typeof connectors)[string]>)(
      `${reading.url}/mcp/config`,
      config.who.client,
    );
    const { contents } = await client.readResource({ uri: 'config://cursor/prod' });
    expect(JSON.parse(contents[0].text)).toMatchObject({ artifact_id: there.artifact_id });
    await client.close();
    expect((await fetch(`${reading.url}/readyz`)).status).toBe(200);
  });

  test('follows what is released elsewhere: whoever hears of it gets it', async () => {
    const { next_token: since_token } = await ok(call('poll_config_changes', of));
    const waiting = ok(call('poll_config_changes', { ...of, since_token, wait_s: 30 }));
    const made = await ok(config.publish('prod', draftOf(filesServer()), { changelog: 'second' }));
    expect((await waiting).items).toMatchObject([{ artifact_id: made.artifact_id, changelog: 'second' }]);
    expect(await ok(call('get_config', of))).toMatchObject({ artifact_id: made.artifact_id });
    await config.profile('stage', { policy_set_id: 'none' });
    await vi.waitFor(
      async () => expect((await ok(call('list_profiles', { client_id: 'cursor' }))).profiles).toContain('stage'),
      patient,
    );
  });

  test('refuses each tool that changes something, uploads and webhooks, in clear words', async () => {
    const report = { ...of, client_fingerprint: 'x'.repeat(20), artifact_id: `sha256:${'0'.repeat(64)}`, result: 'ok' };
    const refused = await call('report_client_state', { ...report, applied_at: new Date().toISOString() });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'READ_ONLY', retryable: false } } });
    const dispatched = { name: 'put_config_profile', input: { client_id: 'cursor', profile: 'never' } };
    expect((await call('call_tool', dispatched, server.admin)).body.error.code).toBe('READ_ONLY');
    expect((await call('rotate_signing_key', {}, server.admin)).body.error.code).toBe('READ_ONLY');
    for (const [method, address] of [
      ['PUT', '/objects/x'],
      ['POST', '/hooks/x'],
    ] as const) {
      const answer = await fetch(`${reading.url}${address}`, { method, body: '{}' });
      expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
        403,
        'READ_ONLY',
      ]);
    }
    expect((await ok(server.call('list_profiles', { client_id: 'cursor' }))).profiles).not.toContain('never');
  });

  test('whatever slips through, the database refuses', async () => {
    const { db, close } = openDatabase({ connectionString: onlyRead() }, createLog('silent'), { max: 1 });
    const thrown = await tellChange(db, { what: 'profile' }).catch((error: unknown) => asUnavailable(error));
    expect(thrown).toMatchObject({ code: 'READ_ONLY' });
    await close();
  });

  test.each([
    ['a database of its own', []],
    ['no keys', ['--database-url', 'postgresql://localhost/x']],
  ])('is not started with %s', (_what, flags) => {
    expect(() => readSettings(['--read-only', ...flags], {})).toThrow(SettingsError);
  });
});

describe('who may read, by what is remembered', () => {
  test('a token that was revoked reads nothing within the stated age', async () => {
    const { id, secret } = await server.token('rita', ['config-client']);
    const addresses = ['/config/cursor/prod', '/resources/config/cursor/prod'];
    for (const address of addresses) expect((await fetched(address, secret)).status).toBe(200);
    expect((await call('get_config', of, secret)).status).toBe(200);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(
      await tokenCommand(['revoke', id, '--data-dir', server.dataDir, '--database-url', server.database.url]),
    ).toBe(0);
    vi.restoreAllMocks();
    for (const address of addresses) {
      await vi.waitFor(async () => expect((await fetched(address, secret)).status).toBe(401), patient);
    }
    expect((await call('get_config', of, secret)).status).toBe(401);
  });

  test('tokens that are bound elsewhere read nothing here', async () => {
    const { secret } = await server.token('bob', ['config:read@cursor/dev']);
    const { artifact_id } = await config.get('prod');
    expect((await fetched('/config/cursor/prod', secret)).status).toBe(403);
    expect((await fetched(`/artifacts/${artifact_id}`, secret)).status).toBe(404);
    expect((await ok(call('list_profiles', { client_id: 'cursor' }, secret))).profiles).toEqual([]);
    expect((await ok(call('poll_config_changes', { since_token: '0.0' }, secret))).items).toEqual([]);
  });
});

describe('what is kept', () => {
  test('reports of clients end after their time; what was released stays', async () => {
    const { artifact_id } = await config.get('prod');
    const report = { ...of, artifact_id, applied_at: new Date().toISOString(), result: 'applied' };
    for (const at of ['old', 'new']) {
      const fingerprint = { client_fingerprint: `client-that-is-${at}-0001` };
      await ok(server.call('report_client_state', { ...report, ...fingerprint }, config.who.client));
      if (at === 'old') {
        await sql`update config_reports set reported_at = now() - interval '91 days'`.execute(server.database.db);
      }
    }
    expect(await deleteReports(server.database.db, new Date(Date.now() - 90 * 86_400_000))).toBe(1);
    const { rows } = await sql`select reported_at from config_reports`.execute(server.database.db);
    expect(rows).toHaveLength(1);
    expect((await config.get('prod')).artifact_id).toBe(artifact_id);
  });
});

describe('what is measured', () => {
  test('fetches, how long they took, the fan-out, and drafts that were refused; and no read is audited', async () => {
    const figures = async () =>
      (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.admin}` } })).text();
    const value = (text: string, name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1] ?? Number.NaN,
      );
    const audited = async () =>
      (await ok(server.call('list_audit_entries', { page_size: 200 }))).items.filter(
        ({ tool }: { tool: string }) => tool === 'get_config' || tool === 'poll_config_changes',
      );
    const before = await figures();
    const { next_token: since_token } = await ok(server.call('poll_config_changes', {}, config.who.client));
    await config.get('prod');
    await config.get('prod');
    await ok(config.publish('prod', draftOf(), { changelog: 'third' }));
    const bad = { ...of, draft_payload: { inputs: [], servers: [{ name: 'x' }] } };
    expect((await ok(server.call('validate_draft', bad, config.who.publisher))).valid).toBe(false);
    for (const wait_s of [30, 30]) {
      expect(
        (await ok(server.call('poll_config_changes', { since_token, wait_s }, config.who.client))).items,
      ).toHaveLength(1);
    }
    const after = await figures();
    const grown = (name: string) => value(after, name) - value(before, name);
    expect(grown('tutti_config_fetches_total')).toBe(2);
    expect(grown('tutti_config_fetch_duration_seconds_count')).toBe(2);
    expect(grown('tutti_config_changes_total')).toBe(1);
    expect(grown('tutti_config_changes_delivered_total')).toBe(2);
    expect(grown('tutti_config_validations_total{outcome="valid"}')).toBe(1);
    expect(grown('tutti_config_validations_total{outcome="invalid"}')).toBe(1);
    expect(value(after, 'tutti_config_stale')).toBe(0);
    expect(await audited()).toEqual([]);
  });
});
