import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { deleteReports } from '../../src/capabilities/config/inventory/store.ts';
import { createShelf } from '../../src/capabilities/config/reading/shelf.ts';
import { tellChange } from '../../src/capabilities/config/releases/events.ts';
import { renewStatements } from '../../src/capabilities/config/releases/renew.ts';
import { openSigningKeys } from '../../src/capabilities/config/releases/signing-keys.ts';
import { listReleases } from '../../src/capabilities/config/releases/store.ts';
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

describe('GET /config', () => {
  // biome-ignore lint/suspicious/noExplicitAny: checked by the tests
  const got = async (address: string): Promise<any> => (await fetched(address)).json();

  test('answers each client what its cohort has, and others what all have', async () => {
    await config.profile('part', { policy_set_id: 'none' });
    const [all, half] = [
      await ok(config.publish('part', draftOf())),
      await ok(config.publish('part', draftOf(filesServer()), { rollout_percentage: 50 })),
    ];
    const ids = Array.from({ length: 20 }, (_, at) => `client-with-number-${at}`);
    await vi.waitFor(async () => {
      const answers = await Promise.all(ids.map((id) => got(`/config/cursor/part?client_fingerprint=${id}`)));
      const told = answers.map(({ artifact_id }) => artifact_id);
      expect(new Set(told)).toEqual(new Set([all.artifact_id, half.artifact_id]));
      for (const [at, client_fingerprint] of ids.entries()) {
        expect((await config.get('part', { client_fingerprint })).artifact_id).toBe(told[at]);
      }
    }, patient);
    expect((await got('/config/cursor/part')).artifact_id).toBe(all.artifact_id);
  });

  test('says whether it is current, under an ETag of its own', async () => {
    const family = { client_id: 'own', title: 'Own', schemas: [{ version: '1.0.0', schema: { type: 'object' } }] };
    await ok(server.call('put_client_family', family, config.who.owner));
    await config.profile('prod', { policy_set_id: 'none' }, 'own');
    const publish = (draft_payload: object) =>
      ok(
        server.call('publish_config', { ...of, client_id: 'own', draft_payload, changelog: 'x' }, config.who.publisher),
      );
    const first = await publish({ level: 1 });
    const schemas = [...family.schemas, { version: '2.0.0', schema: { type: 'object', required: ['level'] } }];
    await ok(server.call('put_client_family', { ...family, schemas }, config.who.owner));
    const { headers } = await fetched('/config/own/prod?accept_schemas=^1');
    await publish({ level: 2 });
    await vi.waitFor(async () => {
      const older = await fetched('/config/own/prod?accept_schemas=^1');
      expect(await older.json()).toMatchObject({ artifact_id: first.artifact_id, current: false });
      expect(older.headers.get('etag')).not.toBe(headers.get('etag'));
    }, patient);
    expect(await got('/config/own/prod?accept_schemas=^1&accept_schemas=^2')).toMatchObject({ current: true });
  });

  test('answers HEAD as GET, without the bytes, and 304 to whoever has them', async () => {
    const head = async (address: string, etag?: string) => {
      const headers = { authorization: `Bearer ${config.who.client}`, ...(etag && { 'if-none-match': etag }) };
      const answer = await fetch(`${reading.url}${address}`, { method: 'HEAD', headers });
      expect(await answer.text()).toBe('');
      return [answer.status, answer.headers.get('etag'), answer.headers.get('content-length')] as const;
    };
    const { artifact_id } = await config.get('prod');
    for (const address of ['/config/cursor/prod', `/artifacts/${artifact_id}`, '/schemas/cursor/1.0.0']) {
      const full = await fetched(address);
      const etag = full.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"/);
      expect(await head(address)).toEqual([200, etag, String((await full.arrayBuffer()).byteLength)]);
      expect(await head(address, etag)).toEqual([304, etag, null]);
    }
  });

  test.each([
    ['a name that is misspelt', 'fingerprint=client-with-number-1', 422],
    ['two clients at once', 'client_fingerprint=client-with-number-1&client_fingerprint=client-with-number-2', 422],
    ['a name that reaches behind an object', '__proto__=x', 422],
  ])('refuses %s: the answer would be meant for somebody else', async (_what, query, status) => {
    const refusal = await fetched(`/config/cursor/prod?${query}`);
    expect([refusal.status, ((await refusal.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      'VALIDATION_FAILED',
    ]);
  });

  test('names what is not there as it was asked for', async () => {
    expect((await got('/config/Cursor/prod')).error.message).toContain('"Cursor"');
    expect((await got('/config/cursor/Prod')).error.message).toContain('"Prod"');
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

test('what stands is read anew after a release, not after a report of a client', async () => {
  let read = 0;
  const onRead = async () => {
    read += 1;
  };
  const feed = { each: () => () => undefined };
  const shelf = createShelf({ db: server.database.db, feed, log: createLog('silent'), onRead });
  await shelf.start();
  const { artifact_id } = await config.get('prod');
  const report = { ...of, artifact_id, client_fingerprint: 'client-that-reports-01', result: 'applied' };
  await ok(server.call('report_client_state', { ...report, applied_at: new Date().toISOString() }, config.who.client));
  await shelf.refresh();
  expect(read).toBe(1);
  const made = await ok(config.publish('prod', draftOf(filesServer('1.0.1')), { changelog: 'another' }));
  await shelf.refresh();
  expect(read).toBe(2);
  expect((await shelf.standing()).at('cursor', 'prod').releases[0]?.artifact_id).toBe(made.artifact_id);
  shelf.stop();
});

test('renewals, of which nobody is told, take no place among the changes of an export', async () => {
  const { db } = server.database;
  const keys = openSigningKeys(path.join(server.dataDir, 'keys'), { given: false });
  const later = new Date(Date.now() + 16 * 86_400_000);
  expect(await renewStatements(db, { keys, tenant: 'default', statementDays: 30 }, later)).toBeGreaterThan(0);
  expect(await listReleases(db, { limit: 1 })).toMatchObject([{ kind: 'renew' }]);
  expect(await listReleases(db, { limit: 1, told: true })).toMatchObject([{ kind: 'publish' }]);
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
    const audited = async (): Promise<{ id: string; tool: string }[]> =>
      (await ok(server.call('list_audit_entries', { page_size: 200 }))).items;
    const known = new Set((await audited()).map(({ id }) => id));
    const before = await figures();
    const { next_token: since_token } = await ok(server.call('poll_config_changes', {}, config.who.client));
    const { artifact_id } = await config.get('prod');
    await config.get('prod');
    const headers = { authorization: `Bearer ${config.who.client}` };
    for (const address of ['/config/cursor/prod', `/artifacts/${artifact_id}`]) {
      expect((await fetch(`${server.url}${address}`, { headers })).status).toBe(200);
    }
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
    expect(grown('tutti_config_fetches_total')).toBe(4);
    expect(grown('tutti_config_fetch_duration_seconds_count')).toBe(4);
    expect(grown('tutti_config_changes_total')).toBe(1);
    expect(grown('tutti_config_changes_delivered_total')).toBe(2);
    expect(grown('tutti_config_validations_total{outcome="valid"}')).toBe(1);
    expect(grown('tutti_config_validations_total{outcome="invalid"}')).toBe(1);
    expect(value(after, 'tutti_config_stale')).toBe(0);
    const noted = (await audited()).filter(({ id }) => !known.has(id));
    expect(noted.map(({ tool }) => tool)).toEqual(['publish_config']);
  });
});
