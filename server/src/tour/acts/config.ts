import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Act, type ActContext, expectEqual } from '../act.ts';
import type { McpCaller } from '../mcp-client.ts';
import { type SigningKey, verifyByOpenssl } from '../openssl.ts';

/** Clients that can be told which tools not to show. */
const clients = ['codex', 'gemini-cli', 'kiro'];
const profile = 'prod';
const denied = 'delete_ticket';

// biome-ignore lint/suspicious/noExplicitAny: the act checks what comes back
type Answer = any;

const tickets = {
  name: 'com.example/tickets',
  version: '1.0.0',
  server: {
    name: 'tickets',
    transport: 'http',
    url: 'https://tickets.example.com/mcp',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the neutral form
    headers: { Authorization: 'Bearer ${input:TICKETS_TOKEN}' },
    description: 'Tickets of the service desk',
  },
  inputs: [{ id: 'TICKETS_TOKEN', secret: true, description: 'A token of the service desk' }],
};

const wiki = {
  name: 'com.example/wiki',
  version: '2.1.0',
  server: { name: 'wiki', transport: 'stdio', command: 'npx', args: ['-y', '@example/wiki@2.1.0'] },
  inputs: [],
};

const policy = {
  name: 'tour-prod',
  extends: 'baseline@1',
  rules: [
    {
      id: 'no-delete',
      action: 'deny',
      on: 'tool',
      match: { server: 'tickets', name: [denied] },
      when: "profile == 'prod'",
      message: 'Nothing is deleted from an editor.',
    },
  ],
  tests: [
    {
      name: 'the tool is denied',
      context: { profile },
      neutral: {
        inputs: [],
        servers: [{ name: 'tickets', transport: 'http', url: 'https://tickets.example.com/mcp' }],
      },
      expect: { ok: true, effects: ['no-delete'] },
    },
  ],
};

/** Two servers for three clients: a policy takes a tool away, another approves, half of the clients get it, all can verify it. */
export const config: Act = {
  title: 'Signed configurations for three clients, from a policy to a mirror without a server',
  async run(context) {
    await describeServers(context);
    const approver = await prepare(context);
    const first = await publishToAll(context, approver);
    const second = await publishToHalf(context, approver);
    const clientOfHalf = await fetch(context, first, second);
    await verify(context, clientOfHalf);
    await revert(context, first, clientOfHalf);
    await verifyWithoutServer(context, first);
  },
};

async function describeServers({ mcp, narrator }: ActContext): Promise<void> {
  await narrator.step('put_catalog_server', async () => {
    const refs = [];
    for (const entry of [tickets, wiki]) refs.push((await mcp.call('put_catalog_server', { entry })).ref);
    expectEqual('the servers', refs, ['com.example/tickets@1.0.0', 'com.example/wiki@2.1.0']);
    return [undefined, `${refs.join(', ')}, described once for every client`];
  });
}

async function prepare({ mcp, narrator, connectAs }: ActContext): Promise<McpCaller> {
  await narrator.step('put_config_policy_set', async () => {
    const { policy_set_id, tests } = await mcp.call('put_config_policy_set', { document: policy });
    expectEqual('the policy set', [policy_set_id, tests], ['tour-prod@1', 1]);
    return [undefined, `${policy_set_id}: no ${denied} in prod; its test passed`];
  });
  await narrator.step('put_config_profile', async () => {
    for (const client_id of clients) {
      const of = { policy_set_id: 'tour-prod', approvals_required: 1, tags: ['prod'] };
      await mcp.call('put_config_profile', { client_id, profile, ...of });
    }
    return [undefined, `${profile} of ${clients.join(', ')}: one approval`];
  });
  return narrator.step('tutti token create', async () => {
    const approver = await connectAs('tour-approver', 'config-approver');
    return [approver, 'tour-approver, who may approve and do nothing else'];
  });
}

/** A draft becomes a release when another has looked at it. */
async function release({ mcp }: ActContext, approver: McpCaller, draft: Record<string, unknown>): Promise<Answer> {
  const { error } = await mcp.attempt('publish_config', { profile, ...draft });
  expectEqual('why it is not published yet', error?.code, 'APPROVAL_REQUIRED');
  const { draft_id } = error.details;
  const own = await mcp.call('get_config_draft', { draft_id });
  const { draft_hash, payload_hash } = own;
  const self = await mcp.attempt('approve_config_draft', { draft_id, draft_hash, payload_hash });
  expectEqual('whether the author may approve', self.answer, undefined);
  await approver.call('approve_config_draft', { draft_id, draft_hash, payload_hash });
  return mcp.call('publish_config', { draft_id });
}

function publishToAll(context: ActContext, approver: McpCaller): Promise<Answer> {
  return context.narrator.step('publish_config', async (progress) => {
    const draft_payload = { servers: [{ ref: 'com.example/tickets@1.0.0' }] };
    const made: Answer[] = [];
    for (const [at, client_id] of clients.entries()) {
      progress(at / clients.length, client_id);
      made.push(await release(context, approver, { client_id, draft_payload, changelog: 'Tickets' }));
    }
    const [codex, gemini, kiro] = made.map(({ payload }) => payload);
    const told = [
      codex.mcp_servers.tickets.disabled_tools,
      gemini.mcpServers.tickets.excludeTools,
      kiro.mcpServers.tickets.disabledTools,
    ];
    expectEqual('the tools that are taken away', told, [[denied], [denied], [denied]]);
    const formats = made.map(({ client_id, format }) => `${client_id} ${format}`).join(', ');
    return [made[0], `${formats}: each without ${denied}, approved by tour-approver`];
  });
}

function publishToHalf(context: ActContext, approver: McpCaller): Promise<Answer> {
  return context.narrator.step('publish_config', async () => {
    const draft_payload = { servers: [{ ref: 'com.example/tickets@1.0.0' }, { ref: 'com.example/wiki@2.1.0' }] };
    const more = { draft_payload, changelog: 'The wiki as well', rollout_percentage: 50 };
    const made = await release(context, approver, { client_id: 'codex', ...more });
    expectEqual('the cohort', made.release.cohort.percentage, 50);
    return [made, `codex ${made.version} with the wiki, to 50 % of the clients`];
  });
}

/** Asks as forty clients would; answers one that is in the half. */
function fetch({ mcp, narrator }: ActContext, first: Answer, second: Answer): Promise<string> {
  return narrator.step('get_config', async (progress) => {
    const ids = Array.from({ length: 40 }, (_, at) => `tour-client-number-${at}`);
    const got = new Map<string, string[]>();
    for (const [at, client_fingerprint] of ids.entries()) {
      progress(at / ids.length);
      const { artifact_id } = await mcp.call('get_config', { client_id: 'codex', profile, client_fingerprint });
      got.set(artifact_id, [...(got.get(artifact_id) ?? []), client_fingerprint]);
    }
    expectEqual('what they got', [...got.keys()].sort(), [first.artifact_id, second.artifact_id].sort());
    const half = got.get(second.artifact_id) ?? [];
    const always = await mcp.call('get_config', { client_id: 'codex', profile });
    expectEqual('what one gets that takes no part', always.artifact_id, first.artifact_id);
    return [
      half[0] ?? '',
      `of 40 clients ${half.length} got ${second.version}, ${40 - half.length} kept ${first.version}`,
    ];
  });
}

async function verify({ mcp, narrator, scratch }: ActContext, client_fingerprint: string): Promise<void> {
  const asked = { client_id: 'codex', profile, client_fingerprint, with_signed_bytes: true };
  const got = await mcp.call('get_config', asked);
  const keys: SigningKey[] = (await mcp.call('list_signing_keys', {})).items;
  const artifact = Buffer.from(got.signed_bytes.artifact, 'base64');
  const check = (bytes: Buffer) =>
    verifyByOpenssl(path.join(scratch, 'openssl'), 'artifact', bytes, got.signature, keys);
  const how = await narrator.step('openssl pkeyutl', async () => {
    const { holds, by } = await check(artifact);
    expectEqual('the signature of the artifact', holds, true);
    const of = { bytes: Buffer.from(got.signed_bytes.release, 'base64'), signature: got.release.signature };
    const statement = await verifyByOpenssl(path.join(scratch, 'openssl'), 'release', of.bytes, of.signature, keys);
    expectEqual('the signature of the statement', statement.holds, true);
    return [by, `${by} says that both signatures hold, under ${got.signature.key_id}`];
  });
  await narrator.step('tamper', async () => {
    const at = artifact.indexOf('tickets.example.com');
    const evil = Buffer.from(artifact.toString().replace('tickets.example.com', 'tickets.example.org'));
    expectEqual('that an address was changed', at > 0 && evil.length === artifact.length, true);
    expectEqual('the signature of another address', (await check(evil)).holds, false);
    return [undefined, `tickets.example.org in its place: ${how} refuses it`];
  });
}

async function revert({ mcp, narrator }: ActContext, first: Answer, client_fingerprint: string): Promise<void> {
  await narrator.step('revert_config', async () => {
    const asked = { client_id: 'codex', profile };
    const { release: before } = await mcp.call('get_config', { ...asked, client_fingerprint });
    await mcp.call('revert_config', { ...asked, artifact_id: first.artifact_id, changelog: 'The wiki hangs' });
    const now = await mcp.call('get_config', { ...asked, client_fingerprint });
    expectEqual('what all get', [now.artifact_id, now.changelog], [first.artifact_id, 'The wiki hangs']);
    expectEqual('that the sequence rose', now.release.sequence > before.sequence, true);
    return [undefined, `${first.version} again for all, as statement ${now.release.sequence} after ${before.sequence}`];
  });
}

async function verifyWithoutServer(context: ActContext, first: Answer): Promise<void> {
  const { mcp, narrator, scratch, tutti, stopServer } = context;
  const [folder, keys] = [path.join(scratch, 'mirror'), path.join(scratch, 'keys.json')];
  await narrator.step('tutti config export', async () => {
    await tutti('config', 'export', folder);
    const { items } = await mcp.call('list_signing_keys', {});
    await writeFile(keys, JSON.stringify({ items }));
    return [
      undefined,
      `${(await readdir(folder, { recursive: true })).length} files and folders, for any server of files`,
    ];
  });
  await narrator.step('stop the server', async () => {
    await stopServer();
    return [undefined, 'nothing of Tutti runs any more'];
  });
  await narrator.step('tutti config verify', async () => {
    const whole = await tutti('config', 'verify', folder, '--keys', keys);
    expectEqual('the whole of it', whole.includes('whole and genuine'), true);
    const said = await tutti('config', 'verify', folder, '--keys', keys, '--client', 'codex', '--profile', profile);
    const { artifact_id, version, sequence } = JSON.parse(said);
    expectEqual('what is current', artifact_id, first.artifact_id);
    return [undefined, `codex/${profile} ${version}, statement ${sequence}: genuine, current, and meant for it`];
  });
}
