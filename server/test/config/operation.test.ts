import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { inCohort } from '../../../client/src/verify/index.ts';
import { createDocuments } from '../../src/capabilities/config/reading/documents.ts';
import { renewStatements, signCurrent } from '../../src/capabilities/config/releases/renew.ts';
import { openSigningKeys } from '../../src/capabilities/config/releases/signing-keys.ts';
import { inTransaction } from '../../src/core/db/database.ts';
import { configKeyPurpose, makeKey, readKeyFile, writeKeyFile } from '../../src/core/key-files.ts';
import { configOf, filesServer, hasOpenssl, hasPrograms, ok, opensslVerifies, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let who: typeof config.who;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'zed');
  ({ who } = config);
});
afterAll(() => server.stop());

/** Nothing to get past: what policy does is tested elsewhere. */
const free = { policy_set_id: 'none' };
/** A server without inputs: Zed's format has no variables. */
const draft = (version: string) => ({ servers: [filesServer(version)] });

describe('a rollout (NFR-12, UC-2)', () => {
  const clients = Array.from({ length: 60 }, (_, at) => `random-client-id-${at}`);
  const roll = (rollout_id: string, action: string, more: Record<string, unknown> = {}) =>
    server.call('set_config_rollout', { rollout_id, action, ...more }, who.publisher);

  /** What each client is given; nobody is ever led to a lower sequence than before. */
  const seen = new Map<string, number>();
  async function versions(): Promise<string[]> {
    const got: string[] = [];
    for (const client_fingerprint of clients) {
      const { version, release } = await config.get('canary', { client_fingerprint });
      expect(release.sequence, client_fingerprint).toBeGreaterThanOrEqual(seen.get(client_fingerprint) ?? 0);
      seen.set(client_fingerprint, release.sequence);
      got.push(version);
    }
    return got;
  }
  const wanted = (id: string, percentage: number) =>
    clients.map((client) => (inCohort({ id, percentage }, client) ? '2.0.0' : '1.0.0'));

  test('needs a release for all others first', async () => {
    await config.profile('canary', free);
    expect(await refused(config.publish('canary', draft('1.0.0'), { rollout_percentage: 50 }))).toBe('CONFLICT');
    await ok(config.publish('canary', draft('1.0.0'), { version: '1.0.0' }));
  });

  test('reaches its cohort, grows, shrinks, pauses and is promoted, and no client ever goes back', async () => {
    const begun = await ok(config.publish('canary', draft('2.0.0'), { version: '2.0.0', rollout_percentage: 30 }));
    const { id } = begun.release.cohort;
    expect(begun.release.cohort.percentage).toBe(30);
    expect(await versions()).toEqual(wanted(id, 30));
    expect((await config.get('canary')).version, 'who keeps no id').toBe('1.0.0');
    expect(await refused(config.publish('canary', draft('3.0.0')))).toBe('ROLLOUT_UNDER_WAY');

    await ok(roll(id, 'set', { percentage: 80 }));
    expect(await versions()).toEqual(wanted(id, 80));
    await ok(roll(id, 'set', { percentage: 40 }));
    expect(await versions()).toEqual(wanted(id, 40));
    await ok(roll(id, 'pause'));
    expect(new Set(await versions())).toEqual(new Set(['1.0.0']));
    expect(await refused(roll(id, 'set', { percentage: 50 }))).toBe('CONFLICT');
    expect(await ok(roll(id, 'resume', { percentage: 60 }))).toMatchObject({ state: 'active', percentage: 60 });
    expect(await versions()).toEqual(wanted(id, 60));
    expect(await ok(roll(id, 'promote'))).toMatchObject({ state: 'promoted' });
    expect(new Set(await versions())).toEqual(new Set(['2.0.0']));
    expect(await refused(roll(id, 'abort'))).toBe('ROLLOUT_NOT_FOUND');
  });

  test('that is aborted leaves all with what they had, as does a revert', async () => {
    const first = await ok(config.publish('canary', draft('3.0.0'), { rollout_percentage: 99 }));
    await ok(roll(first.release.cohort.id, 'abort'));
    expect(new Set(await versions())).toEqual(new Set(['2.0.0']));
    const second = await ok(config.publish('canary', draft('3.0.0'), { rollout_percentage: 99 }));
    const { artifact_id } = await config.get('canary');
    const revert = { client_id: 'zed', profile: 'canary', artifact_id, changelog: 'stop' };
    await ok(server.call('revert_config', revert, who.publisher));
    expect(new Set(await versions())).toEqual(new Set(['2.0.0']));
    expect(await refused(roll(second.release.cohort.id, 'promote'))).toBe('ROLLOUT_NOT_FOUND');
  });
});

describe('keys', () => {
  const keys = async () => (await ok(server.call('list_signing_keys', {}, who.client))).items;
  const signed = async (name: string, type: string) => {
    const got = await config.get('keys', { with_signed_bytes: true });
    const bytes = Buffer.from(got.signed_bytes[name], 'base64');
    const signature = name === 'artifact' ? got.signature : got.release.signature;
    const key = (await keys()).find((one: { key_id: string }) => one.key_id === signature.key_id);
    return {
      signature,
      holds: opensslVerifies(`application/vnd.tutti.config.${type}+json`, bytes, signature, key.public_key),
    };
  };

  test('are told in public halves only', async () => {
    const all = JSON.stringify(await keys());
    expect(all).toContain('BEGIN PUBLIC KEY');
    expect(all).not.toContain('PRIVATE');
  });

  test.each(['ECDSA-P256-SHA512', 'ECDSA-P256-SHA256', 'Ed25519'])(
    'rotate to %s: what is current is signed by the new key, the same artifact as before',
    async (alg) => {
      await config.profile('keys', free);
      const { artifact_id } = await ok(config.publish('keys', draft('1.0.0')));
      const [before] = await keys();
      const call = (token: string) => server.call('rotate_signing_key', { alg }, token);
      expect(await refused(call(who.publisher))).toBe('FORBIDDEN');
      const made = await ok(call(who.owner));
      expect(made.signed).toBeGreaterThanOrEqual(2);
      expect(await keys()).toMatchObject([
        { key_id: made.key_id, alg, state: 'current' },
        { key_id: before.key_id, state: 'retired' },
        ...Array.from({ length: (await keys()).length - 2 }, () => ({ state: 'retired' })),
      ]);
      for (const [name, type] of [
        ['artifact', 'artifact'],
        ['release', 'release'],
      ] as const) {
        expect(await signed(name, type)).toMatchObject({ signature: { alg, key_id: made.key_id }, holds: true });
      }
      expect((await config.get('keys')).artifact_id).toBe(artifact_id);
      const file = JSON.parse(readFileSync(path.join(server.dataDir, 'keys/config-release.json'), 'utf8'));
      expect(file.keys[before.key_id], 'a retired key signs nothing any more').toContain('PUBLIC');
    },
  );

  test('key compromise: keys that leaked are dropped, and what is current holds by the new one', async () => {
    await ok(server.call('rotate_signing_key', { drop_old: true }, who.owner));
    expect(await keys()).toHaveLength(1);
    expect((await signed('artifact', 'artifact')).holds).toBe(true);
  });

  test('that the operator rotates by hand count within a second, and sign what is current', async () => {
    const directory = path.join(server.dataDir, 'keys');
    const before = readKeyFile(directory, configKeyPurpose);
    const [id, pem] = makeKey(configKeyPurpose, before);
    writeKeyFile(directory, configKeyPurpose, { current: id, keys: { ...before?.keys, [id]: pem } });
    await vi.waitFor(async () => expect((await keys())[0].key_id).toBe(id), { timeout: 30_000 });
    const own = openSigningKeys(directory, { given: true });
    const count = () => inTransaction(server.database.db, (tx) => signCurrent(tx, own.current(), own.trusted()));
    expect(await count()).toBeGreaterThanOrEqual(2);
    expect(await count(), 'once').toBe(0);
    await vi.waitFor(async () => expect((await signed('release', 'release')).signature.key_id).toBe(id), {
      timeout: 30_000,
    });
    expect(() => own.next({ fresh: false }), 'given keys are only read').toThrow(/given by the operator/);
  });

  test('what was changed beneath is not signed anew, nor answered', async () => {
    const { db } = server.database;
    const { artifact_id } = await config.get('keys');
    const swap = (from: string, to: string) =>
      sql`update config_artifacts set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), ${from}, ${to}), 'UTF8')
        where artifact_id = ${artifact_id}`.execute(db);
    await sql`alter table config_artifacts disable trigger config_artifacts_immutable`.execute(db);
    try {
      await swap('@example/files', '@evil/files');
      await expect(createDocuments(db, 2 ** 20).find(artifact_id)).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' });
      expect((await config.get('keys')).text, 'what is in memory is what was released').toContain('@example/files');
      expect(await refused(server.call('export_config', {}, who.client))).toBe('NOT_AUTHENTIC');
      const [before] = await keys();
      expect(await refused(server.call('rotate_signing_key', {}, who.owner))).toBe('NOT_AUTHENTIC');
      expect((await keys())[0].key_id, 'a rotation that failed leaves the key').toBe(before.key_id);
    } finally {
      await swap('@evil/files', '@example/files');
      await sql`alter table config_artifacts enable trigger config_artifacts_immutable`.execute(db);
    }
  });
});

describe('statements', () => {
  test('freeze: they are renewed before their time is over, for the same artifact and without a word to anybody', async () => {
    const { db } = server.database;
    const issuing = {
      keys: openSigningKeys(path.join(server.dataDir, 'keys'), { given: false }),
      tenant: 'default',
      statementDays: 30,
    };
    await config.profile('renewed', free);
    const first = await ok(config.publish('renewed', draft('1.0.0')));
    const told = await ok(server.call('poll_config_changes', { profile: 'renewed', since_token: '0.0' }, who.client));
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
    await renewStatements(db, issuing, inDays(14));
    expect((await config.get('renewed')).release.sequence).toBe(1);
    expect(await renewStatements(db, issuing, inDays(16))).toBeGreaterThan(0);
    const again = await vi.waitFor(
      async () => {
        const got = await config.get('renewed');
        expect(got.release.sequence).toBe(2);
        return got;
      },
      { timeout: 30_000 },
    );
    expect(again).toMatchObject({
      artifact_id: first.artifact_id,
      changelog: first.changelog,
      release: { sequence: 2 },
    });
    expect(Date.parse(again.release.expires_at)).toBeGreaterThanOrEqual(Date.parse(first.release.expires_at));
    const since = { profile: 'renewed', since_token: told.next_token };
    expect((await ok(server.call('poll_config_changes', since, who.client))).items).toEqual([]);
  });
});

describe('publishing at once and again', () => {
  test('fast-forward, gaps and doubles: five at once get five sequences and five versions', async () => {
    await config.profile('busy', free);
    const made = await Promise.all(
      ['1', '2', '3', '4', '5'].map((at) => ok(config.publish('busy', draft(`1.0.${at}`)))),
    );
    expect(made.map(({ release }) => release.sequence).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(made.map(({ version }) => version)).size).toBe(5);
    expect((await config.get('busy')).release.sequence).toBe(5);
  });

  test('the same idempotency_key gives the first answer, also where that was APPROVAL_REQUIRED', async () => {
    const again = { idempotency_key: 'once' };
    const [one, two] = [
      await ok(config.publish('busy', draft('2.0.0'), again)),
      await ok(config.publish('busy', draft('2.0.0'), again)),
    ];
    expect(two).toEqual(one);
    await ok(
      server.call('put_config_profile', { client_id: 'zed', profile: 'busy', approvals_required: 1 }, who.owner),
    );
    const waiting = { idempotency_key: 'waits' };
    const [first, second] = [
      await config.publish('busy', draft('3.0.0'), waiting),
      await config.publish('busy', draft('3.0.0'), waiting),
    ];
    expect(first.body.error.code).toBe('APPROVAL_REQUIRED');
    expect(second.body).toEqual(first.body);
    const open = await ok(server.call('list_config_drafts', { profile: 'busy', state: 'open' }, who.approver));
    expect(open.items).toHaveLength(1);
    expect(await refused(server.call('list_config_drafts', {}, who.client)), 'no client reads drafts').toBe(
      'FORBIDDEN',
    );
  });
});

describe('over HTTP', () => {
  const fetched = (address: string, headers: Record<string, string> = {}, token = who.client) =>
    fetch(`${server.url}${address}`, { headers: { authorization: `Bearer ${token}`, ...headers } });

  test('the stored bytes of artifact, statement and schema are served for good, with strong ETags', async () => {
    await config.profile('served', free);
    const made = await ok(config.publish('served', draft('1.0.0')));
    const statement = (await config.get('served')).release.statement_id;
    const [key] = (await ok(server.call('list_signing_keys', {}, who.client))).items;
    for (const [id, type] of [
      [made.artifact_id, 'artifact'],
      [statement, 'release'],
    ]) {
      const answer = await fetched(`/artifacts/${id}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      const mime = `application/vnd.tutti.config.${type}+json`;
      expect(answer.headers.get('content-type')).toBe(mime);
      expect(answer.headers.get('etag')).toBe(`"sha256:${createHash('sha256').update(bytes).digest('hex')}"`);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      const signature = (await (await fetched(`/artifacts/${id}/signature`)).json()) as never;
      expect(opensslVerifies(mime, bytes, signature, key.public_key)).toBe(true);
      expect((await fetched(`/artifacts/${id}`, { 'if-none-match': `"${id}"` })).status).toBe(304);
    }
    const schema = await fetched(made.schema_ref);
    expect(schema.headers.get('content-type')).toBe('application/schema+json');
    expect(await schema.json()).toMatchObject({ type: 'object' });
  });

  test.runIf(hasOpenssl && hasPrograms('bash', 'curl', 'jq', 'sha256sum'))(
    'the commands of docs/config-verify.md verify a configuration, and stop at one that was changed (AC-4, NFR-6)',
    async () => {
      const page = readFileSync(path.join(import.meta.dirname, '../../../docs/config-verify.md'), 'utf8');
      const script = (/```sh\n(get\(\)[^`]*)```/.exec(page)?.[1] ?? '').replace(
        '/config/cursor/prod',
        '/config/zed/served',
      );
      const cwd = makeTempDir('verify');
      const [key] = (await ok(server.call('list_signing_keys', {}, who.client))).items;
      writeFileSync(path.join(cwd, 'key.pem'), key.public_key);
      const env = { PATH: process.env.PATH, TOKEN: who.client, TUTTI_URL: server.url };
      const run = async (text: string) => {
        const bash = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', text], { cwd, env });
        return bash.then(({ stdout }) => stdout).catch(({ code }) => code);
      };
      const done = String(await run(script));
      expect(done).toContain('Signature Verified Successfully');
      expect(readFileSync(path.join(cwd, 'mcp.json'), 'utf8')).toBe((await config.get('served')).text);
      const tampered = script.replace('{ printf', 'sed -i s/example/evil/ artifact; { printf');
      expect(await run(tampered)).not.toBe(0);
      expect(String(await run(tampered))).not.toContain('Verified');
    },
  );

  test('what is current is the answer of get_config, and its ETag changes with it', async () => {
    const first = await fetched('/config/zed/served');
    const tag = first.headers.get('etag') ?? '';
    expect(await first.json()).toMatchObject({ version: '1.0.0' });
    expect((await fetched('/config/zed/served', { 'if-none-match': `W/"x", ${tag}` })).status).toBe(304);
    await ok(config.publish('served', draft('2.0.0')));
    const second = await fetched('/config/zed/served', { 'if-none-match': tag });
    expect([second.status, second.headers.get('etag') === tag]).toEqual([200, false]);
    expect((await fetched('/config/zed/served?accept_schemas=^99')).status).toBe(409);
    expect((await fetched('/config/zed/served?client_fingerprint=short')).status).toBe(422);
  });

  test('nothing is served to those who may not read, nor what is not there', async () => {
    const other = (await server.token('otto', ['lake:read'])).secret;
    const { artifact_id } = await config.get('served');
    for (const address of ['/config/zed/served', `/artifacts/${artifact_id}`, '/schemas/zed/1.0.0']) {
      expect((await fetched(address, {}, other)).status, address).toBe(403);
      expect((await fetch(`${server.url}${address}`)).status, address).toBe(401);
    }
    const none = `sha256:${'0'.repeat(64)}`;
    const gone = [
      `/artifacts/${none}`,
      `/artifacts/${none}/signature`,
      '/artifacts/x',
      '/schemas/zed/99.0.0',
      '/schemas/x/1.0.0',
    ];
    for (const address of [...gone, '/config/zed/nothing', '/config/Zed/served', '/config/zed/..%2Fx']) {
      expect((await fetched(address)).status, address).toBe(404);
    }
  });
});

describe('a token that is bound to a client family and a profile (NFR-7)', () => {
  test('publishes, reads and hears within its bound only', async () => {
    for (const name of ['within', 'without']) {
      await config.profile(name, free);
      await ok(config.publish(name, draft('1.0.0')));
    }
    const token = (await server.token('bea', ['config-publisher@zed/within', 'config:audit@zed/within'])).secret;
    const of = (profile: string) => ({ client_id: 'zed', profile });
    const call = (name: string, input: Record<string, unknown>) => server.call(name, input, token);
    const { artifact_id } = await config.get('without');
    const draft_payload = draft('2.0.0');
    const outside: [string, Record<string, unknown>][] = [
      ['get_config', of('without')],
      ['diff_config', { ...of('without'), current_artifact_id: artifact_id }],
      ['validate_draft', { ...of('without'), draft_payload }],
      ['publish_config', { ...of('without'), draft_payload }],
      ['create_config_draft', { ...of('without'), draft_payload }],
      ['revert_config', { ...of('without'), artifact_id, changelog: 'x' }],
    ];
    for (const [name, input] of outside) expect(await refused(call(name, input)), name).toBe('FORBIDDEN');
    await ok(call('publish_config', { ...of('within'), draft_payload }));
    expect((await ok(call('get_config', of('within')))).text).toContain('@example/files@2.0.0');

    const profilesIn = async (name: string, input = {}) => {
      const { items } = await ok(call(name, input));
      return [...new Set(items.map((one: { profile: string }) => one.profile))];
    };
    for (const list of ['list_config_releases', 'list_config_drafts', 'get_audit']) {
      expect(await profilesIn(list), list).toEqual(['within']);
    }
    expect(await profilesIn('poll_config_changes', { since_token: '0.0' })).toEqual(['within']);
    expect(await profilesIn('list_profiles', { client_id: 'zed' })).toEqual(['within']);
    const fetched = (address: string) =>
      fetch(`${server.url}${address}`, { headers: { authorization: `Bearer ${token}` } });
    expect((await fetched('/config/zed/within')).status).toBe(200);
    expect((await fetched('/config/zed/without')).status).toBe(403);
    expect((await fetched('/resources/config/zed/without')).status).toBe(403);
    expect((await fetched(`/artifacts/${artifact_id}`)).status).toBe(404);
  });
});
