import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createToken } from '../../src/core/auth/tokens.ts';
import { openDatabase } from '../../src/core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from '../../src/core/db/embedded.ts';
import { createLog } from '../../src/core/log.ts';
import { draftOf, filesServer } from '../support/config.ts';
import { connectors } from '../support/mcp-clients.ts';
import { processFamily, signalProcess } from '../support/process-family.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { databaseUrl } from '../support/template.ts';

const log = createLog('error');
const patient = { timeout: 60_000, interval: 100 };
const of = { client_id: 'cursor', profile: 'prod' };
const [clusterDir, dataDir] = [makeTempDir('away-pg'), makeTempDir('away')];
let postgres: EmbeddedPostgres;
let server: ServeProcess;
let token: string;

beforeAll(async () => {
  postgres = await openEmbedded(clusterDir, log);
  const { user, password, host } = postgres.connection;
  const url = databaseUrl({ user, password, host, database: 'tutti' });
  const flags = ['--database-url', url, '--limits-calls-per-minute', '1000000', '--auth-remember-s', '3600'];
  server = await serveProcess(dataDir, [...flags, '--log-level', 'error']);
  const { db, close } = openDatabase({ connectionString: url }, log, { max: 1 });
  const expiresAt = new Date(Date.now() + 3_600_000);
  ({ secret: token } = await createToken(db, { name: 'cleo', grants: ['config-client', 'system:read'], expiresAt }));
  await close();
  await ok('put_config_profile', { ...of, policy_set_id: 'none' }, server.token);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
  for (const directory of [clusterDir, dataDir]) rmSync(directory, { recursive: true, force: true });
});

async function call(name: string, input: unknown, as = token) {
  const response = await fetch(`${server.url}/tools/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}` },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(60_000),
  });
  // biome-ignore lint/suspicious/noExplicitAny: checked by the test
  return { status: response.status, body: (await response.json()) as any };
}

async function ok(name: string, input: unknown, as = token) {
  const { status, body } = await call(name, input, as);
  expect(status, JSON.stringify(body).slice(0, 500)).toBe(200);
  return body;
}

const fetched = (address: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${address}`, { headers: { authorization: `Bearer ${token}`, ...headers } });

const publish = (draft: object, changelog: string) =>
  call('publish_config', { ...of, draft_payload: draft, changelog }, server.token);

let paused: readonly number[] = [];

test.each([
  [
    'stopped',
    () => postgres.stop(),
    async () => {
      postgres = await openEmbedded(clusterDir, log);
    },
  ],
  [
    'answering nobody',
    async () => {
      paused = processFamily(postgres.pid() as number);
      for (const pid of paused) signalProcess(pid, 'SIGSTOP');
    },
    async () => {
      for (const pid of paused) signalProcess(pid, 'SIGCONT');
    },
  ],
] as const)(
  'NFR-2, fail-closed outage: while PostgreSQL is %s, a valid token fetches, diffs and polls',
  async (how, begin, end) => {
    const first = (await publish(draftOf(), `first, ${how}`)).body;
    const second = (await publish(draftOf(filesServer()), `second, ${how}`)).body;
    const { next_token: since_token } = await ok('poll_config_changes', of);
    const { client } = await (connectors['v1 client'] as NonNullable<(typeof connectors)[string]>)(
      `${server.url}/mcp/config`,
      token,
    );
    const [current, clients] = [await ok('get_config', of), await ok('list_clients', {})];
    const etag = (await fetched('/config/cursor/prod')).headers.get('etag') ?? '';
    expect(current).toMatchObject({ artifact_id: second.artifact_id });
    expect(current.stale_since).toBeUndefined();

    await begin();
    try {
      const stale = await vi.waitFor(async () => {
        const got = await ok('get_config', { ...of, with_signed_bytes: true });
        expect(got.stale_since).toBeDefined();
        return got;
      }, patient);
      expect(stale).toMatchObject({ artifact_id: second.artifact_id, release: current.release });
      const served = await fetched('/config/cursor/prod');
      expect([served.status, served.headers.get('etag')]).toEqual([200, etag]);
      expect(served.headers.get('x-tutti-stale-since')).toBe(stale.stale_since);
      expect((await fetched('/config/cursor/prod', { 'if-none-match': etag })).status).toBe(304);
      for (const id of [second.artifact_id, current.release.statement_id]) {
        expect((await fetched(`/artifacts/${id}`)).status).toBe(200);
        expect((await fetched(`/artifacts/${id}/signature`)).status).toBe(200);
      }
      expect((await fetched(second.schema_ref)).status).toBe(200);
      const outdated = { ...of, current_artifact_id: first.artifact_id, with_patch: true };
      expect(await ok('diff_config', outdated)).toMatchObject({
        status: 'outdated',
        latest_artifact_id: second.artifact_id,
        patch: [{ op: 'add', path: '/mcpServers/files' }],
      });
      expect((await ok('poll_config_changes', { ...of, since_token })).items).toEqual([]);
      expect((await ok('poll_config_changes', of)).items).toEqual([]);
      expect(await ok('list_clients', {})).toEqual(clients);
      const { structuredContent } = await client.callTool({ name: 'get_config', arguments: of });
      expect(structuredContent).toMatchObject({ artifact_id: second.artifact_id, stale_since: stale.stale_since });

      const dispatched = await client.callTool({ name: 'call_tool', arguments: { name: 'get_config', input: of } });
      expect(JSON.parse(dispatched.content[0].text)).toMatchObject({ artifact_id: second.artifact_id });

      // Nothing but what is in memory is answered, and to nobody who was not known.
      expect((await call('list_config_releases', of)).body.error.code).toBe('UNAVAILABLE');
      const state = { ...of, client_fingerprint: 'x'.repeat(20), artifact_id: second.artifact_id, result: 'ok' };
      const report = { ...state, applied_at: new Date().toISOString() };
      expect((await call('report_client_state', report)).body.error.code).toBe('UNAVAILABLE');
      const viaMcp = await client.callTool({ name: 'report_client_state', arguments: report });
      expect(JSON.parse(viaMcp.content[0].text).error.code).toBe('UNAVAILABLE');
      expect((await call('get_config', of, 'tutti_nobody')).status).toBe(503);
    } finally {
      await end();
    }

    const third = await vi.waitFor(async () => {
      const made = await publish(draftOf(), `third, ${how}`);
      expect(made.status).toBe(200);
      return made.body;
    }, patient);
    expect((await ok('poll_config_changes', { ...of, since_token, wait_s: 30 })).items).toMatchObject([
      { artifact_id: third.artifact_id, changelog: `third, ${how}` },
    ]);
    const again = await ok('get_config', of);
    expect(again).toMatchObject({ artifact_id: third.artifact_id, changelog: `third, ${how}` });
    expect(again.stale_since).toBeUndefined();
    expect((await fetched('/config/cursor/prod')).headers.get('x-tutti-stale-since')).toBeNull();
    await client.close();
  },
);
