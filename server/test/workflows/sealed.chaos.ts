import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantSecret, putSecret } from '../../src/core/auth/secrets/store.ts';
import { createToken } from '../../src/core/auth/tokens.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { odd } from '../support/downstream/bench.ts';
import { type Collector, startCollector } from '../support/otlp-collector.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';
import { workflowDocument } from '../support/workflows.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** What a sensitive state reads, and a secret that servers are given and repeat. */
const mail = 'Dear-billing-desk-the-code-is-4711';
const secret = 'the-token-of-the-mail-server-0815';

let tools: ToolServer;
let collector: Collector;
let database: TestDatabase;
let server: ServeProcess;
let logged = '';
let gate = Promise.withResolvers<void>();
const base = makeTempDir('sealed');
const dataDir = path.join(base, 'data');

async function start(): Promise<void> {
  const servers = [
    { name: 's', url: tools.url, bearer: 'secret:mail-token' },
    odd('odd', { env: { TOKEN: 'secret:mail-token' } }),
  ];
  const flags = ['--workflows-servers', JSON.stringify(servers), '--egress-allow', '127.0.0.1/32'];
  const traces = ['--telemetry-otlp-url', collector.url, '--log-level', 'trace'];
  const env = { MAIL_TOKEN: secret };
  server = await serveProcess(dataDir, ['--database-url', database.url, ...flags, ...traces], { env });
}

async function kill(): Promise<void> {
  await server.kill();
  logged += server.output();
}

beforeAll(async () => {
  collector = await startCollector();
  database = await createTestDatabase();
  tools = await startToolServer({
    fetch: { run: () => ({ mails: [1, 2].map((id) => ({ id, body: mail })), by: secret }), idempotent: true },
    large: { run: ({ body }) => ({ text: `${String(body)} ${'x'.repeat(400_000)}` }), idempotent: true },
    fail: {
      run({ body }) {
        throw new Error(`cannot read ${String(body)} with ${secret}`);
      },
    },
    slow: { run: ({ body }) => gate.promise.then(() => ({ body })), idempotent: true },
    pay: { run: ({ body }) => gate.promise.then(() => ({ body })) },
  });
  await start();
  await putSecret(database.db, 'mail-token', 'env:MAIL_TOKEN');
  await grantSecret(database.db, 'mail-token', { toolset: 'workflows' });
});
afterAll(async () => {
  gate.resolve();
  await server.kill();
  await tools.stop();
  await collector.close();
  await database.close();
  rmSync(base, { recursive: true, force: true });
});

async function ok(name: string, input: unknown): Promise<Body> {
  const { status, body } = await server.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}

async function call(name: string, input: unknown, token: string): Promise<Body> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.url}/tools/${name}`, { method: 'POST', headers, body: JSON.stringify(input) });
  return { status: response.status, body: await response.json() };
}
const tokenOf = async (name: string, grants: readonly string[]) =>
  (await createToken(database.db, { name, grants, expiresAt: new Date(Date.now() + 3_600_000) })).secret;

/** Runs states after one that fetched a mail, which alone is declared as sensitive. */
async function begin(name: string, states: Record<string, object>, more: object = {}): Promise<Body> {
  const [first] = Object.keys(states);
  const fetching = { Fetch: task('fetch', { ...(first ? { Next: first } : { End: true }) }), ...states };
  const definition = workflowDocument(name, fetching, { sensitive: ['Fetch'], scopes: ['system:read'], ...more });
  await ok('put_workflow', { definition });
  return ok('run_pipeline', { workflow: name, wait_s: 0 });
}
const ended = (run_id: string): Promise<Body> => ok('get_workflow_run', { run_id, wait_s: 15 });
const runs = async (name: string, states: Record<string, object>, more: object = {}): Promise<Body> =>
  ended((await begin(name, states, more)).run_id);

const task = (tool: string, more: object) => ({ Type: 'Task', Resource: `mcp://s/${tool}`, ...more });
const pass = (more: object) => ({ Type: 'Pass', End: true, ...more });
const body = '{% $states.input.mails[0].body %}';
const called = (tool: string) => () => tools.calls.filter((call) => call.tool === tool).length;

/** Where a word stands: tables, files of the data directory, the log, the traces, the metrics. */
async function placesOf(word: string): Promise<string[]> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(database.db);
  expect(rows.length).toBeGreaterThan(40);
  const found: string[] = [];
  for (const { schema, name } of rows) {
    const hex = Buffer.from(word).toString('hex');
    const hits = await sql`
      select 1 from ${sql.table(`${schema}.${name}`)} as t
      where strpos(t::text, ${word}) > 0 or strpos(t::text, ${hex}) > 0 limit 1`.execute(database.db);
    if (hits.rows.length > 0) found.push(`${schema}.${name}`);
  }
  for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && readFileSync(file).includes(word)) found.push(file);
  }
  const headers = { authorization: `Bearer ${server.token}` };
  const metrics = await (await fetch(`${server.url}/metrics`, { headers })).text();
  const texts = { log: logged + server.output(), traces: collector.wire(), metrics };
  for (const [place, text] of Object.entries(texts)) {
    expect({ place, kept: text.length > 1000 }).toEqual({ place, kept: true });
    if (text.includes(word)) found.push(place);
  }
  return found;
}

const nowhere = async () => expect([await placesOf(mail), await placesOf(secret)]).toEqual([[], []]);

test('what a run succeeded with', async () => {
  const item = task('fail', { Arguments: { body: '{% $states.input.body %}' }, End: true });
  const retried = { ...item, Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 1 }] };
  const run = await runs('succeeds', {
    Large: task('large', { Arguments: { body }, Assign: { kept: body }, Output: '{% $states.input %}', Next: 'Each' }),
    Each: {
      Type: 'Map',
      Items: '{% $states.input.mails %}',
      ToleratedFailurePercentage: 100,
      ItemProcessor: { StartAt: 'Read', States: { Read: retried } },
      Next: 'Own',
    },
    Own: {
      Type: 'Task',
      Resource: 'mcp://tutti/job_status',
      Arguments: { job_id: '{% $kept %}' },
      Catch: [{ ErrorEquals: ['Tutti.NOT_FOUND', 'Tutti.INVALID_INPUT', 'Tutti.JOB_NOT_FOUND'], Next: 'Whole' }],
      Next: 'Whole',
    },
    Whole: task('large', { Arguments: { body: '{% $kept %}' }, End: true }),
  });
  expect(run).toMatchObject({ status: 'partial', output_omitted: 'sensitive' });
  await nowhere();
  const whole = await ok('get_workflow_run', { run_id: run.run_id, include_data: true, include_sensitive: true });
  expect(JSON.stringify(whole)).toContain(mail);
  expect(JSON.stringify(whole)).not.toContain(secret);
});

test('what a run failed with, by a tool, an expression or its own word', async () => {
  const failed = [
    await runs('by-tool', { Bad: task('fail', { Arguments: { body }, End: true }) }),
    await runs('by-expression', { Bad: pass({ Output: '{% $number($states.input.mails[0].body) %}' }) }),
    await runs('by-word', { Bad: { Type: 'Fail', Error: body, Cause: body } }),
    await runs('by-outcome', {}, { outcome: { status: '{% $number($states.result.mails[0].body) %}' } }),
    await runs('by-status', {}, { outcome: { status: '{% $states.result.mails[0].body %}' } }),
  ];
  expect(failed.map(({ status }) => status)).toEqual(failed.map(() => 'failed'));
  const said = await runs('summed', {}, { outcome: { summary: '{% $states.result.mails[0].body %}' } });
  expect(said).toMatchObject({ status: 'succeeded' });
  await nowhere();
});

test('what a call was given that the process was killed in', async () => {
  const { run_id } = await begin('killed', { Slow: task('slow', { Arguments: { body }, End: true }) });
  await expect.poll(called('slow'), { timeout: 30_000 }).toBe(1);
  await nowhere();
  await kill();
  gate.resolve();
  await start();
  expect(await ended(run_id)).toMatchObject({ status: 'succeeded', output_omitted: 'sensitive' });
  await nowhere();
});

test('what somebody found out of a call in doubt, once the run went on with it', async () => {
  gate = Promise.withResolvers();
  const { run_id, job_id } = await begin('doubted', { Pay: task('pay', { Arguments: { body }, End: true }) });
  await expect.poll(called('pay'), { timeout: 30_000 }).toBe(1);
  await kill();
  gate.resolve();
  await start();
  expect(await ended(run_id)).toMatchObject({ status: 'in_doubt' });
  await ok('resolve_in_doubt_call', { job_id, outcome: 'completed', result: { body: mail } });
  expect(await ended(run_id)).toMatchObject({ status: 'succeeded', output_omitted: 'sensitive' });
  await nowhere();
});

test('what somebody is asked, and answers', async () => {
  const fields = { type: 'object', required: ['note'], properties: { note: { type: 'string', title: body } } };
  const { run_id } = await begin('asked', {
    Ask: {
      Type: 'Task',
      Resource: 'mcp://tutti/request_approval',
      Arguments: { message: body, fields },
      End: true,
    },
  });
  const reader = await tokenOf('reader', ['workflows:read']);
  const approver = await tokenOf('approver', ['workflows:read', 'workflows:write']);
  const list = async (token: string) => (await call('list_workflow_approvals', { run_id }, token)).body.items;
  await expect.poll(async () => (await list(approver)).length, { timeout: 30_000 }).toBe(1);
  const [{ approval_id, ...shown }] = await list(approver);
  expect(shown).toMatchObject({ message: mail, fields: { properties: { note: { title: mail } } } });
  expect(JSON.stringify([await list(reader), await ok('get_workflow_run', { run_id })])).not.toContain(mail);
  await nowhere();
  const refused = await call('resolve_approval', { approval_id, decision: 'approve', values: {} }, approver);
  expect(refused).toMatchObject({ status: 422, body: { error: { code: 'VALIDATION_FAILED' } } });
  const answer = { approval_id, decision: 'approve', values: { note: mail }, comment: mail, idempotency_key: 'once' };
  expect(await call('resolve_approval', answer, approver)).toMatchObject({ status: 200 });
  expect(await ended(run_id)).toMatchObject({ status: 'succeeded', output_omitted: 'sensitive' });
  const whole = await ok('get_workflow_run', { run_id, include_data: true, include_sensitive: true });
  expect(whole.output).toMatchObject({ approved: true, values: { note: mail } });
  await nowhere();
});

test('a secret that a server was given and tells, in a result that is not sealed and in an error', async () => {
  const tell = { Type: 'Task', Resource: 'mcp://odd/env', Arguments: {}, Next: 'File' };
  const file = { Type: 'Task', Resource: 'mcp://odd/read_file', Arguments: { file: '/proc/self/environ' } };
  const definition = workflowDocument('tells', {
    Tell: tell,
    File: { ...file, Next: 'Bad' },
    Bad: task('fail', { Arguments: { body: 'nothing' }, End: true }),
  });
  await ok('put_workflow', { definition });
  const { run_id } = await ok('run_pipeline', { workflow: 'tells', input: { body: 'nothing' }, wait_s: 15 });
  const run = await ok('get_workflow_run', { run_id, include_data: true });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'States.TaskFailed' } });
  // It did have it: what stands in its place tells so.
  expect(run.states[0].output.env).toHaveProperty('TOKEN');
  expect(JSON.stringify(run)).not.toContain(secret);
  expect(await placesOf(secret)).toEqual([]);
});
