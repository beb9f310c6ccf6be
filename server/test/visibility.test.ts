import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertRun, markDispatched } from '../src/capabilities/workflows/runs/store.ts';
import { noAuthority } from '../src/core/auth/authority.ts';
import { findPrincipalByName } from '../src/core/auth/store.ts';
import { createToken } from '../src/core/auth/tokens.ts';
import { inTransaction } from '../src/core/db/database.ts';
import { appendEvent } from '../src/core/events/store.ts';
import { newId } from '../src/core/ids.ts';
import { insertJob } from '../src/core/jobs/store.ts';
import { toolsets } from '../src/core/tool.ts';
import { type Receiver, startReceiver } from './support/hook-receiver.ts';
import { lakeOf } from './support/lake.ts';
import { type AnyClient, connectors } from './support/mcp-clients.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { webhooksOf } from './support/webhooks.ts';

/** A job of each toolset, all of one principal. */
const jobs = Object.fromEntries(toolsets.map((toolset) => [toolset, newId('job')]));
const all = [...toolsets].sort();
const expiresAt = new Date(Date.now() + 3_600_000);
let server: TestServer;
let dataset = '';
/** A workflow run of the owner. */
const run = newId('run');
let receiver: Receiver;
/** A webhook of the owner, to which the jobs are sent. */
let webhook = '';
/** The last event of those that are there from the beginning: everybody sees it who may read events. */
const last = 'last:event';

/** Whoever calls, the grants and the narrowing of the token, and the toolsets whose owned and unowned things it may see. */
interface Caller {
  readonly name: string;
  readonly grants: readonly string[];
  readonly only?: readonly string[];
  readonly owned: readonly string[];
  readonly shared: readonly string[];
}

const callers: Readonly<Record<string, Caller>> = {
  owner: { name: 'owner', grants: ['writer'], owned: all, shared: all },
  'somebody else': { name: 'other', grants: ['writer'], owned: [], shared: all },
  'an administrator': { name: 'chief', grants: ['admin'], owned: all, shared: all },
  'an administrator’s narrowed token': {
    name: 'chief',
    grants: ['admin'],
    only: ['reader'],
    owned: [],
    shared: all,
  },
  'nobody in particular': { name: 'nobody', grants: [], owned: [], shared: [] },
  ...Object.fromEntries(
    toolsets.flatMap((toolset): [string, Caller][] => {
      const grants = [...new Set([`${toolset}:read`, 'system:read'])];
      const seen = [...new Set([toolset, 'system'])].sort();
      return [
        [
          `the owner’s token for ${toolset}`,
          { name: 'owner', grants: ['writer'], only: grants, owned: seen, shared: seen },
        ],
        [`a reader of ${toolset}`, { name: `reader-${toolset}`, grants, owned: [], shared: seen }],
      ];
    }),
  ),
};

interface Asker {
  readonly token: string;
  readonly client: AnyClient;
}

/** Every way in which the job of a toolset can be seen: the toolsets of those that are. */
const surfaces: Readonly<Record<string, (asker: Asker) => Promise<string[]>>> = {
  'list_jobs over REST': async ({ token }) => ofJobs((await server.call('list_jobs', {}, token)).body.items ?? []),
  'list_jobs by kind over REST': ({ token }) =>
    eachToolset(async (toolset) => {
      const { body } = await server.call('list_jobs', { kind: `${toolset}.test` }, token);
      return (body.items ?? []).some((job: { id: string }) => job.id === jobs[toolset]);
    }),
  'list_jobs over MCP': async ({ client }) =>
    ofJobs((await client.callTool({ name: 'list_jobs', arguments: {} })).structuredContent?.items ?? []),
  'list_jobs through call_tool': async ({ client }) =>
    ofJobs(
      (await client.callTool({ name: 'call_tool', arguments: { name: 'list_jobs' } })).structuredContent?.items ?? [],
    ),
  'job_status over REST': ({ token }) =>
    eachToolset(async (toolset) => found(await server.call('job_status', { job_id: jobs[toolset] }, token))),
  'job_status over MCP': ({ client }) =>
    eachToolset(async (toolset) => {
      const result = await client.callTool({ name: 'job_status', arguments: { job_id: jobs[toolset] } });
      if (!result.isError) return true;
      expect(JSON.parse(result.content[0].text).error.code).toMatch(/^(NOT_FOUND|FORBIDDEN)$/);
      return false;
    }),
  'the resource over REST': ({ token }) =>
    eachToolset(async (toolset) =>
      found(await raw(`${server.url}/resources/job/${jobs[toolset]}`, { headers: bearer(token) })),
    ),
  'the resource over MCP': ({ client }) =>
    eachToolset((toolset) =>
      client.readResource({ uri: `job://${jobs[toolset]}` }).then(
        () => true,
        () => false,
      ),
    ),
  'completion over MCP': ({ client }) =>
    eachToolset(async (toolset) => {
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri: 'job://{id}' },
        argument: { name: 'id', value: jobs[toolset] ?? '' },
      });
      return completion.values.includes(jobs[toolset]);
    }),
  'poll_events over REST': async ({ token }) => ofEvents(await polled(token), 'job:'),
  'updates over MCP': ({ token }) => updated(token),
  'list_deliveries over REST': async ({ token }) =>
    ofEvents((await server.call('list_deliveries', { webhook_id: webhook }, token)).body.items ?? [], 'job:'),
  'events as they stream': async ({ token }) => ofEvents(await streamed(token), 'job:'),
};

beforeAll(async () => {
  receiver = await startReceiver();
  server = await startTestServer(['--egress-allow', '127.0.0.1']);
  const { db } = server.database;
  const { body } = await server.call('list_jobs', {}, (await mint(callers.owner as Caller)).secret);
  expect(body.items).toEqual([]);
  const owner = await idOf('owner');
  const url = `${receiver.url}/jobs`;
  const { secret } = await mint(callers.owner as Caller);
  webhook = (await webhooksOf(server).put({ name: 'jobs', url, types: ['job.updated'] }, secret)).id;
  await inTransaction(db, async (tx) => {
    for (const toolset of toolsets) {
      const kind = `${toolset}.test`;
      const job = {
        id: jobs[toolset] ?? '',
        kind,
        handler: `${kind}@1`,
        toolset,
        authority: { ...noAuthority, principalId: owner },
      };
      await insertJob(tx, { ...job, dataset_id: null, input: {}, metadata: {}, timeout_s: 86_400 });
      await appendEvent(tx, { type: 'test.shared', subject: `shared:${toolset}`, toolset, data: {} });
    }
  });
  await inTransaction(db, async (tx) => {
    const { principalId: _, ...authority } = noAuthority;
    const acting = { id: run, job_id: jobs.workflows ?? '', owner, authority, seed: '' };
    await insertRun(tx, { ...acting, workflow: 'seen', version: 1, trigger: { kind: 'manual' }, input: { v: {} } });
    await markDispatched(tx, run);
  });
  dataset = await lakeOf(server).dataset('shared');
  await inTransaction(db, (tx) => appendEvent(tx, { type: 'test.last', subject: last, toolset: 'system', data: {} }));
});
afterAll(async () => {
  await server.stop();
  await receiver.stop();
});

describe.each(Object.entries(callers))('%s', (_who, caller) => {
  let asker: Asker;
  beforeAll(async () => {
    const { secret: token } = await mint(caller);
    const { client } = await (connectors['v2 client, negotiating'] as NonNullable<(typeof connectors)[string]>)(
      `${server.url}/mcp/all`,
      token,
    );
    asker = { token, client };
  });
  afterAll(() => asker.client.close());

  test.each(Object.entries(surfaces))('sees jobs by %s: those that it may see', async (_surface, look) => {
    expect(await look(asker)).toEqual(caller.owned);
  });

  test('sees of what nobody owns what its toolsets have', async () => {
    expect(ofEvents(await polled(asker.token), 'shared:')).toEqual(caller.shared);
    expect(ofEvents(await streamed(asker.token), 'shared:')).toEqual(caller.shared);
  });

  test('is sent by a webhook what it may see', async () => {
    const { db } = server.database;
    const [owner, hooks] = [await idOf('owner'), webhooksOf(server)];
    const only = caller.only && [...caller.only, 'system:write'];
    const { secret } = await mint({ ...caller, grants: [...caller.grants, 'system:write'], ...(only && { only }) });
    const types = ['test.hooked'];
    const sink = await hooks.put({ name: 'all', url: `${receiver.url}/all`, types });
    const { id } = await hooks.put({ name: 'own', url: `${receiver.url}/${newId('own')}`, types }, secret);
    await inTransaction(db, async (tx) => {
      for (const toolset of all) {
        const event = { type: 'test.hooked', toolset, data: {} };
        await appendEvent(tx, { ...event, subject: `job:${jobs[toolset]}`, owner });
        await appendEvent(tx, { ...event, subject: `shared:${toolset}` });
      }
    });
    await hooks.deliveries(sink.id, (items) => items.length === 2 * all.length);
    const isThere = caller.owned.length + caller.shared.length;
    const sent = await hooks.deliveries(
      id,
      (items) => items.filter((one) => one.state === 'delivered').length === isThere,
    );
    const { url } = (await hooks.ok('list_webhooks', { page_size: 200 })).items.find(
      (item: { id: string }) => item.id === id,
    );
    for (const events of [sent, receiver.at(new URL(url).pathname).map(({ body }) => body)]) {
      expect([ofEvents(events, 'job:'), ofEvents(events, 'shared:')]).toEqual([caller.owned, caller.shared]);
    }
    for (const one of [sink.id, id]) await hooks.ok('delete_webhook', { webhook_id: one });
  });

  test('sees datasets with the scope of the lake, by every way', async () => {
    const { token, client } = asker;
    const listed = await server.call('list_datasets', {}, token);
    const ways = [
      (listed.body.items ?? []).some((item: { id: string }) => item.id === dataset),
      found(await server.call('get_dataset', { dataset_id: dataset }, token)),
      found(await raw(`${server.url}/resources/dataset/${dataset}`, { headers: bearer(token) })),
      await client.readResource({ uri: `dataset://${dataset}` }).then(
        () => true,
        () => false,
      ),
      (await polled(token)).some((event) => event.subject === `dataset:${dataset}`),
    ];
    expect(ways).toEqual(ways.map(() => caller.shared.includes('lake')));
  });
});

describe.each(Object.entries(callers))('%s', (_who, caller) => {
  test('sees a workflow run that it may see, by every way', async () => {
    const { secret: token } = await mint(caller);
    const { client } = await (connectors['v2 client, negotiating'] as NonNullable<(typeof connectors)[string]>)(
      `${server.url}/mcp/all`,
      token,
    );
    const listed = await server.call('list_workflow_runs', {}, token);
    const argument = { name: 'run_id', value: run };
    const { completion } = await client.complete({ ref: { type: 'ref/resource', uri: runTemplate }, argument });
    const ways = [
      (listed.body.items ?? []).some((item: { run_id: string }) => item.run_id === run),
      found(await server.call('get_workflow_run', { run_id: run }, token)),
      found(await raw(`${server.url}/resources/pipeline-run/${run}`, { headers: bearer(token) })),
      found(await raw(`${server.url}/resources/pipeline_run/${run}`, { headers: bearer(token) })),
      await client.readResource({ uri: `pipeline-run://${run}` }).then(
        () => true,
        () => false,
      ),
      completion.values.includes(run),
      typeof (await server.call('get_status', {}, token)).body.last_run === 'string',
    ];
    expect(ways).toEqual(ways.map(() => caller.owned.includes('workflows')));
    const told = (await polled(token)).some((event) => event.subject === `pipeline-run:${run}`);
    expect(told).toBe(caller.owned.includes('workflows') && caller.shared.includes('system'));
    await client.close();
  });
});

const runTemplate = 'pipeline-run://{run_id}';
type Event = { readonly subject: string };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const mint = ({ name, grants, only }: Caller) =>
  createToken(server.database.db, { name, grants, expiresAt, ...(only && { only }) });

async function idOf(name: string): Promise<string> {
  return (await findPrincipalByName(server.database.db, name))?.id ?? '';
}

function found({ status, body }: { status: number; body: { error?: { code: string } } }): boolean {
  if (status === 200) return true;
  // What may not be seen answers like what does not exist, or the tool is refused before it looks.
  expect(body.error?.code).toMatch(/^(NOT_FOUND|DATASET_NOT_FOUND|WORKFLOW_RUN_NOT_FOUND|FORBIDDEN)$/);
  return false;
}

async function eachToolset(isSeen: (toolset: string) => Promise<boolean>): Promise<string[]> {
  const seen = await Promise.all(all.map(isSeen));
  return all.filter((_, index) => seen[index]);
}

function ofJobs(items: readonly { id: string }[]): string[] {
  return all.filter((toolset) => items.some((item) => item.id === jobs[toolset]));
}

function ofEvents(events: readonly Event[], kind: 'job:' | 'shared:'): string[] {
  return all.filter((toolset) => {
    const subject = kind === 'job:' ? `job:${jobs[toolset]}` : `shared:${toolset}`;
    return events.some((event) => event.subject === subject);
  });
}

async function polled(token: string): Promise<Event[]> {
  const { status, body } = await server.call('poll_events', { since: '0.0', page_size: 200 }, token);
  return status === 200 ? body.items : [];
}

/** The events of a stream from the beginning to that last one. */
async function streamed(token: string): Promise<Event[]> {
  const response = await fetch(`${server.url}/events?since=0.0`, { headers: bearer(token) });
  if (response.status !== 200 || !response.body) return [];
  const events: Event[] = [];
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data) events.push(JSON.parse(data));
    }
    if (events.some((event) => event.subject === last)) break;
  }
  return events;
}

/** The toolsets of whose jobs an MCP subscription is told when all of them change. */
async function updated(token: string): Promise<string[]> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/all`), { requestInit: { headers: bearer(token) } }),
  );
  const told = new Set<string>();
  const done = Promise.withResolvers<void>();
  const end = 'end://of-it';
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    told.add(params.uri);
    if (params.uri === end) done.resolve();
  });
  await client.listen({ resourceSubscriptions: [...all.map((toolset) => `job://${jobs[toolset]}`), end] });
  const owner = await idOf('owner');
  await inTransaction(server.database.db, async (tx) => {
    const type = 'test.updated';
    for (const toolset of all)
      await appendEvent(tx, { type, subject: `job:${jobs[toolset]}`, toolset, owner, data: {} });
    await appendEvent(tx, { type, subject: 'end:of-it', toolset: 'system', data: {} });
  });
  // Who may read no events is not told of the end either: some time has to do.
  const mayRead = (await server.call('poll_events', {}, token)).status === 200;
  await (mayRead ? done.promise : sleep(500));
  await client.close();
  return all.filter((toolset) => told.has(`job://${jobs[toolset]}`));
}
