import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorkflowServer, type WorkflowServer, workflowDocument } from '../support/workflows.ts';

let server: WorkflowServer;
beforeAll(async () => {
  server = await startWorkflowServer();
});
afterAll(() => server.stop());

const pass = (value: unknown) => ({ Done: { Type: 'Pass', Output: value, End: true } });

test('versions count up, the same document gives none, and a deleted name goes on counting', async () => {
  expect(await server.put('counted', pass(1))).toMatchObject({ name: 'counted', version: 1, created: true });
  expect(await server.put('counted', pass(1))).toMatchObject({ version: 1, created: false });
  expect(await server.put('counted', pass(2), { version: 2 })).toMatchObject({ version: 2, created: true });
  const stale = { definition: workflowDocument('counted', pass(3), { version: 2 }) };
  expect(await server.fails('put_workflow', stale)).toMatchObject({
    status: 422,
    code: 'INVALID_WORKFLOW',
    details: { problems: [{ path: 'version' }] },
  });
  const shown = await server.ok('get_workflow', { name: 'counted' });
  expect(shown.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
  expect(shown.definition).toBe(workflowDocument('counted', pass(2), { version: 2 }));
  expect(await server.ok('get_workflow', { name: 'counted', version: 1 })).toMatchObject({ version: 1 });
  expect(await server.ok('delete_workflow', { name: 'counted' })).toMatchObject({ deleted: true });
  expect(await server.fails('get_workflow', { name: 'counted' })).toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  expect(await server.fails('delete_workflow', { name: 'counted' })).toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  expect(await server.fails('run_pipeline', { workflow: 'counted' })).toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  expect(await server.put('counted', pass(1))).toMatchObject({ version: 3 });
});

test('what is wrong is told with its place, and validate_workflow says the same as put_workflow', async () => {
  const states = { Ask: { Type: 'Task', Resource: 'mcp://nowhere/ask', End: true } };
  const definition = workflowDocument('odd', states);
  const checked = await server.ok('validate_workflow', { definition });
  expect(checked).toMatchObject({ valid: false, problems: [{ path: 'definition.States.Ask.Resource' }] });
  const refused = await server.fails('put_workflow', { definition });
  expect(refused).toMatchObject({ code: 'INVALID_WORKFLOW', details: { problems: checked.problems } });
  const own = { Ask: { Type: 'Task', Resource: 'mcp://tutti/list_datasets', Arguments: { odd: 1 }, End: true } };
  const { problems } = await server.ok('validate_workflow', { definition: workflowDocument('own', own) });
  expect(problems.map(({ path }: { path: string }) => path).sort()).toEqual([
    'definition.States.Ask.Arguments.odd',
    'definition.States.Ask.Resource',
  ]);
  expect(await server.ok('validate_workflow', { definition: '[' })).toMatchObject({ valid: false });
});

test('lists are by name, in pages, with how the last run stands', async () => {
  for (const name of ['list-a', 'list-b', 'list-c'])
    await server.put(name, pass(1), { description: `The one of ${name}.` });
  await server.run('list-b');
  const names: string[] = [];
  let page: string | undefined;
  do {
    const list = await server.ok('list_workflows', { page_size: 2, ...(page && { page }) });
    names.push(...list.items.map(({ name }: { name: string }) => name));
    page = list.next_page;
  } while (page);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['list-a', 'list-b', 'list-c']));
  const { items } = await server.ok('list_workflows');
  const of = (wanted: string) => items.find(({ name }: { name: string }) => name === wanted);
  expect(of('list-b')).toMatchObject({ last_status: 'succeeded', description: 'The one of list-b.' });
  expect(of('list-a')).not.toHaveProperty('last_run');
});

test('a run keeps the version that it began with, and its input meets the schema', async () => {
  const input = {
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'integer' } },
    additionalProperties: false,
  };
  const wait = { Hold: { Type: 'Wait', Seconds: 1, Next: 'Done' }, ...pass('{% $states.context.Execution.Input.n %}') };
  await server.put('pinned', wait, { input });
  const begun = await server.ok('run_pipeline', { workflow: 'pinned', input: { n: 7 }, wait_s: 0 });
  await server.put('pinned', pass('new'), { input });
  expect(await server.ended(begun.run_id)).toMatchObject({ version: 1, status: 'succeeded', output: 7 });
  expect(await server.run('pinned', { n: 7 })).toMatchObject({ version: 2, output: 'new' });
  const old = await server.ok('run_pipeline', { workflow: 'pinned', version: 1, input: { n: 8 }, wait_s: 40 });
  expect(old).toMatchObject({ version: 1, output: 8 });
  for (const bad of [{}, { n: 'x' }, { n: 1, more: 2 }]) {
    expect(await server.fails('run_pipeline', { workflow: 'pinned', input: bad })).toMatchObject({
      status: 422,
      code: 'INVALID_WORKFLOW_INPUT',
      details: { issues: [expect.anything()] },
    });
  }
  expect(await server.fails('run_pipeline', { workflow: 'pinned', version: 9, input: { n: 1 } })).toMatchObject({
    code: 'WORKFLOW_NOT_FOUND',
  });
});
