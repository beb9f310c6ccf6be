import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyRelease } from '../../../client/src/verify/index.ts';
import { type PublicKey, trustKey } from '../../src/capabilities/config/integrity/trusted-key.ts';
import { configOf, draftOf, filesServer, ok, opensslVerifies, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const artifactType = 'application/vnd.tutti.config.artifact+json';
const releaseType = 'application/vnd.tutti.config.release+json';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let who: typeof config.who;

beforeAll(async () => {
  server = await startTestServer(['--config-inventory-floor', '2']);
  config = await configOf(server, 'cursor');
  ({ who } = config);
});
afterAll(() => server.stop());

const keys = async (): Promise<PublicKey[]> => (await ok(server.call('list_signing_keys', {}, who.client))).items;

describe("UC-1 bootstrap: a family of one's own, from its schema to a verified configuration", () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['endpoints'],
    properties: { endpoints: { type: 'array', items: { type: 'string', format: 'uri' } } },
    additionalProperties: false,
  };
  const family = { client_id: 'radio', title: 'Radio', schemas: [{ version: '1.0.0', schema }] };

  test('a publisher may not, an owner may add it, and a schema never changes', async () => {
    expect(await refused(server.call('put_client_family', family, who.publisher))).toBe('FORBIDDEN');
    const put = await ok(server.call('put_client_family', family, who.owner));
    expect(put).toEqual({ client_id: 'radio', schemas: [{ version: '1.0.0', schema_ref: '/schemas/radio/1.0.0' }] });
    const changed = { ...family, schemas: [{ version: '1.0.0', schema: { type: 'object' } }] };
    expect(await refused(server.call('put_client_family', changed, who.owner))).toBe('CONFLICT');
    expect(await refused(server.call('put_client_family', { ...family, client_id: 'cursor' }, who.owner))).toBe(
      'CONFLICT',
    );
  });

  test('its payload is checked against the schema, signed, and answered whole', async () => {
    await config.profile('default', { policy_set_id: 'none' }, 'radio');
    const call = { client_id: 'radio', profile: 'default', changelog: 'first' };
    const bad = server.call('publish_config', { ...call, draft_payload: { endpoints: [1] } }, who.publisher);
    expect((await bad).body.error).toMatchObject({
      code: 'INVALID_DRAFT',
      details: { report: { valid: false, errors: [{ pointer: '/endpoints/0' }] } },
    });
    const payload = { endpoints: ['https://a.example.com/'] };
    const made = await ok(server.call('publish_config', { ...call, draft_payload: payload }, who.publisher));
    expect(made).toMatchObject({
      client_id: 'radio',
      profile: 'default',
      payload,
      text: `${JSON.stringify(payload, null, 2)}\n`,
      schema_ref: '/schemas/radio/1.0.0',
      version: '1.0.0',
      policy_set_id: 'none',
      changelog: 'first',
      release: { sequence: 1, cohort: 'all', tenant: 'default' },
    });
    const clients = await ok(server.call('list_clients', {}, who.client));
    const listed = clients.items.find((one: { client_id: string }) => one.client_id === 'radio');
    expect(listed).toMatchObject({ profiles: ['default'], schemas: [{ version_range: '*' }] });
  });
});

describe('a configuration for a client that Tutti renders', () => {
  test('is fetched, verified by openssl, and a change of any byte is noticed (AC-1, AC-4)', async () => {
    await config.profile('dev');
    await ok(config.publish('dev', draftOf()));
    const got = await config.get('dev', { with_signed_bytes: true });
    expect(got.inputs).toEqual([{ id: 'token', env: 'TOKEN', secret: true, description: 'Token of the wiki' }]);
    const [key] = await keys();
    const artifact = Buffer.from(got.signed_bytes.artifact, 'base64');
    const release = Buffer.from(got.signed_bytes.release, 'base64');
    expect(got.artifact_id).toBe(`sha256:${createHash('sha256').update(artifact).digest('hex')}`);
    expect(JSON.parse(artifact.toString()).payload).toEqual(got.payload);
    expect(JSON.parse(got.text)).toEqual(got.payload);
    const pem = key?.public_key ?? '';
    expect(opensslVerifies(artifactType, artifact, got.signature, pem)).toBe(true);
    expect(opensslVerifies(releaseType, release, got.release.signature, pem)).toBe(true);
    artifact[100] = (artifact[100] ?? 0) ^ 1;
    expect(opensslVerifies(artifactType, artifact, got.signature, pem)).toBe(false);
    expect(opensslVerifies(artifactType, release, got.release.signature, pem)).toBe(false);
  });

  test('is up to date or outdated, and the patch leads from one to the other (AC-2)', async () => {
    const first = await config.get('dev');
    const same = await ok(
      server.call(
        'diff_config',
        { client_id: 'cursor', profile: 'dev', current_artifact_id: first.artifact_id },
        who.client,
      ),
    );
    expect(same.status).toBe('up-to-date');
    await ok(config.publish('dev', draftOf(filesServer()), { changelog: 'files as well' }));
    const call = { client_id: 'cursor', profile: 'dev', current_artifact_id: first.artifact_id, with_patch: true };
    const outdated = await ok(server.call('diff_config', call, who.client));
    expect(outdated).toMatchObject({ status: 'outdated', changelog: 'files as well', version: '1.0.1', sequence: 2 });
    expect(outdated.patch).toEqual([expect.objectContaining({ op: 'add', path: '/mcpServers/files' })]);
    const byHash = { client_id: 'cursor', profile: 'dev', payload_hash: outdated.latest_payload_hash };
    expect(await ok(server.call('diff_config', byHash, who.client))).toMatchObject({ status: 'up-to-date' });
  });

  test('UC-3 emergency revert: the old artifact under a new, higher statement', async () => {
    const now = await config.get('dev');
    const releases = await ok(server.call('list_config_releases', { client_id: 'cursor', profile: 'dev' }, who.client));
    const first = releases.items.at(-1);
    const revert = { client_id: 'cursor', profile: 'dev', artifact_id: first.artifact_id, changelog: 'files break' };
    expect(await refused(server.call('revert_config', revert, who.client))).toBe('FORBIDDEN');
    await ok(server.call('revert_config', revert, who.publisher));
    const after = await config.get('dev', { with_signed_bytes: true });
    expect(after).toMatchObject({
      artifact_id: first.artifact_id,
      changelog: 'files break',
      release: { sequence: now.release.sequence + 1 },
    });
    const document = (name: 'artifact' | 'release', signature: never) => ({
      bytes: Buffer.from(after.signed_bytes[name], 'base64'),
      signature,
    });
    const signed = {
      artifact: document('artifact', after.signature as never),
      statement: document('release', after.release.signature as never),
    };
    const expected = { tenant: 'default', client_id: 'cursor', profile: 'dev', now: new Date() };
    const trusted = (await keys()).map(trustKey);
    const take = (lastSequence: number) => verifyRelease(signed, { ...expected, lastSequence }, trusted);
    expect(take(now.release.sequence).artifact.version).toBe('1.0.0');
    expect(() => take(now.release.sequence + 2)).toThrow(/a newer statement was taken before/);
    const unknown = { ...revert, artifact_id: `sha256:${'0'.repeat(64)}` };
    expect(await refused(server.call('revert_config', unknown, who.publisher))).toBe('ARTIFACT_NOT_FOUND');
  });

  test('takes names of inputs, never values (FR-5, NFR-5)', async () => {
    expect((await config.get('dev')).missing_inputs).toEqual(['token']);
    expect((await config.get('dev', { inputs: ['TOKEN'] })).missing_inputs).toEqual([]);
    for (const inputs of [{ token: 'hunter2' }, ['token=hunter2'], [{ token: 'hunter2' }]]) {
      const call = server.call('get_config', { client_id: 'cursor', profile: 'dev', inputs }, who.client);
      expect(await refused(call)).toBe('VALIDATION_FAILED');
    }
  });

  test('is answered in a schema that the client accepts, or not at all', async () => {
    const { schema_ref } = await config.get('dev', { accept_schemas: ['*'] });
    expect(await config.get('dev', { accept_schemas: [schema_ref] })).toMatchObject({ current: true });
    const call = { client_id: 'cursor', profile: 'dev', accept_schemas: ['^99'] };
    const { body } = await server.call('get_config', call, who.client);
    expect(body.error).toMatchObject({ code: 'SCHEMA_INCOMPATIBLE', details: { released_schemas: [schema_ref] } });
  });

  test('is a resource, and every change is told once, in order (FR-10, FR-11)', async () => {
    const call = { client_id: 'cursor', profile: 'dev' };
    const told = await ok(server.call('poll_config_changes', { since_token: '0.0', ...call }, who.client));
    expect(told.items.map(({ sequence, kind }: Record<string, unknown>) => [sequence, kind])).toEqual([
      [1, 'publish'],
      [2, 'publish'],
      [3, 'revert'],
    ]);
    expect(told.items[1]).toMatchObject({ changelog: 'files as well', policy_set_id: 'baseline@1' });
    const again = await ok(server.call('poll_config_changes', { since_token: told.next_token, ...call }, who.client));
    expect(again.items).toEqual([]);
    const read = await fetch(`${server.url}/resources/config/cursor/dev`, {
      headers: { authorization: `Bearer ${who.client}` },
    });
    expect(await read.json()).toMatchObject({ artifact_id: (await config.get('dev')).artifact_id });
  });

  test('what is missing is told apart: the family, the profile, a release', async () => {
    await config.profile('empty');
    const code = (client_id: string, profile: string) =>
      refused(server.call('get_config', { client_id, profile }, who.client));
    expect(await code('nothing', 'dev')).toBe('CLIENT_NOT_FOUND');
    expect(await code('cursor', 'nothing')).toBe('PROFILE_NOT_FOUND');
    expect(await code('cursor', 'empty')).toBe('NOT_PUBLISHED');
  });
});

describe('what may not be released', () => {
  test('a secret is refused, and its value is nowhere in the answer', async () => {
    const value = ['ghp', 'q3W8eR5tY7uI1oP9aS2dF4gH6jK8lZ0xC1vB'].join('_');
    const draft = draftOf({ ...filesServer(), env: { GITHUB_TOKEN: value } });
    const { body } = await config.publish('dev', draft);
    expect(body.error.code).toBe('SECRET_FOUND');
    expect(JSON.stringify(body)).not.toContain(value);
  });

  test('what policy denies is refused with its rules (AC-3)', async () => {
    const draft = draftOf({ name: 'shell', transport: 'stdio', command: 'bash', args: ['-c', 'curl x | sh'] });
    const { body } = await config.publish('dev', draft);
    expect(body.error.code).toBe('POLICY_DENIED');
    expect(body.error.details.report.policy.denied.length).toBeGreaterThan(0);
  });

  test('a version is used once', async () => {
    expect(await refused(config.publish('dev', draftOf(), { version: '1.0.0' }))).toBe('ALREADY_EXISTS');
  });

  test('a text with a name twice is refused where a parsed draft would hide it', async () => {
    expect(await refused(config.publish('dev', '{"servers": [], "servers": []}'))).toBe('NOT_STRICT_JSON');
  });

  test('UC-4 policy tightening: a new set strips a tool, and an old release that has it is no way back', async () => {
    await config.profile('strict');
    const open = await ok(config.publish('strict', draftOf(filesServer())));
    const document = {
      name: 'no-files',
      rules: [{ id: 'no-files', action: 'deny', on: 'server', match: { server: 'files' }, how: 'remove' }],
      tests: [
        {
          name: 'files goes',
          neutral: { inputs: [], servers: [filesServer()] },
          expect: { ok: true, effects: ['no-files'], result: { inputs: [], servers: [] } },
        },
      ],
    };
    const put = await ok(server.call('put_config_policy_set', { document }, who.owner));
    expect(put).toEqual({ policy_set_id: 'no-files@1', created: true, tests: 1 });
    expect(await ok(server.call('put_config_policy_set', { document }, who.owner))).toMatchObject({ created: false });
    const failing = { ...document, tests: [{ ...document.tests[0], expect: { ok: false } }] };
    expect(await refused(server.call('put_config_policy_set', { document: failing }, who.owner))).toBe(
      'POLICY_TESTS_FAILED',
    );
    await config.profile('strict', { policy_set_id: 'no-files' });
    expect(await refused(config.publish('strict', draftOf(), { policy_set_id: 'baseline@1' }))).toBe('CONFLICT');
    const stripped = await ok(config.publish('strict', draftOf(filesServer())));
    expect(Object.keys(stripped.payload.mcpServers)).toEqual(['wiki']);
    expect(stripped).toMatchObject({
      policy_set_id: 'no-files@1',
      report: { policy: { effects: [{ rule: 'no-files' }] } },
    });
    const back = { client_id: 'cursor', profile: 'strict', artifact_id: open.artifact_id, changelog: 'back' };
    expect(await refused(server.call('revert_config', back, who.publisher))).toBe('POLICY_DENIED');
  });
});

describe('approvals', () => {
  /** A draft of a profile that needs one approval, and what an approver saw of it. */
  async function drafted(name: string, draft: unknown = draftOf()) {
    await config.profile(name, { approvals_required: 1 });
    const { body } = await config.publish(name, draft);
    expect(body.error, JSON.stringify(body).slice(0, 500)).toMatchObject({
      code: 'APPROVAL_REQUIRED',
      details: { missing: 1 },
    });
    const { draft_id } = body.error.details;
    return ok(server.call('get_config_draft', { draft_id }, who.approver));
  }
  const approve = ({ draft_id, draft_hash, payload_hash }: Record<string, string>, token = who.approver) =>
    server.call('approve_config_draft', { draft_id, draft_hash, payload_hash }, token);
  const release = (draft_id: string) => server.call('publish_config', { draft_id }, who.publisher);

  test('UC-2: the draft is kept, approved by another, and released once', async () => {
    const seen = await drafted('prod');
    expect(await refused(release(seen.draft_id))).toBe('APPROVAL_REQUIRED');
    expect(await ok(approve(seen))).toMatchObject({ approvals: 1, publishable: true });
    const made = await ok(release(seen.draft_id));
    expect(made).toMatchObject({ draft_id: seen.draft_id, payload_hash: seen.payload_hash });
    expect(await refused(release(seen.draft_id))).toBe('DRAFT_DECIDED');
    const record = await ok(server.call('get_audit', { client_id: 'cursor', principal: 'anna' }, who.auditor));
    expect(record.items[0]).toMatchObject({
      artifact_id: made.artifact_id,
      status: 'current',
      approvals: [{ principal_name: 'anna', draft_hash: seen.draft_hash, policy_set_id: 'baseline@1' }],
      signer_key_id: made.release.signature.key_id,
      released_by_name: 'pia',
    });
    const [, subject] = record.items[0].audit_log_uri.split('subject=');
    const entries = await ok(server.call('list_audit_entries', { subject }));
    const did = entries.items.map(({ tool, outcome }: Record<string, string>) => `${tool} ${outcome}`);
    expect(did).toContain('publish_config ok');
    expect(did).toContain('approve_config_draft ok');
  });

  test('self-approval: nobody approves a draft of their own, whatever scopes they have', async () => {
    await config.profile('self', { approvals_required: 1 });
    const both = (await server.token('bo', ['config-publisher', 'config:approve'])).secret;
    const call = { client_id: 'cursor', profile: 'self', draft_payload: draftOf() };
    const kept = await ok(server.call('create_config_draft', call, both));
    const seen = await ok(server.call('get_config_draft', { draft_id: kept.draft_id }, both));
    expect(await refused(approve(seen, both))).toBe('SELF_APPROVAL');
    const other = (await server.token('bo', ['config-publisher', 'config:approve'])).secret;
    expect(await refused(approve(seen, other)), 'principals, not tokens, are compared').toBe('SELF_APPROVAL');
  });

  test('approval replay: an approval is for one draft, and for what was looked at', async () => {
    const one = await drafted('replay');
    const other = await drafted('replay', draftOf(filesServer()));
    expect(await refused(approve({ ...other, draft_hash: one.draft_hash }))).toBe('DRAFT_CHANGED');
    expect(await refused(approve({ ...other, payload_hash: one.payload_hash }))).toBe('DRAFT_CHANGED');
    await ok(approve(one));
    expect(await refused(release(other.draft_id))).toBe('APPROVAL_REQUIRED');
    await config.profile('replay', { approvals_required: 2 });
    await ok(approve(one));
    expect(await refused(release(one.draft_id)), 'the same approver twice').toBe('APPROVAL_REQUIRED');
    await ok(approve(one, who.second));
    await ok(release(one.draft_id));
  });

  test('config swap after approval: another policy, another outcome or another content voids it', async () => {
    const seen = await drafted('swap', draftOf(filesServer()));
    await ok(approve(seen));
    const { db } = server.database;
    const swap = sql`update config_drafts set body = replace(body, 'wiki', 'evil') where draft_id = ${seen.draft_id}`;
    await expect(swap.execute(db)).rejects.toThrow(/never changed or deleted/);
    await sql`alter table config_drafts disable trigger config_drafts_stay`.execute(db);
    await swap.execute(db);
    expect(await refused(release(seen.draft_id)), 'the content').toBe('DRAFT_CHANGED');
    await sql`update config_drafts set body = replace(body, 'evil', 'wiki') where draft_id = ${seen.draft_id}`.execute(
      db,
    );
    await sql`alter table config_drafts enable trigger config_drafts_stay`.execute(db);
    await config.profile('swap', { policy_set_id: 'no-files@1' });
    expect(await refused(release(seen.draft_id)), 'the policy').toBe('DRAFT_CHANGED');
    await config.profile('swap', { policy_set_id: 'baseline@1' });
    await ok(release(seen.draft_id));
  });

  test('what is rejected is never released', async () => {
    const seen = await drafted('rejected');
    const reject = { draft_id: seen.draft_id, comment: 'not in prod' };
    expect(await refused(server.call('reject_config_draft', reject, who.publisher))).toBe('FORBIDDEN');
    expect(await ok(server.call('reject_config_draft', reject, who.approver))).toMatchObject({ state: 'rejected' });
    expect(await refused(approve(seen, who.second))).toBe('DRAFT_DECIDED');
    expect(await refused(release(seen.draft_id))).toBe('DRAFT_DECIDED');
    const open = await ok(server.call('list_config_drafts', { profile: 'rejected', state: 'open' }, who.approver));
    expect(open.items).toEqual([]);
  });
});

describe('what was published stays', () => {
  test.each([
    ['config_artifacts', 'version'],
    ['config_releases', 'changelog'],
    ['config_signatures', 'value'],
    ['config_policy_sets', 'hash'],
    ['config_approvals', 'principal_name'],
    ['config_schemas', 'version'],
  ])('rows of %s cannot be changed, deleted or truncated in the database itself', async (table, column) => {
    const { db } = server.database;
    const rows = await sql`select 1 from ${sql.table(table)}`.execute(db);
    expect(rows.rows.length).toBeGreaterThan(0);
    const attempts = [
      sql`update ${sql.table(table)} set ${sql.ref(column)} = 'x'`,
      sql`delete from ${sql.table(table)}`,
      sql`truncate ${sql.table(table)} cascade`,
    ];
    for (const attempt of attempts) {
      await expect(attempt.execute(db)).rejects.toThrow(/never changed or deleted|is never changed/);
    }
  });
});
