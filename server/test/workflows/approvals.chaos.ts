import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createToken } from '../../src/core/auth/tokens.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';
import { workflowDocument } from '../support/workflows.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

let tools: ToolServer;
let database: TestDatabase;
let server: ServeProcess;
let other = '';
let gate = Promise.withResolvers<void>();
const dataDir = makeTempDir('approvals-kill');

beforeAll(async () => {
  tools = await startToolServer({
    read: { run: ({ n }) => gate.promise.then(() => ({ n })), idempotent: true },
    pay: { run: ({ n }) => gate.promise.then(() => ({ paid: n })) },
  });
  database = await createTestDatabase();
  server = await start();
  const grants = ['workflows:read', 'workflows:write'];
  const expiresAt = new Date(Date.now() + 3_600_000);
  other = (await createToken(database.db, { name: 'other', grants, expiresAt })).secret;
  for (const [name, expires_s] of Object.entries({ asking: 3600, hasty: 6 })) {
    const definition = workflowDocument(name, {
      Ask: ask(expires_s),
      Sent: { Type: 'Pass', End: true },
      Refused: refused,
    });
    await ok('put_workflow', { definition });
  }
  for (const tool of ['read', 'pay']) {
    const call = { Type: 'Task', Resource: `mcp://s/${tool}`, Arguments: { n: 7 }, TimeoutSeconds: 300, End: true };
    await ok('put_workflow', { definition: workflowDocument(tool, { Call: call }) });
  }
});
beforeEach(() => {
  gate = Promise.withResolvers();
});
afterAll(async () => {
  gate.resolve();
  await server?.kill();
  await tools?.stop();
  await database?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const refused = { Type: 'Pass', Output: '{% $states.input.Error %}', End: true };
const ask = (expires_s: number) => ({
  Type: 'Task',
  Resource: 'mcp://tutti/request_approval',
  Arguments: { message: 'Send?', expires_s },
  Output: '{% $states.result.approved %}',
  Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Refused' }],
  Next: 'Sent',
});
const start = () => serveProcess(dataDir, ['--database-url', database.url, '--jobs-drain-s', '2', ...tools.flags('s')]);

async function ok(name: string, input: unknown): Promise<Body> {
  const { status, body } = await server.call(name, input);
  expect({ name, status, body: status === 200 || body }).toEqual({ name, status: 200, body: true });
  return body;
}
async function begin(workflow: string): Promise<Body> {
  return ok('run_pipeline', { workflow, input: {}, wait_s: 0 });
}
async function end(run_id: string): Promise<Body> {
  for (;;) {
    const run = await ok('get_workflow_run', { run_id, wait_s: 5 });
    if (run.ended_at) return run;
  }
}
/** Waits until the run waits for somebody and holds nothing of the process. */
async function parked({ run_id, job_id }: Body): Promise<string> {
  const state = async () => {
    const { rows } = await sql<{ state: string }>`
      select jobs.state || ' ' || engine.status as state from jobs join dbos.workflow_status as engine
      on engine.workflow_uuid = jobs.id where jobs.id = ${job_id}`.execute(database.db);
    return rows[0]?.state;
  };
  await expect.poll(state, { timeout: 30_000 }).toBe('waiting SUCCESS');
  return (await ok('get_workflow_run', { run_id })).approvals[0].approval_id;
}
async function resolve(approval_id: string, decision: string): Promise<number> {
  const headers = { authorization: `Bearer ${other}` };
  const body = JSON.stringify({ approval_id, decision });
  return (await fetch(`${server.url}/tools/resolve_approval`, { method: 'POST', headers, body })).status;
}
const came = (tool: string) => tools.calls.filter((call) => call.tool === tool).length;

test('killed while runs wait for somebody: they still wait, and go on as was decided after it', async () => {
  const runs = [await begin('asking'), await begin('asking'), await begin('asking')];
  const [yes = '', no = '', open = ''] = [await parked(runs[0]), await parked(runs[1]), await parked(runs[2])];
  await server.kill();
  server = await start();
  const statuses = async () =>
    Promise.all(runs.map(async ({ run_id }) => (await ok('get_workflow_run', { run_id })).status));
  expect(await statuses()).toEqual(['waiting', 'waiting', 'waiting']);
  expect([await resolve(yes, 'approve'), await resolve(no, 'reject')]).toEqual([200, 200]);
  expect(await end(runs[0].run_id)).toMatchObject({ status: 'succeeded', output: true });
  expect(await end(runs[1].run_id)).toMatchObject({ status: 'succeeded', output: 'Tutti.ApprovalRejected' });
  expect(await statuses()).toEqual(['succeeded', 'succeeded', 'waiting']);
  // Asked once, whatever was killed in between.
  const asked = await sql<{ count: number }>`select count(*)::int as count from workflow_approvals`.execute(
    database.db,
  );
  expect(asked.rows[0]?.count).toBe(3);
  await ok('cancel_workflow_run', { run_id: runs[2].run_id });
  expect(await end(runs[2].run_id)).toMatchObject({ status: 'canceled' });
  expect(await resolve(open, 'approve')).toBe(409);
});

test('killed as soon as somebody decided, and while the time to decide runs out: each goes on without another word', async () => {
  const [decided, late] = [await begin('asking'), await begin('hasty')];
  const [approval, missed] = [await parked(decided), await parked(late)];
  expect(await resolve(approval, 'approve')).toBe(200);
  await server.kill();
  const expired = async () => {
    const { rows } = await sql`select 1 from workflow_approvals where id = ${missed} and expires_at < now()`.execute(
      database.db,
    );
    return rows.length;
  };
  await expect.poll(expired, { timeout: 30_000 }).toBe(1);
  server = await start();
  expect(await end(decided.run_id)).toMatchObject({ status: 'succeeded', output: true });
  expect(await end(late.run_id)).toMatchObject({ status: 'succeeded', output: 'States.Timeout' });
  expect(await resolve(missed, 'approve')).toBe(409);
});

test('an orderly stop while a run waits for somebody leaves it as it is', async () => {
  const run = await begin('asking');
  const approval = await parked(run);
  expect(await server.stop()).toBe(0);
  server = await start();
  expect(await ok('get_workflow_run', { run_id: run.run_id })).toMatchObject({ status: 'waiting' });
  expect(await resolve(approval, 'approve')).toBe(200);
  expect(await end(run.run_id)).toMatchObject({ status: 'succeeded', output: true });
});

test.each(['SIGTERM', 'SIGKILL'])(
  '%s with calls under way: one that may be repeated is, the other is in doubt',
  async (signal) => {
    const before = { read: came('read'), pay: came('pay') };
    const [read, pay] = [await begin('read'), await begin('pay')];
    await expect
      .poll(() => [came('read') - before.read, came('pay') - before.pay], { timeout: 30_000 })
      .toEqual([1, 1]);
    if (signal === 'SIGTERM') expect(await server.stop()).toBe(0);
    else await server.kill();
    gate.resolve();
    server = await start();
    expect(await end(read.run_id)).toMatchObject({ status: 'succeeded', output: { n: 7 } });
    expect(await end(pay.run_id)).toMatchObject({
      status: 'in_doubt',
      error: { code: 'Tutti.IN_DOUBT', state: '0:Call' },
    });
    expect([came('read') - before.read, came('pay') - before.pay]).toEqual([2, 1]);
    await ok('resolve_in_doubt_call', { job_id: pay.job_id, outcome: 'completed', result: { paid: 7 } });
    expect(await end(pay.run_id)).toMatchObject({ status: 'succeeded', output: { paid: 7 } });
    expect(came('pay') - before.pay).toBe(1);
  },
);

test('SIGTERM with calls that answer before it is over: nothing is repeated, nothing in doubt', async () => {
  const before = { read: came('read'), pay: came('pay') };
  const [read, pay] = [await begin('read'), await begin('pay')];
  await expect.poll(() => [came('read') - before.read, came('pay') - before.pay], { timeout: 30_000 }).toEqual([1, 1]);
  const stopped = server.stop();
  await expect
    .poll(
      () =>
        server.call('get_status', {}).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 30_000 },
    )
    .not.toBe(200);
  gate.resolve();
  expect(await stopped).toBe(0);
  server = await start();
  expect(await end(read.run_id)).toMatchObject({ status: 'succeeded', output: { n: 7 } });
  expect(await end(pay.run_id)).toMatchObject({ status: 'succeeded', output: { paid: 7 } });
  expect([came('read') - before.read, came('pay') - before.pay]).toEqual([1, 1]);
});
