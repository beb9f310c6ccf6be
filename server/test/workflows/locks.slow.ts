import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockWorkflow } from '../../src/capabilities/workflows/definitions/store.ts';
import { triggerPosition } from '../../src/capabilities/workflows/triggers/store.ts';
import { type Db, inTransaction } from '../../src/core/db/database.ts';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

// Who locks several rows does it in one order: the workflow before its triggers and the position in the events, a job before its
// run and its approvals. Each test holds the first lock and looks whether whoever waits for it has the second already.

let server: WorkflowServer;
let db: Db;
let other = '';
beforeAll(async () => {
  server = await startWorkflowServer();
  db = server.database.db;
  other = (await server.token('other', ['workflows:read', 'workflows:write'])).secret;
});
afterAll(() => server.stop());

const echo = { Done: { Type: 'Pass', End: true } };
const ask = { Type: 'Task', Resource: 'mcp://tutti/request_approval', Arguments: { message: 'Go on?' }, End: true };
const waiting = async () => {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows.length;
};
const somebodyWaits = () => expect.poll(waiting, { timeout: 30_000, interval: 20 }).toBeGreaterThan(0);

test('a workflow is put although somebody reads the events and may want it', async () => {
  const triggers = [{ event: { type: 'test.noted' } }];
  await server.put('first', echo, { triggers });
  await inTransaction(db, async (tx) => {
    await triggerPosition.hold(tx);
    expect(await server.put('second', echo, { triggers })).toMatchObject({ created: true });
  });
});

test('a schedule that is due waits for its workflow before it touches its trigger', async () => {
  await server.put('due', echo, { triggers: [{ schedule: { cron: '0 0 1 1 *', missed: 'once' } }] });
  await inTransaction(db, async (tx) => {
    await lockWorkflow(tx, 'due');
    await sql`update workflow_triggers set next_at = '2026-01-01' where workflow = 'due'`.execute(db);
    await somebodyWaits();
    await sql`select from workflow_triggers where workflow = 'due' for update nowait`.execute(tx);
  });
  await server.runs('due', 1);
});

test.each([
  ['cancel_workflow_run', 'workflow_runs', 'id'],
  ['resolve_approval', 'workflow_approvals', 'run_id'],
  ['redrive_workflow_run', 'workflow_runs', 'id'],
])('%s waits for the job before it touches %s', async (tool, table, column) => {
  await server.put('asking', { Ask: ask });
  const { run_id, job_id, approvals } = await server.ok('run_pipeline', { workflow: 'asking', wait_s: 40 });
  if (tool === 'redrive_workflow_run') {
    await server.ok('cancel_workflow_run', { run_id });
    await server.ended(run_id);
    const ended = async () => (await server.ok('job_status', { job_id })).finished_at;
    await expect.poll(ended, { timeout: 30_000 }).toEqual(expect.any(String));
  }
  const input =
    tool === 'resolve_approval' ? { approval_id: approvals[0].approval_id, decision: 'approve' } : { run_id };
  let called: Promise<unknown> = Promise.resolve();
  await inTransaction(db, async (tx) => {
    await sql`select from jobs where id = ${job_id} for update`.execute(tx);
    called = server.ok(tool, input, tool === 'resolve_approval' ? other : undefined);
    await somebodyWaits();
    await sql`select from ${sql.table(table)} where ${sql.ref(column)} = ${run_id} for update nowait`.execute(tx);
  });
  await called;
  await server.ok('cancel_workflow_run', { run_id });
  await server.ended(run_id);
});
