import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { retention } from '../../../src/capabilities/config/inventory/retention.ts';
import { configOf, draftOf, filesServer, ok } from '../../support/config.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
}

/** The committed faces of the tools of this toolset, by name. */
function readTools(): Record<string, unknown> {
  const catalogue = path.join(import.meta.dirname, '../../../catalog');
  const faces = readdirSync(catalogue)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(path.join(catalogue, file), 'utf8')));
  return Object.fromEntries(faces.filter(({ toolset }) => toolset === 'config').map((face) => [face.name, face]));
}

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let who: typeof config.who;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'cursor');
  ({ who } = config);
  await config.profile('dev');
  await config.profile('prod', { approvals_required: 1, tags: ['live'] });
});
afterAll(() => server.stop());

test('FR-1: client families are listed with their schemas and the versions that read them', async () => {
  const { items } = await ok(server.call('list_clients', {}, who.client));
  expect(items.length).toBeGreaterThanOrEqual(16);
  for (const { client_id, schemas } of items) {
    expect(schemas.length, client_id).toBeGreaterThan(0);
    for (const one of schemas) {
      expect(one).toMatchObject({
        schema_ref: `/schemas/${client_id}/${one.version}`,
        version_range: expect.any(String),
      });
    }
  }
});

test('FR-2: the profiles of a client are listed', async () => {
  const { profiles, items } = await ok(server.call('list_profiles', { client_id: 'cursor' }, who.client));
  expect(profiles.toSorted()).toEqual(['dev', 'prod']);
  expect(items).toContainEqual(expect.objectContaining({ profile: 'prod', approvals_required: 1, tags: ['live'] }));
  const { items: clients } = await ok(server.call('list_clients', {}, who.client));
  const cursor = clients.find((one: { client_id: string }) => one.client_id === 'cursor');
  expect(cursor.profiles.toSorted()).toEqual(['dev', 'prod']);
});

test('FR-3: each family says what it needs and what it cannot be told, and what that rests on', async () => {
  const { items } = await ok(server.call('list_clients', {}, who.client));
  for (const { client_id, notes, cannot_express, evidence } of items) {
    expect(notes.length, client_id).toBeGreaterThan(0);
    expect(Array.isArray(cannot_express), client_id).toBe(true);
    expect(['real-client', 'published-schema', 'vendor-docs', 'third-party'], client_id).toContain(evidence);
  }
});

test('FR-4: what is fetched is whole: payload, schema, id, version, time, provenance, signature', async () => {
  await ok(config.publish('dev', draftOf(filesServer()), { changelog: 'first' }));
  const got = await config.get('dev');
  expect(got).toMatchObject({
    artifact_id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    client_id: 'cursor',
    profile: 'dev',
    schema_ref: expect.stringMatching(/^\/schemas\/cursor\/\d+\.\d+\.\d+$/),
    version: '1.0.0',
    policy_set_id: 'baseline@1',
    signature: { alg: 'Ed25519', value: expect.any(String), key_id: expect.any(String) },
    provenance: { publisher_id: expect.any(String), tooling_version: expect.stringMatching(/^tutti/) },
    changelog: 'first',
    payload_hash: expect.stringMatching(/^sha256:/),
    release: { sequence: 1, artifact_id: got.artifact_id, expires_at: expect.any(String) },
  });
  expect(Number.isNaN(Date.parse(got.issued_at))).toBe(false);
  expect(JSON.parse(got.text)).toEqual(got.payload);
});

test('FR-6: what is released fits the schema that it names, as another validator reads it (AC-1)', async () => {
  const { schema_ref, payload } = await config.get('dev');
  const answer = await fetch(server.url + schema_ref, { headers: { authorization: `Bearer ${who.client}` } });
  expect(answer.headers.get('content-type')).toContain('application/schema+json');
  const schema = (await answer.json()) as object;
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  expect(validate(payload), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ mcpServers: { wiki: { url: 7 } } })).toBe(false);
});

test('FR-8: a report says all that was found, each with a JSON pointer, and keeps nothing', async () => {
  const draft_payload = {
    servers: [
      { name: 'shell', transport: 'stdio', command: 'bash', args: ['-c', 'x'] },
      { name: 'slow', transport: 'stdio', command: 'npx', args: ['-y', 'thing'] },
    ],
  };
  const call = { client_id: 'cursor', profile: 'dev', draft_payload };
  const { valid, report } = await ok(server.call('validate_draft', call, who.publisher));
  expect(valid).toBe(false);
  const denied = report.policy.denied.map(({ pointer }: { pointer: string }) => pointer);
  expect(denied).toEqual(
    expect.arrayContaining([expect.stringMatching(/^\/servers\/0/), expect.stringMatching(/^\/servers\/1/)]),
  );
  expect((await config.get('dev')).version).toBe('1.0.0');
});

test('FR-12: a release is recorded with its signer, its approvers, its policy and its audit entries', async () => {
  const { body } = await config.publish('prod', draftOf(), { changelog: 'for all' });
  const { draft_id } = body.error.details;
  const { draft_hash, payload_hash } = await ok(server.call('get_config_draft', { draft_id }, who.approver));
  await ok(server.call('approve_config_draft', { draft_id, draft_hash, payload_hash }, who.approver));
  const made = await ok(server.call('publish_config', { draft_id }, who.publisher));
  const { items } = await ok(server.call('get_audit', { profile: 'prod' }, who.auditor));
  expect(items).toEqual([
    expect.objectContaining({
      artifact_id: made.artifact_id,
      status: 'current',
      approvals: [expect.objectContaining({ principal_name: 'anna', draft_hash, payload_hash })],
      policy_set_id: 'baseline@1',
      signer_key_id: made.signature.key_id,
      released_by_name: 'pia',
    }),
  ]);
  const [{ audit_log_uri }] = items;
  const subject = new URL(audit_log_uri, server.url).searchParams.get('subject');
  const entries = await ok(server.call('list_audit_entries', { subject }, who.auditor));
  expect(entries.items).toContainEqual(expect.objectContaining({ tool: 'publish_config', outcome: 'ok' }));
});

test('FR-13: releases are found by time, client, profile, version and principal', async () => {
  const middle = new Date().toISOString();
  await ok(config.publish('dev', draftOf(), { version: '2.0.0', changelog: 'later' }));
  const found = async (filter: object) => {
    const { items } = await ok(server.call('get_audit', filter, who.auditor));
    return items.map(({ profile, version }: Record<string, string>) => `${profile} ${version}`);
  };
  expect(await found({ since: middle })).toEqual(['dev 2.0.0']);
  expect(await found({ until: middle })).toEqual(['prod 1.0.0', 'dev 1.0.0']);
  expect(await found({ profile: 'dev' })).toEqual(['dev 2.0.0', 'dev 1.0.0']);
  expect(await found({ version: '2.0.0' })).toEqual(['dev 2.0.0']);
  expect(await found({ client_id: 'zed' })).toEqual([]);
  expect(await found({ principal: 'anna' })).toEqual(['prod 1.0.0']);
  expect(await found({ principal: 'nobody' })).toEqual([]);
});

test('NFR-8: reports of clients end after the window that the operator sets, and what was released does not', async () => {
  const { artifact_id } = await config.get('dev');
  const report = { client_id: 'cursor', profile: 'dev', artifact_id, result: 'applied' };
  for (const client_fingerprint of ['an-old-client-0001', 'a-fresh-client-0002']) {
    await ok(server.call('report_client_state', { ...report, client_fingerprint }, who.client));
  }
  const { db } = server.database;
  await sql`update config_reports set reported_at = now() - interval '8 days'
    where fingerprint = (select min(fingerprint) from config_reports)`.execute(db);
  const context = { step: (_name: string, work: () => Promise<unknown>) => work() } as never;
  expect(await retention(db, { reports: 7, drafts: 7 }).run(context, {})).toMatchObject({ removed_reports: 1 });
  const { rows } = await sql<{ left: number }>`select count(*)::int as left from config_reports`.execute(db);
  expect(rows).toEqual([{ left: 1 }]);
  expect((await config.get('dev')).artifact_id).toBe(artifact_id);
});

test('NFR-9: every tool is in OpenAPI 3.1 with a schema, and every field that it takes has a description', async () => {
  const document = (await (await fetch(`${server.url}/openapi/config.json`)).json()) as {
    openapi: string;
    paths: Record<string, { post?: { requestBody: { content: { 'application/json': { schema: JsonSchema } } } } }>;
  };
  expect(document.openapi).toMatch(/^3\.1/);
  const own = Object.keys(readTools());
  expect(own.length).toBeGreaterThan(25);
  for (const name of own) {
    const schema = document.paths[`/tools/${name}`]?.post?.requestBody.content['application/json'].schema;
    expect(schema, name).toMatchObject({ type: 'object', additionalProperties: false });
    for (const [field, { description }] of Object.entries(schema?.properties ?? {})) {
      expect(description, `${name}.${field}`).toEqual(expect.stringMatching(/./));
    }
  }
});

test('NFR-11: the log is one JSON object a line', async () => {
  const log = path.join(import.meta.dirname, '../../../src/core/log.ts');
  const script = `import { createLog } from ${JSON.stringify(log)}; createLog('info').info({ tool: 'x' }, 'a\\nb');`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const lines = stderr.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: expect.anything(), time: expect.stringMatching(/^\d{4}-.*Z$/), tool: 'x', msg: 'a\nb' },
  ]);
});

test('NFR-11: fetches, latency, changes and validations are metrics in the open format', async () => {
  const headers = { authorization: `Bearer ${server.admin}` };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  for (const name of [
    'tutti_config_fetches_total',
    'tutti_config_fetch_duration_seconds_bucket',
    'tutti_config_changes_total',
    'tutti_config_changes_delivered_total',
    'tutti_config_validations_total{outcome="invalid"}',
  ]) {
    expect(text).toContain(name);
  }
});
