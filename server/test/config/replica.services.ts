import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createToken } from '../../src/core/auth/tokens.ts';
import { type Database, openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import { draftOf, filesServer, ok } from '../support/config.ts';
import { dropDatabase } from '../support/drop-database.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { runTutti, type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { withDatabase } from '../support/template.ts';

const service = process.env.TEST_POSTGRES_URL ?? '';
const name = `tutti_${randomBytes(6).toString('hex')}`;
const root = makeTempDir('replica');
const of = { client_id: 'cursor', profile: 'prod' };
const patient = { timeout: 60_000, interval: 100 };

let admin: Database;
let replica: Replica;
let writing: ServeProcess;
let reading: ServeProcess;
let token: string;

beforeAll(async () => {
  if (!service) throw new Error('Set TEST_POSTGRES_URL to a PostgreSQL that this test may make databases on.');
  admin = openDatabase({ connectionString: service }, createLog('error'), { max: 1 });
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const url = withDatabase(service, name);
  const keys = ['--keys-dir', path.join(root, 'keys')];
  await runTutti(['keys', 'make', ...keys, '--data-dir', path.join(root, 'none')]);
  writing = await serveProcess(path.join(root, 'writing'), ['--database-url', url, ...keys]);
  const database = openDatabase({ connectionString: url }, createLog('error'), { max: 1 });
  const expiresAt = new Date(Date.now() + 3_600_000);
  ({ secret: token } = await createToken(database.db, { name: 'cleo', grants: ['config-client'], expiresAt }));
  await database.close();
  await ok(writing.call('put_config_profile', { ...of, policy_set_id: 'none' }));
  await publish(draftOf(), 'first');
  replica = await startReplica(service);
  const flags = ['--read-only', ...keys, '--database-url', replica.url(name)];
  reading = await serveProcess(path.join(root, 'reading'), flags, { readOnly: true });
}, 120_000);
afterAll(async () => {
  await reading?.stop();
  await writing?.stop();
  replica?.stop();
  await dropDatabase(admin.db, name);
  await admin.close();
  rmSync(root, { recursive: true, force: true });
});

const publish = (draft_payload: object, changelog: string) =>
  ok(writing.call('publish_config', { ...of, draft_payload, changelog }));

async function call(tool: string, input: unknown) {
  const response = await fetch(`${reading.url}/tools/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(input),
  });
  // biome-ignore lint/suspicious/noExplicitAny: checked by the tests
  return { status: response.status, body: (await response.json()) as any };
}

test('tutti serve --read-only on a streaming replica serves what was released, and hears of what is', async () => {
  expect(reading.output()).toContain('only reads');
  expect(existsSync(path.join(root, 'reading/admin.token')), 'no token was minted').toBe(false);
  const there = await ok(writing.call('get_config', of));
  expect(await ok(call('get_config', of))).toMatchObject({
    artifact_id: there.artifact_id,
    signature: there.signature,
  });
  const { next_token: since_token } = await ok(call('poll_config_changes', of));
  const waiting = ok(call('poll_config_changes', { ...of, since_token, wait_s: 30 }));
  const second = await publish(draftOf(filesServer()), 'second');
  expect((await waiting).items).toMatchObject([{ artifact_id: second.artifact_id }]);
  expect(await ok(call('get_config', of))).toMatchObject({ artifact_id: second.artifact_id });
});

test('it refuses what changes something, and goes on while its replica is away', async () => {
  const state = { ...of, client_fingerprint: 'x'.repeat(20), artifact_id: `sha256:${'0'.repeat(64)}`, result: 'ok' };
  const report = await call('report_client_state', { ...state, applied_at: new Date().toISOString() });
  expect(report).toMatchObject({ status: 403, body: { error: { code: 'READ_ONLY' } } });
  const current = await ok(call('get_config', of));
  replica.stop();
  await vi.waitFor(async () => expect((await ok(call('get_config', of))).stale_since).toBeDefined(), patient);
  expect((await ok(call('get_config', of))).artifact_id).toBe(current.artifact_id);
  expect(await reading.stop()).toBe(0);
});
