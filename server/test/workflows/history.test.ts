import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raw } from '../support/raw.ts';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let server: WorkflowServer;
let owner = '';
let other = '';
beforeAll(async () => {
  server = await startWorkflowServer();
  owner = (await server.token('owner', ['writer'])).secret;
  other = (await server.token('other', ['writer'])).secret;
});
afterAll(() => server.stop());

const big = 'x'.repeat(300_000);

test('the history has each state with its tries, and its data on request, in pages', async () => {
  const item = { Pass: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } };
  await server.put('mapped', {
    Each: {
      Type: 'Map',
      Items: [1, 2, 3],
      ItemProcessor: { StartAt: 'Pass', States: item },
      End: true,
    },
  });
  const run = await server.run('mapped');
  expect(run).toMatchObject({ status: 'succeeded', output: [2, 4, 6], counts: { items: 3 } });
  const bare = await server.ok('get_workflow_run', { run_id: run.run_id });
  const paths = bare.states.map(({ path }: { path: string }) => path).sort();
  expect(paths).toEqual(['0:Each', ...[0, 1, 2].flatMap((n) => [`0:Each[${n}]`, `0:Each[${n}]/0:Pass`])]);
  for (const state of bare.states) expect(state).not.toHaveProperty('output');
  const seen: string[] = [];
  let page: string | undefined;
  do {
    const some = await server.ok('get_workflow_run', { run_id: run.run_id, page_size: 3, ...(page && { page }) });
    seen.push(...some.states.map(({ path }: { path: string }) => path));
    page = some.next_page;
  } while (page);
  expect(seen.sort()).toEqual(paths);
  const within = { run_id: run.run_id, within: '0:Each[1]/', include_data: true };
  expect((await server.ok('get_workflow_run', within)).states).toMatchObject([
    { name: 'Pass', status: 'succeeded', input: 2, output: 4, ms: expect.any(Number) },
  ]);
});

test('what failed runs again once its cause is gone, and what went well does not', async () => {
  const get = { Type: 'Task', Resource: 'mcp://tutti/list_objects', Arguments: { dataset_id: '{% $id %}' } };
  const states = {
    Count: { Type: 'Pass', Assign: { id: '{% $states.input.id %}' }, Next: 'Look' },
    Look: { ...get, Output: '{% $count($states.result.items) %}', End: true },
  };
  await server.put('looking', states, { scopes: ['lake:read'] });
  const { id } = await server.ok('register_dataset', { name: 'later', uri: 'tutti://later' }, owner);
  // It may not read the lake: only the last state fails.
  const narrow = (await server.token('owner-now', ['workflows:read', 'workflows:write'])).secret;
  const run = await server.run('looking', { id }, narrow);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'Tutti.FORBIDDEN' } });
  expect(await server.fails('redrive_workflow_run', { run_id: run.run_id }, owner)).toMatchObject({
    code: 'WORKFLOW_RUN_NOT_FOUND',
  });
  const again = await server.ok('redrive_workflow_run', { run_id: run.run_id }, narrow);
  expect(again).toMatchObject({ run_id: run.run_id, redrives: 1 });
  // What its principal may do counts as it is now, but never more than what it began with.
  expect(await server.ended(run.run_id, narrow)).toMatchObject({ status: 'failed', redrives: 1 });
  const seen = await server.ok('get_workflow_run', { run_id: run.run_id }, narrow);
  const looks = seen.states.map(({ name, status, generation }: Record<string, unknown>) => [name, status, generation]);
  expect(looks).toEqual([
    ['Count', 'succeeded', 0],
    ['Look', 'superseded', 0],
    ['Look', 'failed', 1],
  ]);
  const other = await server.run('looking', { id: 'ds_missing' }, owner);
  expect(other).toMatchObject({ status: 'failed' });
  await server.ok('redrive_workflow_run', { run_id: other.run_id, from: 'Count' }, owner);
  const redriven = await server.ended(other.run_id, owner);
  expect(redriven.states.filter(({ name }: { name: string }) => name === 'Count')).toHaveLength(2);
  const odd = { run_id: other.run_id, from: 'Nowhere' };
  expect(await server.fails('redrive_workflow_run', odd, owner)).toMatchObject({ code: 'CONFLICT' });
});

test('an output that is large is kept as an object and shown when it is asked for', async () => {
  await server.put('large', { Big: { Type: 'Pass', Output: `{% $pad('', 300000, 'x') %}`, End: true } });
  const run = await server.run('large');
  expect(run).toMatchObject({ status: 'succeeded', output_omitted: expect.stringMatching(/^\d+ bytes$/) });
  expect(run).not.toHaveProperty('output');
  const whole = await server.ok('get_workflow_run', { run_id: run.run_id, include_data: true });
  expect(whole.output).toBe(big);
});

test('sensitive data is shown to the owner of the run alone', async () => {
  const secret = 'the-body-of-a-private-mail';
  const states = {
    Fetch: { Type: 'Pass', Output: { body: '{% $states.input.body %}' }, Next: 'Report' },
    Report: { Type: 'Pass', Output: { read: 1 }, End: true },
  };
  await server.put('private', states, { sensitive: true });
  const run = await server.run('private', { body: secret }, owner);
  expect(run).toMatchObject({ status: 'succeeded', output_omitted: 'sensitive' });
  const asked = { run_id: run.run_id, include_data: true, include_sensitive: true };
  const own = await server.ok('get_workflow_run', asked, owner);
  expect(own.states[0]).toMatchObject({ name: 'Fetch', output: { body: secret } });
  expect(own.output).toEqual({ read: 1 });
  // An administrator sees the run, not what it holds.
  expect(await server.fails('get_workflow_run', asked)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  const seen = await server.ok('get_workflow_run', { run_id: run.run_id, include_data: true });
  expect(JSON.stringify(seen)).not.toContain(secret);
  expect(seen.states[0]).toMatchObject({ omitted: 'sensitive' });
});

test('a run is its owner’s: nobody else finds it, by any way', async () => {
  const run = await server.run('mapped', {}, owner);
  const { run_id } = run;
  const ways = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const listed = await server.ok('list_workflow_runs', { workflow: 'mapped' }, token);
    const read = await raw(`${server.url}/resources/pipeline-run/${run_id}`, { headers });
    const events = (await server.call('poll_events', { since: '0.0', page_size: 200 }, token)).body.items ?? [];
    return [
      listed.items.some((one: { run_id: string }) => one.run_id === run_id),
      read.status === 200,
      (await server.call('get_workflow_run', { run_id }, token)).status === 200,
      (await server.call('cancel_workflow_run', { run_id }, token)).status === 200,
      events.some(({ subject }: { subject: string }) => subject === `pipeline-run:${run_id}`),
    ];
  };
  expect(await ways(owner)).toEqual([true, true, true, true, true]);
  expect(await ways(server.admin)).toEqual([true, true, true, true, true]);
  expect(await ways(other)).toEqual([false, false, false, false, false]);
  const reader = (await server.token('lake-reader', ['lake:read'])).secret;
  expect(await server.fails('get_status', {}, reader)).toMatchObject({ code: 'FORBIDDEN' });
  const { last_run } = await server.ok('get_status', {}, other);
  expect(last_run).toBeNull();
});

test('events of a run hold nothing of what it works on', async () => {
  const run = await server.run('private', { body: 'nothing-of-this' }, owner);
  const { items } = await server.ok('poll_events', { since: '0.0', page_size: 200, types: ['workflow.run_updated'] });
  const own = items.filter(({ subject }: { subject: string }) => subject === `pipeline-run:${run.run_id}`);
  expect(own.at(-1).data).toMatchObject({ run_id: run.run_id, workflow: 'private', status: 'succeeded' });
  expect(JSON.stringify(own)).not.toContain('nothing-of-this');
});

test('ended runs go when their time is over, with history, approvals and objects', async () => {
  const { db } = server.database;
  const run = await server.run('large');
  const held = () => sql`select from object_holds where holder = ${`workflows:${run.run_id}`}`.execute(db);
  expect((await held()).rows).toHaveLength(1);
  await sql`update workflow_runs set ended_at = now() - interval '91 days' where id = ${run.run_id}`.execute(db);
  const { retention } = await import('../../src/capabilities/workflows/jobs/retention.ts');
  const context = { signal: new AbortController().signal, step: (_: string, body: () => unknown) => body() };
  expect(await retention(db, 90).run(context as never, {})).toMatchObject({ removed_runs: 1 });
  expect((await held()).rows).toEqual([]);
  expect(await server.fails('get_workflow_run', { run_id: run.run_id })).toMatchObject({
    code: 'WORKFLOW_RUN_NOT_FOUND',
  });
  expect((await sql`select from workflow_states where run_id = ${run.run_id}`.execute(db)).rows).toEqual([]);
});
