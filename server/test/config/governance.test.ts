import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { retention } from '../../src/capabilities/config/inventory/retention.ts';
import { configOf, filesServer, ok, refused } from '../support/config.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let config: Awaited<ReturnType<typeof configOf>>;
let who: typeof config.who;

beforeAll(async () => {
  server = await startTestServer();
  config = await configOf(server, 'zed');
  ({ who } = config);
});
afterAll(() => server.stop());

const free = { policy_set_id: 'none' };
const draft = (version: string) => ({ servers: [filesServer(version)] });
type Row = Record<string, unknown>;
const policies = [
  'put_client_family',
  'put_config_policy_set',
  'put_config_profile',
  'rotate_signing_key',
  'test_config_policy_set',
];
const publishing = [
  'create_config_draft',
  'publish_config',
  'put_catalog_server',
  'revert_config',
  'set_config_rollout',
  'validate_draft',
];

/** A draft of a profile that needs one approval, kept and looked at. */
async function drafted(profile: string, more: Row = {}) {
  await config.profile(profile, { ...free, approvals_required: 1 });
  const { body } = await config.publish(profile, draft('1.0.0'), more);
  expect(body.error.code).toBe('APPROVAL_REQUIRED');
  return ok(server.call('get_config_draft', { draft_id: body.error.details.draft_id }, who.approver));
}
const approve = ({ draft_id, draft_hash, payload_hash }: Record<string, string>) =>
  ok(server.call('approve_config_draft', { draft_id, draft_hash, payload_hash }, who.approver));

describe('the audit trail of configurations (FR-12)', () => {
  const entries = async (token: string, filter: Row = {}) =>
    (await ok(server.call('list_audit_entries', { page_size: 200, ...filter }, token))).items as Row[];

  test('an auditor reads what audit_log_uri names: who drafted, approved and released', async () => {
    const seen = await drafted('audited');
    await approve(seen);
    await ok(server.call('publish_config', { draft_id: seen.draft_id }, who.publisher));
    const { items } = await ok(server.call('get_audit', { profile: 'audited' }, who.auditor));
    const subject = new URL(items[0].audit_log_uri, server.url).searchParams.get('subject') ?? '';
    const told = (await entries(who.auditor, { subject })).map(({ tool, principal_name }) => [tool, principal_name]);
    expect(told).toEqual([
      ['publish_config', 'pia'],
      ['approve_config_draft', 'anna'],
      ['publish_config', 'pia'],
    ]);
    const changed = await entries(who.auditor, { tool: 'put_config_profile', principal: 'olga' });
    expect(changed[0]?.detail).toEqual({ client_id: 'zed', profile: 'audited', ...free, approvals_required: 1 });
  });

  test('and nothing else of others: not the data, not who knocked, and no more where the scope is bound', async () => {
    const rita = (await server.token('rita', ['writer'])).secret;
    await server.call('register_dataset', { name: 'mine', uri: 'tutti://mine' }, rita);
    await server.call('list_datasets', {}, who.auditor);
    const own = ['list_datasets', 'publish_config', 'approve_config_draft', 'put_config_profile'];
    expect([...new Set((await entries(who.auditor)).map(({ tool }) => tool))].sort()).toEqual(own.sort());
    const bound = (await server.token('bo', ['config-auditor@zed/audited'])).secret;
    expect(await entries(bound)).toEqual([]);
    const other = (await server.token('rolf', ['reader', 'config-publisher', 'config-security'])).secret;
    expect(await entries(other)).toEqual([]);
  });

  test('records are found by the name of who drafted, approved or released (FR-13)', async () => {
    const seen = await drafted('named');
    await approve(seen);
    const other = (await server.token('paul', ['config-publisher'])).secret;
    await ok(server.call('publish_config', { draft_id: seen.draft_id }, other));
    for (const principal of ['pia', 'anna', 'paul']) {
      const { items } = await ok(server.call('get_audit', { profile: 'named', principal }, who.auditor));
      expect(items, principal).toMatchObject([{ publisher_name: 'pia', released_by_name: 'paul' }]);
    }
  });
});

test.each([
  ['owner', ['get_audit', ...policies]],
  ['security', policies],
  ['publisher', [...publishing]],
  ['approver', ['approve_config_draft', 'reject_config_draft']],
  ['auditor', ['get_audit']],
  ['client', ['report_client_state']],
])('the role %s does what is its own, besides reading, and nothing else (NFR-7)', async (role, own) => {
  const token = (await server.token(`only-${role}`, [`config-${role}`])).secret;
  const duties = [...policies, ...publishing, 'get_audit', 'approve_config_draft', 'reject_config_draft'];
  const may: string[] = [];
  for (const name of [...duties, 'report_client_state']) {
    // Whoever may call it hears what is wrong with the input.
    const code = await refused(server.call(name, { no_such_field: 1 }, token));
    if (code !== 'FORBIDDEN') may.push(name);
  }
  expect(may.toSorted()).toEqual(own.toSorted());
  expect((await ok(server.call('list_clients', {}, token))).items.length).toBeGreaterThan(0);
});

describe('a bound token (NFR-7)', () => {
  async function connected(token: string) {
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/config`), { requestInit }));
    return client;
  }

  test('gets full pages, and completions of what it may read', async () => {
    for (const profile of ['ours', 'theirs']) {
      await config.profile(profile, free);
      for (const version of ['1', '2', '3']) await ok(config.publish(profile, draft(`1.0.${version}`)));
    }
    const token = (await server.token('bea', ['config-publisher@zed/ours', 'config:audit@*/ours', 'system:read']))
      .secret;
    for (const list of ['list_config_releases', 'list_config_drafts', 'get_audit']) {
      const first = await ok(server.call(list, { page_size: 2 }, token));
      const second = await ok(server.call(list, { page_size: 2, page: first.next_page }, token));
      expect(
        [...first.items, ...second.items].map(({ profile }) => profile),
        list,
      ).toEqual(['ours', 'ours', 'ours']);
      expect(second).not.toHaveProperty('next_page');
    }
    const client = await connected(token);
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'config://{client}/{profile}' },
      argument: { name: 'profile', value: '' },
    });
    expect(completion.values.toSorted()).toEqual(['ours', 'zed']);
    await client.close();
  });

  test('is told by MCP at once of what it subscribed to and may read, and finds it there (FR-10)', async () => {
    const token = (await server.token('sue', ['config-client@zed/ours'])).secret;
    const client = await connected(token);
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
    const subscription = await client.listen({
      resourceSubscriptions: ['config://zed/theirs', 'config://zed/ours'],
    });
    await ok(config.publish('theirs', draft('4.0.0')));
    const made = await ok(config.publish('ours', draft('4.0.0')));
    // An earlier release may reach the feed after the subscription, and is told as well then.
    await expect.poll(() => [...new Set(updated)], { timeout: 30_000 }).toEqual(['config://zed/ours']);
    const { contents } = await client.readResource({ uri: 'config://zed/ours' });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ artifact_id: made.artifact_id });
    await expect(client.readResource({ uri: 'config://zed/theirs' })).rejects.toThrow();
    await subscription.close();
    await client.close();
  });

  test('polls what it may hear past any number of changes of others, without waiting', async () => {
    await config.profile('quiet', free);
    await ok(config.publish('quiet', draft('1.0.0')));
    const call = { client_id: 'zed', profile: 'quiet', since_token: '0.0', page_size: 1 };
    const { next_token } = await vi.waitFor(
      async () => {
        const got = await ok(server.call('poll_config_changes', call, who.client));
        expect(got.items).toMatchObject([{ profile: 'quiet' }]);
        return got;
      },
      { timeout: 30_000 },
    );
    const rest = await ok(server.call('poll_config_changes', { ...call, since_token: next_token }, who.client));
    expect(rest.items).toEqual([]);
  });
});

describe('a rollout', () => {
  const roll = (rollout_id: string, action: string, more: Row = {}) =>
    server.call('set_config_rollout', { rollout_id, action, ...more }, who.publisher);
  const begun = async (profile: string) => {
    await config.profile(profile, free);
    await ok(config.publish(profile, draft('1.0.0')));
    const made = await ok(config.publish(profile, draft('2.0.0'), { rollout_percentage: 10 }));
    return made.release.cohort.id as string;
  };

  test('is told as what it is: under way, paused, promoted or aborted', async () => {
    const status = async (cohort: string) => {
      const { items } = await ok(server.call('list_config_releases', { profile: 'told' }, who.client));
      return items.find((one: Row) => one.cohort === cohort).status;
    };
    const first = await begun('told');
    expect([await status(first), await status('all')]).toEqual(['current', 'current']);
    await ok(roll(first, 'pause'));
    expect(await status(first)).toBe('paused');
    await ok(roll(first, 'promote'));
    expect([await status(first), await status('all')]).toEqual(['promoted', 'current']);
    const made = await ok(config.publish('told', draft('3.0.0'), { rollout_percentage: 10 }));
    await ok(roll(made.release.cohort.id, 'abort'));
    expect(await status(made.release.cohort.id)).toBe('aborted');
  });

  test('UC-4: what a tighter policy refuses reaches nobody new, and is taken back', async () => {
    const id = await begun('tightened');
    const document = {
      name: 'no-files-here',
      rules: [{ id: 'no-files', action: 'deny', on: 'server', match: { server: 'files' }, how: 'remove' }],
      tests: [
        {
          name: 'files goes',
          neutral: { inputs: [], servers: [filesServer()] },
          expect: { ok: true, effects: ['no-files'], result: { inputs: [], servers: [] } },
        },
      ],
    };
    await ok(server.call('put_config_policy_set', { document }, who.owner));
    await config.profile('tightened', { policy_set_id: 'no-files-here' });
    expect(await refused(roll(id, 'promote'))).toBe('POLICY_DENIED');
    expect(await refused(roll(id, 'set', { percentage: 50 }))).toBe('POLICY_DENIED');
    await ok(roll(id, 'set', { percentage: 5 }));
    await ok(roll(id, 'pause'));
    expect(await refused(roll(id, 'resume'))).toBe('POLICY_DENIED');
    await ok(roll(id, 'abort'));
  });
});

describe('put at once', () => {
  test('parts of a profile: none takes back what the other says', async () => {
    for (let round = 0; round < 5; round += 1) {
      const profile = `both-${round}`;
      await config.profile(profile, free);
      await Promise.all([
        config.profile(profile, { approvals_required: 2 }),
        config.profile(profile, { tags: ['live'] }),
        config.profile(profile, { description: 'for all' }),
      ]);
      const { items } = await ok(server.call('list_profiles', { client_id: 'zed' }, who.client));
      expect(items).toContainEqual(
        expect.objectContaining({ profile, approvals_required: 2, tags: ['live'], description: 'for all' }),
      );
    }
  });

  test('two schemas of one version, or two servers of one name and version: one of them is refused', async () => {
    const family = (client_id: string, type: string) =>
      server.call(
        'put_client_family',
        { client_id, title: 'Radio', schemas: [{ version: '1.0.0', schema: { type } }] },
        who.owner,
      );
    const entry = (at: number, version: string) => ({
      entry: { name: `io.example/at-${at}`, version: '1.0.0', server: filesServer(version), inputs: [] },
    });
    const put = (input: Row) => server.call('put_catalog_server', input, who.publisher);
    for (let round = 0; round < 5; round += 1) {
      const pairs = [
        [family(`radio-${round}`, 'object'), family(`radio-${round}`, 'array')],
        [put(entry(round, '1.0.0')), put(entry(round, '2.0.0'))],
      ];
      for (const pair of pairs) {
        const codes = (await Promise.all(pair)).map(({ body }) => body.error?.code ?? 'ok');
        expect(codes.toSorted()).toEqual(['CONFLICT', 'ok']);
      }
    }
  });
});

test('a version that is taken is refused before anybody is asked to approve it', async () => {
  const seen = await drafted('versions', { version: '1.0.0' });
  await approve(seen);
  await ok(server.call('publish_config', { draft_id: seen.draft_id }, who.publisher));
  const again = { client_id: 'zed', profile: 'versions', draft_payload: draft('2.0.0'), version: '1.0.0' };
  expect(await refused(server.call('create_config_draft', again, who.publisher))).toBe('ALREADY_EXISTS');
  expect(await refused(server.call('publish_config', again, who.publisher))).toBe('ALREADY_EXISTS');
});

test('drafts that nobody released end after their window, with their approvals; what was released stays (NFR-8)', async () => {
  const { db } = server.database;
  const [released, rejected, open] = [await drafted('kept'), await drafted('kept'), await drafted('kept')];
  for (const one of [released, rejected, open]) await approve(one);
  await ok(server.call('publish_config', { draft_id: released.draft_id }, who.publisher));
  const reject = { draft_id: rejected.draft_id, comment: 'no' };
  await ok(server.call('reject_config_draft', reject, who.approver));
  const ids = async () => {
    const { items } = await ok(server.call('list_config_drafts', { profile: 'kept' }, who.publisher));
    return items.map((one: Row) => one.draft_id);
  };
  const context = { step: (_name: string, work: () => Promise<unknown>) => work() } as never;
  const run = () => retention(db, { reports: 7, drafts: 7 }).run(context, {});
  await run();
  expect(await ids()).toHaveLength(3);

  const age = sql`update config_drafts set created_at = now() - interval '8 days',
    decided_at = case when decided_at is null then null else now() - interval '8 days' end where profile = 'kept'`;
  await sql`alter table config_drafts disable trigger config_drafts_stay`.execute(db);
  await age.execute(db);
  await sql`alter table config_drafts enable trigger config_drafts_stay`.execute(db);
  expect(await run()).toMatchObject({ removed_drafts: 2 });
  expect(await ids()).toEqual([released.draft_id]);
  const approvals = sql<{ draft_id: string }>`
    select draft_id from config_approvals where draft_id in (${released.draft_id}, ${rejected.draft_id}, ${open.draft_id})`;
  expect((await approvals.execute(db)).rows).toEqual([{ draft_id: released.draft_id }]);
  expect(await refused(server.call('get_config_draft', { draft_id: open.draft_id }, who.approver))).toBe(
    'DRAFT_NOT_FOUND',
  );
  for (const table of ['config_drafts', 'config_approvals']) {
    const gone = sql`delete from ${sql.table(table)} where draft_id = ${released.draft_id}`.execute(db);
    await expect(gone, table).rejects.toThrow(/never changed or deleted/);
  }
});

test('a report of a client whose clock is ahead is of now, so that its next word counts', async () => {
  await config.profile('ahead', free);
  const { artifact_id } = await ok(config.publish('ahead', draft('1.0.0')));
  const report = { client_id: 'zed', profile: 'ahead', artifact_id, client_fingerprint: 'a-clock-that-is-ahead' };
  const applied_at = new Date(Date.now() + 3_600_000).toISOString();
  await ok(server.call('report_client_state', { ...report, result: 'failed', applied_at }, who.client));
  await ok(server.call('report_client_state', { ...report, result: 'applied' }, who.client));
  const counted = await ok(server.call('get_config_inventory', { profile: 'ahead' }, who.client));
  expect(counted).toMatchObject({ items: [{ result: 'applied', clients: null }], complete: true });
});
