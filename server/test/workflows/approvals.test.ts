import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectors } from '../support/mcp-clients.ts';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let server: WorkflowServer;
/** Tokens of the principal whose runs they are, of another one, and of two who are named as approvers or not. */
let owner = '';
let other = '';
let named = '';
beforeAll(async () => {
  server = await startWorkflowServer();
  const token = async (name: string, grants = ['workflows:read', 'workflows:write']) =>
    (await server.token(name, grants)).secret;
  owner = await token('owner');
  other = await token('other');
  named = await token('named');
  const fields = { type: 'object', required: ['limit'], properties: { limit: { type: 'integer', maximum: 100 } } };
  await server.put('asking', { Ask: ask({ message: "{% 'Send ' & $states.input.what & '?' %}", fields }), ...done });
  await server.put('choosy', { Ask: ask({ message: 'Send?', approvers: ['named'] }), ...done });
  await server.put('hasty', { Ask: ask({ message: 'Send?', expires_s: 1 }), ...done });
});
afterAll(() => server.stop());

const done = { Sent: { Type: 'Pass', End: true }, Refused: { Type: 'Pass', Output: '{% $states.input %}', End: true } };
function ask(given: object) {
  return {
    Type: 'Task',
    Resource: 'mcp://tutti/request_approval',
    Arguments: given,
    Next: 'Sent',
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Refused' }],
  };
}
const begin = (workflow: string) =>
  server.ok('run_pipeline', { workflow, input: { what: 'the letter' }, wait_s: 40 }, owner);

test('a run waits until somebody else approves, with the values that were asked for', async () => {
  const run = await begin('asking');
  expect(run).toMatchObject({ status: 'waiting', approvals: [{ message: 'Send the letter?' }] });
  const { approval_id } = run.approvals[0];
  const approve = (values: object, token: string) =>
    server.fails('resolve_approval', { approval_id, decision: 'approve', values }, token);
  expect(await approve({ limit: 5 }, owner)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await approve({}, other)).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
  expect(await approve({ limit: 500 }, other)).toMatchObject({ details: { issues: [{ path: 'limit' }] } });
  const { items } = await server.ok('list_workflow_approvals', { run_id: run.run_id }, other);
  expect(items).toMatchObject([{ approval_id, state: 'pending', message: 'Send the letter?' }]);
  const resolved = { approval_id, decision: 'approve', values: { limit: 5 }, comment: 'fine' };
  expect(await server.ok('resolve_approval', resolved, other)).toMatchObject({ state: 'approved' });
  expect(await server.ended(run.run_id, owner)).toMatchObject({
    status: 'succeeded',
    output: { approved: true, by: items[0].decided_by ?? expect.stringMatching(/^prn_/), values: { limit: 5 } },
  });
  expect(await server.fails('resolve_approval', resolved, other)).toMatchObject({ status: 409, code: 'CONFLICT' });
  const audit = await server.ok('list_audit_entries', { page_size: 200 });
  expect(audit.items.map(({ tool }: { tool: string }) => tool)).toContain('resolve_approval');
});

test('a rejection and a wait that is over are errors that the definition may catch', async () => {
  const rejected = await begin('asking');
  const { approval_id } = rejected.approvals[0];
  await server.ok('resolve_approval', { approval_id, decision: 'reject' }, other);
  expect(await server.ended(rejected.run_id, owner)).toMatchObject({ output: { Error: 'Tutti.ApprovalRejected' } });
  const late = await begin('hasty');
  expect(await server.ended(late.run_id, owner)).toMatchObject({ output: { Error: 'States.Timeout' } });
  const { items } = await server.ok('list_workflow_approvals', { run_id: late.run_id, state: 'all' }, other);
  expect(items).toMatchObject([{ state: 'expired' }]);
});

test('where the definition names approvers, nobody else sees it or may resolve it', async () => {
  const run = await begin('choosy');
  const { approval_id } = run.approvals[0];
  const approve = { approval_id, decision: 'approve' };
  expect(await server.fails('resolve_approval', approve, other)).toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
  expect(await server.fails('resolve_approval', approve)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await server.ok('list_workflow_approvals', { run_id: run.run_id }, other)).toMatchObject({ items: [] });
  await server.ok('resolve_approval', approve, named);
  expect(await server.ended(run.run_id, owner)).toMatchObject({ status: 'succeeded' });
});

test('a run that is canceled asks nobody any more', async () => {
  const run = await begin('asking');
  await server.ok('cancel_workflow_run', { run_id: run.run_id }, owner);
  expect(await server.ended(run.run_id, owner)).toMatchObject({ status: 'canceled' });
  const { items } = await server.ok('list_workflow_approvals', { run_id: run.run_id, state: 'all' }, other);
  expect(items).toMatchObject([{ state: 'withdrawn' }]);
});

test('a state that is tried again asks again; one that is given up asks nobody any more', async () => {
  const { Catch: _, ...asking } = ask({ message: 'First?', expires_s: 1 });
  const again = { ...asking, Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 20 }] };
  await server.put('again', { Ask: again, Sent: done.Sent });
  const run = await server.ok('run_pipeline', { workflow: 'again', wait_s: 0 }, owner);
  const all = async () =>
    (await server.ok('list_workflow_approvals', { run_id: run.run_id, state: 'all' }, other)).items;
  // Each is open for a second alone: one that is over before it is approved has another one after it.
  const approved = async () => {
    const [newest, before] = await all();
    if (before === undefined || newest.state !== 'pending') return false;
    const { approval_id } = newest;
    return (await server.call('resolve_approval', { approval_id, decision: 'approve' }, other)).status === 200;
  };
  await expect.poll(approved, { timeout: 30_000, interval: 50 }).toBe(true);
  expect(await server.ended(run.run_id, owner)).toMatchObject({ status: 'succeeded', output: { approved: true } });

  const failing = {
    StartAt: 'Soon',
    States: { Soon: { Type: 'Wait', Seconds: 1, Next: 'Bad' }, Bad: { Type: 'Fail' } },
  };
  const open = { ...ask({ message: 'First?' }), Catch: undefined, Next: undefined, End: true };
  const first = { StartAt: 'First', States: { First: open } };
  await server.put('beside', {
    Both: {
      Type: 'Parallel',
      Branches: [first, failing],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Ask' }],
      End: true,
    },
    Ask: ask({ message: 'Second?' }),
    ...done,
  });
  const beside = await server.ok('run_pipeline', { workflow: 'beside', wait_s: 0 }, owner);
  const asked = async () => {
    const { items } = await server.ok('list_workflow_approvals', { run_id: beside.run_id, state: 'all' }, other);
    return items.map(({ message, state }: { message: string; state: string }) => `${message} ${state}`);
  };
  await expect.poll(asked, { timeout: 30_000, interval: 50 }).toEqual(['Second? pending', 'First? withdrawn']);
});

/** A client whose human answers so. */
async function asked(action: 'accept' | 'decline' | 'cancel', content?: Record<string, string | number>) {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
  );
  const questions: unknown[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    questions.push(params.message);
    return { action, ...(content && { content }) };
  });
  const requestInit = { headers: { authorization: `Bearer ${owner}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/workflows`), { requestInit }));
  const call = async (workflow: string, more = {}) => {
    const input = { workflow, input: { what: 'the letter' }, ...more };
    const result = await client.callTool({ name: 'run_pipeline', arguments: input });
    return result.structuredContent as Record<string, unknown>;
  };
  return { questions, call, close: () => client.close() };
}

test('a client that can ask its human does, and the run that waited goes on', async () => {
  const human = await asked('accept', { limit: 7 });
  const ended = await human.call('asking', { idempotency_key: 'asked' });
  expect(human.questions).toEqual(['Send the letter?']);
  expect(ended).toMatchObject({ status: 'succeeded', output: { approved: true, values: { limit: 7 } } });
  // Another call with the same key is of the same run, and asks nothing more.
  expect(await human.call('asking', { idempotency_key: 'asked' })).toMatchObject({ run_id: ended.run_id });
  expect(human.questions).toHaveLength(1);
  await human.close();
});

test('to decline is to reject; to say nothing leaves it to others, as do approvers of its own', async () => {
  const declining = await asked('decline');
  expect(await declining.call('asking')).toMatchObject({ output: { Error: 'Tutti.ApprovalRejected' } });
  expect(declining.questions).toHaveLength(1);
  expect(await declining.call('choosy')).toMatchObject({ status: 'waiting', approvals: [{ message: 'Send?' }] });
  expect(declining.questions).toHaveLength(1);
  await declining.close();
  const silent = await asked('cancel');
  expect(await silent.call('asking', { wait_s: 1 })).toMatchObject({ status: 'waiting' });
  expect(silent.questions).toHaveLength(1);
  await silent.close();
});

test('a client that cannot ask is told what the run waits for', async () => {
  for (const connect of Object.values(connectors)) {
    const { client } = await connect(`${server.url}/mcp/workflows`, owner);
    const call = { name: 'run_pipeline', arguments: { workflow: 'choosy' } };
    expect((await client.callTool(call)).structuredContent).toMatchObject({ status: 'waiting' });
    await client.close();
  }
});
