import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeToken } from '../../src/core/auth/store.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let tools: ToolServer;
let server: WorkflowServer;
const fail = new Set<unknown>();
let held = Promise.withResolvers<void>();
beforeAll(async () => {
  tools = await startToolServer({
    echo: { run: (args) => args, idempotent: true },
    pay: {
      run({ n }) {
        if (fail.has(n)) throw new Error('no funds');
        return { paid: n };
      },
    },
    slow: { run: () => held.promise.then(() => ({ done: true })) },
    large: { run: () => ({ text: 'x'.repeat(400_000) }), idempotent: true },
    mail: { run: () => ({ body: 'Dear billing desk, the code is 4711.' }), idempotent: true },
  });
  server = await startWorkflowServer(tools.flags('s'));
});
afterAll(async () => {
  held.resolve();
  await server.stop();
  await tools.stop();
});

const task = (tool: string, more: object = {}) => ({ Type: 'Task', Resource: `mcp://s/${tool}`, ...more });
const states = async (run_id: string, more: object = {}) =>
  (await server.ok('get_workflow_run', { run_id, page_size: 100, ...more })).states;

const paying = {
  Each: {
    Type: 'Map',
    Items: '{% $states.input.list %}',
    ItemProcessor: {
      StartAt: 'Pay',
      States: { Pay: task('pay', { Arguments: { n: '{% $states.input %}' }, End: true }) },
    },
    ToleratedFailurePercentage: 100,
    Next: 'Report',
  },
  Report: { Type: 'Pass', Output: '{% $count($states.input[$exists(paid)]) %}', End: true },
};

test('a failed item makes a run partial; redriven, it alone is called again and the run succeeds', async () => {
  await server.put('pay', paying);
  fail.add(2);
  const run = await server.run('pay', { list: [1, 2, 3] });
  expect(run).toMatchObject({ status: 'partial', output: 2, counts: { items: 3, items_failed: 1, calls: 3 } });
  fail.clear();
  const before = tools.calls.length;
  await server.ok('redrive_workflow_run', { run_id: run.run_id });
  expect(await server.ended(run.run_id)).toMatchObject({ status: 'succeeded', output: 3, redrives: 1 });
  expect(tools.calls.slice(before)).toEqual([{ tool: 'pay', args: { n: 2 } }]);
  const rows = await states(run.run_id);
  expect(rows.filter((row: { path: string }) => row.path === '0:Each[1]/0:Pay')).toMatchObject([
    {
      status: 'superseded',
      generation: 0,
      error: { Error: 'States.TaskFailed', Cause: expect.stringContaining('no funds') },
    },
    { status: 'succeeded', generation: 1 },
  ]);
});

test('a run that failed is redriven from the state that failed, or from a chosen one', async () => {
  await server.put('chain', {
    First: task('echo', { Arguments: { n: '{% $states.input.n %}' }, Next: 'Second' }),
    Second: task('pay', { End: true }),
  });
  fail.add(9);
  const run = await server.run('chain', { n: 9 });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'States.TaskFailed', state: '1:Second' } });
  fail.clear();
  const called = async (from?: string) => {
    const before = tools.calls.length;
    await server.ok('redrive_workflow_run', { run_id: run.run_id, ...(from && { from }) });
    expect(await server.ended(run.run_id)).toMatchObject({ status: 'succeeded', output: { paid: 9 } });
    return tools.calls.slice(before).map(({ tool }) => tool);
  };
  expect(await called()).toEqual(['pay']);
  expect(await called('First')).toEqual(['echo', 'pay']);
});

test('a large result is kept as an object, and is there after a redrive', async () => {
  await server.put('large', {
    Fetch: task('large', { Next: 'Length' }),
    Length: { Type: 'Pass', Output: '{% $length($states.input.text) %}', End: true },
  });
  const run = await server.run('large');
  expect(run).toMatchObject({ status: 'succeeded', output: 400_000 });
  const { rows } = await sql<{ kept: string[] }>`
    select array(select jsonb_object_keys(result)) as kept from workflow_states
    where run_id = ${run.run_id} order by seq`.execute(server.database.db);
  expect(rows.map(({ kept }) => kept)).toEqual([['ref'], ['v']]);
  await server.ok('redrive_workflow_run', { run_id: run.run_id, from: 'Length' });
  expect(await server.ended(run.run_id)).toMatchObject({ status: 'succeeded', output: 400_000 });
});

test('what a sensitive state fetched stands in no table, and its owner sees it', async () => {
  await server.put(
    'secret',
    {
      Fetch: task('mail', { Next: 'Report' }),
      Report: { Type: 'Pass', Output: '{% $length($states.input.body) %}', End: true },
    },
    { sensitive: ['Fetch'], public: ['Report'] },
  );
  const run = await server.run('secret');
  expect(run).toMatchObject({ status: 'succeeded', output: 36 });
  const { rows } = await sql<{ dump: string }>`
    select concat((select jsonb_agg(to_jsonb(s)) from workflow_states s), (select jsonb_agg(to_jsonb(r)) from workflow_runs r),
      (select jsonb_agg(to_jsonb(j)) from jobs j), (select jsonb_agg(to_jsonb(e)) from events e),
      (select jsonb_agg(to_jsonb(o)) from dbos.operation_outputs o)) as dump`.execute(server.database.db);
  expect([run.run_id, '4711'].map((word) => rows[0]?.dump.includes(word))).toEqual([true, false]);
  await server.ok('redrive_workflow_run', { run_id: run.run_id, from: 'Report' });
  expect(await server.ended(run.run_id)).toMatchObject({ output: 36 });
});

test('a run that is canceled ends its call, and what it left is in order', async () => {
  await server.put('slow', { Slow: task('slow', { End: true }) });
  held = Promise.withResolvers();
  const { run_id } = await server.ok('run_pipeline', { workflow: 'slow', wait_s: 0 });
  await expect.poll(() => tools.calls.at(-1)?.tool, { timeout: 30_000 }).toBe('slow');
  await server.ok('cancel_workflow_run', { run_id });
  expect(await server.ended(run_id)).toMatchObject({ status: 'canceled' });
  expect(await states(run_id)).toMatchObject([{ status: 'in_doubt', error: { Error: 'Tutti.ABANDONED' } }]);
  held.resolve();
});

test('a run that waits for long is canceled in order', async () => {
  await server.put('wait', { Wait: { Type: 'Wait', Seconds: 3600, End: true } });
  const { run_id } = await server.ok('run_pipeline', { workflow: 'wait', wait_s: 0 });
  const status = async () => (await server.ok('get_workflow_run', { run_id })).status;
  await expect.poll(status, { timeout: 30_000 }).toBe('waiting');
  await server.ok('cancel_workflow_run', { run_id });
  expect(await server.ended(run_id)).toMatchObject({ status: 'canceled' });
});

test('our own tools are called as the principal of the run, within the scopes of the definition', async () => {
  const own = { Own: { Type: 'Task', Resource: 'mcp://tutti/list_datasets', Arguments: {}, End: true } };
  await server.put('own', own, { scopes: ['lake:read'] });
  expect(await server.run('own')).toMatchObject({ status: 'succeeded', output: { items: [] } });
  await expect(server.put('beyond', own)).rejects.toThrow();
  const { secret } = await server.token('narrow', ['workflows:read', 'workflows:write']);
  expect(await server.run('own', {}, secret)).toMatchObject({ status: 'failed', error: { code: 'Tutti.FORBIDDEN' } });
});

test('a run whose token is revoked under way calls nothing more, neither our own tools nor those of others', async () => {
  held = Promise.withResolvers();
  const slow = task('slow', { Next: 'Then' });
  const own = { Type: 'Task', Resource: 'mcp://tutti/list_datasets', Arguments: {}, End: true };
  await server.put('then-own', { Slow: slow, Then: own }, { scopes: ['lake:read'] });
  await server.put('then-other', { Slow: slow, Then: task('echo', { End: true }) });
  const { id, secret } = await server.token('revoked', ['workflows:read', 'workflows:write', 'lake:read']);
  const before = tools.calls.length;
  const begin = async (workflow: string) =>
    (await server.ok('run_pipeline', { workflow, wait_s: 0 }, secret)).run_id as string;
  const runs = [await begin('then-own'), await begin('then-other')];
  await expect.poll(() => tools.calls.length, { timeout: 30_000 }).toBe(before + 2);
  await revokeToken(server.database.db, id);
  // Servers of others are called for as long as the last look at the token is fresh.
  await sleep(2100);
  held.resolve();
  const denied = { code: expect.stringMatching(/^Tutti\.(FORBIDDEN|UNAUTHENTICATED)$/), state: '1:Then' };
  for (const run of runs) expect(await server.ended(run)).toMatchObject({ status: 'failed', error: denied });
  expect(tools.calls.slice(before).map(({ tool }) => tool)).toEqual(['slow', 'slow']);
});

test('an outcome of the definition decides status and summary', async () => {
  const outcome = {
    status: "{% $states.result = 0 ? 'succeeded' : 'partial' %}",
    summary: "{% $states.input.n & ' of them' %}",
  };
  await server.put('outcome', { A: { Type: 'Pass', Output: '{% $states.input.n %}', End: true } }, { outcome });
  expect(await server.run('outcome', { n: 3 })).toMatchObject({ status: 'partial', summary: '3 of them' });
  const wrong = { ...outcome, status: '{% 1 %}' };
  await server.put('wrong', { A: { Type: 'Pass', Output: 1, End: true } }, { outcome: wrong });
  expect(await server.run('wrong')).toMatchObject({ status: 'failed', error: { code: 'States.QueryEvaluationError' } });
});
