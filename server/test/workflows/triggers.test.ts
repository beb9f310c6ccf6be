import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeToken } from '../../src/core/auth/store.ts';
import type { TestServer } from '../support/server.ts';
import { webhooksOf } from '../support/webhooks.ts';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let server: WorkflowServer;
let hooked: TestServer;
beforeAll(async () => {
  server = await startWorkflowServer();
  hooked = server as unknown as TestServer;
});
afterAll(() => server.stop());

const echo = { Done: { Type: 'Pass', End: true } };
const triggersOf = async (name: string) => (await server.ok('get_workflow', { name })).triggers;
/** An event that everybody may see. */
const note = (n: number, type = 'test.noted') => webhooksOf(hooked).append(n, { type });
/** As if this had been the next time of a schedule. */
const due = (workflow: string, at: Date) =>
  sql`update workflow_triggers set next_at = ${at} where workflow = ${workflow}`.execute(server.database.db);

test('a schedule starts a run with what it says, and tells its next time', async () => {
  const input = { at: '{% $states.input.scheduled_at %}', n: 1 };
  await server.put('every-second', echo, { triggers: [{ schedule: { cron: '* * * * * *' }, input }] });
  await expect
    .poll(async () => (await server.ok('list_workflow_runs', { workflow: 'every-second' })).items.length, {
      timeout: 30_000,
    })
    .toBeGreaterThan(1);
  const [trigger] = await triggersOf('every-second');
  expect(trigger).toMatchObject({ kind: 'schedule', next_at: expect.any(String), last_run: expect.any(String) });
  const run = await server.ended(trigger.last_run);
  expect(run).toMatchObject({ trigger: { kind: 'schedule', id: trigger.trigger_id }, output: { n: 1 } });
  expect(run.output.at).toBe(run.trigger.at);
  await server.ok('delete_workflow', { name: 'every-second' });
  const { items } = await server.ok('list_workflow_runs', { workflow: 'every-second', page_size: 200 });
  expect(new Set(items.map(({ trigger: { at } }: { trigger: { at: string } }) => at)).size).toBe(items.length);
});

test.each([
  ['skip', 0],
  ['once', 1],
  ['all', 4],
])('times that were missed, by %s: %i runs', async (missed, count) => {
  const name = `missed-${missed}`;
  // Half an hour ago, and each hour before.
  const last = new Date(Math.floor(Date.now() / 60_000 - 30) * 60_000);
  const cron = `${last.getUTCMinutes()} * * * *`;
  await server.put(name, echo, { triggers: [{ schedule: { cron, missed } }] });
  await due(name, new Date(last.getTime() - 3 * 3_600_000));
  const next = async () => new Date((await triggersOf(name))[0].next_at) > new Date();
  await expect.poll(next, { timeout: 30_000 }).toBe(true);
  await server.runs(name, count);
});

test('an event starts a run of each workflow that waits for it, if its filter lets it through', async () => {
  const filter = '{% $states.input.data.n > 1 %}';
  await server.put('on-event', echo, {
    triggers: [{ event: { type: 'test.noted', filter }, input: { n: '{% $states.input.data.n %}' } }],
  });
  await server.put('on-other', echo, { triggers: [{ event: { type: 'test.other' } }] });
  for (const n of [1, 2, 3]) await note(n);
  const runs = await server.runs('on-event', 2);
  const ended = [];
  for (const { run_id } of runs) ended.push((await server.ended(run_id)).output);
  expect(ended).toEqual([{ n: 3 }, { n: 2 }]);
  expect(runs[0].trigger).toMatchObject({ kind: 'event', event_id: expect.stringMatching(/^evt_/) });
  expect(await server.runs('on-other', 0)).toEqual([]);
});

test('what comes to a webhook starts a run with its body', async () => {
  const hooks = webhooksOf(hooked);
  await hooks.secret('hook', 'a-long-secret-of-a-hook');
  const hook = await hooks.put({ name: 'mail', direction: 'in', verify: 'bearer', secret: 'secret:hook' });
  const put = await server.put('on-hook', echo, {
    triggers: [{ webhook: { source: hook.id }, input: { subject: '{% $states.input.body.subject %}' } }],
  });
  expect(put.warnings).toEqual([]);
  expect(await server.put('deaf', echo, { triggers: [{ webhook: { source: 'wh_none' } }] })).toMatchObject({
    warnings: [{ path: 'triggers[0].webhook.source' }],
  });
  const sent = await fetch(hook.address, {
    method: 'POST',
    headers: { authorization: 'Bearer a-long-secret-of-a-hook', 'content-type': 'application/json' },
    body: JSON.stringify({ subject: 'hello' }),
  });
  expect(sent.ok).toBe(true);
  const [run] = await server.runs('on-hook', 1);
  expect(await server.ended(run.run_id)).toMatchObject({ trigger: { kind: 'webhook' }, output: { subject: 'hello' } });
});

test('an occasion that leads to no run says why', async () => {
  const schema = { type: 'object', properties: { n: { type: 'string' } }, required: ['n'] };
  const trigger = (input: unknown) => ({ input: schema, triggers: [{ event: { type: 'test.odd' }, input }] });
  await server.put('odd-input', echo, trigger({ n: '{% $states.input.data.n %}' }));
  await server.put('odd-expression', echo, trigger({ n: "{% $states.input.data.n + 'x' %}" }));
  await note(1, 'test.odd');
  const problem = async (name: string) => (await triggersOf(name))[0].last_problem;
  await expect.poll(() => problem('odd-input'), { timeout: 30_000 }).toMatch(/^INVALID_WORKFLOW_INPUT/);
  await expect.poll(() => problem('odd-expression'), { timeout: 30_000 }).toMatch(/expression of the trigger failed/);
});

test('two workflows that trigger each other stop', async () => {
  const ended = (workflow: string) => ({
    event: {
      type: 'workflow.run_updated',
      filter: `{% $states.input.data.workflow = '${workflow}' and $states.input.data.status = 'succeeded' %}`,
    },
    input: {},
  });
  await server.put('ping', echo, { triggers: [ended('pong')] });
  await server.put('pong', echo, { triggers: [ended('ping')] });
  await server.run('ping');
  // ping, by hand; pong of it; ping of that, which leads to nothing more.
  await server.runs('ping', 2);
  const [pong] = await server.runs('pong', 1);
  expect(pong.trigger.kind).toBe('event');
  await server.put('after', echo, { triggers: [{ event: { type: 'test.after' } }] });
  await note(1, 'test.after');
  await server.runs('after', 1);
  await server.runs('ping', 2);
  await server.runs('pong', 1);
});

test('two workflows that call each other stop as well', async () => {
  const call = (workflow: string) => ({
    Call: {
      Type: 'Task',
      Resource: 'mcp://tutti/run_pipeline',
      Arguments: { workflow, wait_s: 20 },
      Catch: [{ ErrorEquals: ['Tutti.WORKFLOW_LOOP'], Output: 'stopped', Next: 'Stopped' }],
      End: true,
    },
    Stopped: { Type: 'Pass', End: true },
  });
  await server.put('here', call('there'), { scopes: ['workflows:write'] });
  await server.put('there', call('here'), { scopes: ['workflows:write'] });
  expect(await server.run('here')).toMatchObject({ status: 'succeeded', output: { output: 'stopped' } });
  await server.runs('here', 1);
  expect(await server.runs('there', 1)).toMatchObject([{ trigger: { kind: 'workflow' } }]);
});

test('triggers act as whoever put the workflow last; revoking that token pauses them', async () => {
  const { id, secret } = await server.token('keeper', ['workflows:read', 'workflows:write', 'lake:read']);
  const triggers = [{ event: { type: 'test.kept' }, input: {} }];
  await server.put('kept', echo, { triggers }, secret);
  await note(1, 'test.kept');
  const [run] = await server.runs('kept', 1);
  expect((await triggersOf('kept'))[0].paused).toBeUndefined();
  await revokeToken(server.database.db, id);
  expect((await triggersOf('kept'))[0].paused).toMatch(/revoked/);
  expect(await server.ok('get_status')).toMatchObject({
    workflows: expect.arrayContaining([expect.objectContaining({ name: 'kept', paused: expect.any(String) })]),
  });
  await note(2, 'test.kept');
  await note(3, 'test.after');
  await server.runs('after', 2);
  await server.runs('kept', 1);
  // Whoever puts the same document again takes it over, without a new version.
  expect(await server.put('kept', echo, { triggers })).toMatchObject({ created: false });
  await note(4, 'test.kept');
  const [newer] = await server.runs('kept', 2);
  expect(newer.owner).not.toBe(run.owner);
});

test('a schedule that is late by less than a minute is not missed', async () => {
  // Twenty seconds ago, and then not for an hour, however slow this machine is.
  const at = new Date(Math.floor(Date.now() / 1000 - 20) * 1000);
  const cron = `${at.getUTCSeconds()} ${at.getUTCMinutes()} * * * *`;
  await server.put('late', echo, { triggers: [{ schedule: { cron } }] });
  await due('late', at);
  await server.runs('late', 1);
  await server.ok('delete_workflow', { name: 'late' });
});
