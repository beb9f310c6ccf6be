import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let server: WorkflowServer;
beforeAll(async () => {
  server = await startWorkflowServer();
});
afterAll(() => server.stop());

test('a loop without end ends with its states, one that waits with its time, and others run beside them', async () => {
  const loop = {
    Again: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n = 1 %}', Next: 'Back' }], Default: 'Out' },
    Back: { Type: 'Pass', Next: 'Again' },
    Out: { Type: 'Succeed' },
  };
  const put = (name: string, TimeoutSeconds: number, States: object) =>
    server.ok('put_workflow', {
      definition: JSON.stringify({
        name,
        definition: { QueryLanguage: 'JSONata', StartAt: 'Again', TimeoutSeconds, States },
      }),
    });
  await put('spins', 3600, loop);
  await put('waits', 3, { ...loop, Back: { Type: 'Wait', Seconds: 1, Next: 'Again' } });
  await server.put('beside', { Done: { Type: 'Pass', Output: '{% 1 + 1 %}', End: true } });
  const start = async (workflow: string): Promise<string> =>
    (await server.ok('run_pipeline', { workflow, input: { n: 1 }, wait_s: 0 })).run_id;
  const [spins, waits] = [await start('spins'), await start('waits')];
  expect(await server.run('beside')).toMatchObject({ status: 'succeeded', output: 2 });
  expect(await server.ended(waits)).toMatchObject({ status: 'timed_out', error: { code: 'States.Timeout' } });
  const look = () => server.ok('get_workflow_run', { run_id: spins, wait_s: 30, page_size: 1 });
  await expect.poll(async () => (await look()).status, { timeout: 400_000 }).toBe('failed');
  expect(await look()).toMatchObject({ error: { code: 'Tutti.TooManyStates' } });
});

test('a Map over ten thousand items comes to all of them in their order', async () => {
  await server.put('many', {
    Each: {
      Type: 'Map',
      Items: '{% [0..9999] %}',
      ItemProcessor: {
        StartAt: 'Twice',
        States: { Twice: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } },
      },
      End: true,
    },
  });
  const { run_id } = await server.ok('run_pipeline', { workflow: 'many', wait_s: 0 });
  const look = () => server.ok('get_workflow_run', { run_id, wait_s: 30, page_size: 1, include_data: true });
  await expect.poll(async () => (await look()).status, { timeout: 400_000 }).toBe('succeeded');
  const run = await look();
  expect(run.output).toEqual(Array.from({ length: 10_000 }, (_, n) => n * 2));
  expect(run.counts).toMatchObject({ items: 10_000, states: 10_001 });
});

test('a Map whose items are large together fails, before they fill the memory', async () => {
  const large = { Type: 'Pass', Output: "{% $pad('', 12000000, 'x') %}", End: true };
  await server.put('fills', {
    Each: {
      Type: 'Map',
      Items: '{% [1..1000] %}',
      ItemProcessor: { StartAt: 'Large', States: { Large: large } },
      Output: 1,
      End: true,
    },
  });
  const { run_id } = await server.ok('run_pipeline', { workflow: 'fills', wait_s: 0 });
  const run = await server.ended(run_id);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'States.DataLimitExceeded', state: '0:Each' } });
  expect(run.counts.items).toBeLessThan(1000);
});
