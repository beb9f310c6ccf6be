import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { odd, processesWith } from '../support/downstream/bench.ts';
import { startWorkflowServer, type WorkflowServer, workflowDocument } from '../support/workflows.ts';

const marker = `odd-${randomUUID()}`;
let server: WorkflowServer;
beforeAll(async () => {
  const servers = [
    odd('mortal', {}, marker),
    odd('mortal-safe', {}, `${marker}-safe`),
    odd('silent'),
    odd('garbage'),
    odd('changing'),
    odd('shared', { concurrency: 2 }),
    odd('fine'),
  ];
  server = await startWorkflowServer(['--workflows-servers', JSON.stringify(servers)]);
});
afterAll(() => server.stop());

const task = (name: string, tool: string, args: object = {}, more: object = {}) => ({
  Type: 'Task',
  Resource: `mcp://${name}/${tool}`,
  Arguments: args,
  End: true,
  ...more,
});
const begin = async (workflow: string): Promise<string> =>
  (await server.ok('run_pipeline', { workflow, wait_s: 0 })).run_id;
const caught = (...names: string[]) => [
  { ErrorEquals: names, Output: '{% $states.errorOutput.Error %}', Next: 'Caught' },
];
const caughtEnd = { Caught: { Type: 'Pass', End: true } };
/** How many calls a server has under way. */
async function active(name: string): Promise<number> {
  const headers = { authorization: `Bearer ${server.admin}` };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  return Number(new RegExp(`^tutti_downstream_calls_active\\{server="${name}"\\} (\\d+)`, 'm').exec(text)?.[1]);
}
/** A run beside those that fail: it succeeds while they do. */
async function othersGoOn(): Promise<void> {
  await server.put('beside', { Say: task('fine', 'echo', { text: 'on' }) });
  expect(await server.run('beside')).toMatchObject({ status: 'succeeded', output: 'on' });
}

test('a server that is killed in the middle of a call: in doubt, tried again, or caught, as the definition says', async () => {
  await server.put('unsafe', { Hang: task('mortal', 'hang') });
  await server.put('mapped', {
    Each: {
      Type: 'Map',
      Items: [1, 2, 3],
      ItemProcessor: { StartAt: 'Slow', States: { Slow: task('mortal', 'slow', { ms: 600_000 }) } },
      Catch: caught('Tutti.ServerGone'),
      End: true,
    },
    ...caughtEnd,
  });
  const unsafe = await begin('unsafe');
  // `slow` says of itself that it may be repeated.
  const mapped = await begin('mapped');
  await expect.poll(() => active('mortal'), { timeout: 30_000 }).toBe(4);
  await othersGoOn();
  for (const pid of processesWith(marker)) process.kill(pid, 'SIGKILL');
  expect(await server.ended(unsafe)).toMatchObject({ status: 'in_doubt', error: { code: 'Tutti.IN_DOUBT' } });
  expect(await server.ended(mapped)).toMatchObject({ status: 'succeeded', output: 'Tutti.ServerGone' });

  await server.put('retried', {
    Try: task('mortal-safe', 'slow', { ms: 3000 }, { Retry: [{ ErrorEquals: ['Tutti.ServerGone'] }] }),
  });
  const retried = await begin('retried');
  await expect.poll(() => active('mortal-safe'), { timeout: 30_000 }).toBe(1);
  for (const pid of processesWith(`${marker}-safe`)) process.kill(pid, 'SIGKILL');
  expect(await server.ended(retried)).toMatchObject({ status: 'succeeded', output: 1, counts: { retries: 1 } });
});

test('a server that never answers: its time ends the state, and an item of many fails alone', async () => {
  await server.put('waits', { Hang: task('silent', 'hang', {}, { TimeoutSeconds: 1 }) });
  await server.put('waits-some', {
    Each: {
      Type: 'Map',
      Items: ['hang', 'echo', 'hang'],
      ToleratedFailureCount: 2,
      ItemProcessor: {
        StartAt: 'Which',
        States: {
          Which: {
            Type: 'Choice',
            Choices: [{ Condition: "{% $states.input = 'hang' %}", Next: 'Hang' }],
            Default: 'Say',
          },
          Hang: task('silent', 'hang', {}, { TimeoutSeconds: 1 }),
          Say: task('silent', 'echo', { text: 'here' }),
        },
      },
      End: true,
    },
  });
  const [waits, some] = [await begin('waits'), await begin('waits-some')];
  await othersGoOn();
  expect(await server.ended(waits)).toMatchObject({ status: 'failed', error: { code: 'States.Timeout' } });
  const timedOut = expect.objectContaining({ Error: 'States.Timeout' });
  expect(await server.ended(some)).toMatchObject({
    status: 'partial',
    output: [timedOut, 'here', timedOut],
    counts: { items: 3, items_failed: 2 },
  });
});

test('a server that answers garbage: each way is an error that is caught by its name', async () => {
  const ways = ['broken_json', 'no_result', 'unstructured', 'not_json'];
  const states = Object.fromEntries(
    ways.map((way) => [
      way,
      { [way]: task('garbage', way, {}, { TimeoutSeconds: 5, Catch: caught('Tutti.BadAnswer') }), ...caughtEnd },
    ]),
  );
  for (const way of ways) {
    await server.put(`garbage-${way.replace('_', '-')}`, states[way] ?? {});
    const run = await server.run(`garbage-${way.replace('_', '-')}`);
    expect({ way, ...run }).toMatchObject({ way, status: 'succeeded', output: 'Tutti.BadAnswer' });
    await othersGoOn();
  }
});

test('a server that changes its tools: a run under way fails at the tool that is gone, one put later is refused', async () => {
  const states = {
    Drop: task('changing', 'drop', { name: 'json' }, { End: undefined, Next: 'Use' }),
    Use: task('changing', 'json', { value: 1 }, { Catch: caught('Tutti.ToolGone') }),
    ...caughtEnd,
  };
  await server.put('changes', states);
  expect(await server.run('changes')).toMatchObject({ status: 'succeeded', output: 'Tutti.ToolGone' });
  await server.put('kept', { Say: task('changing', 'echo', { text: 'same' }) });
  expect(await server.run('kept')).toMatchObject({ status: 'succeeded', output: 'same' });
  const definition = workflowDocument('late', { Use: task('changing', 'json', { value: 1 }) });
  expect(await server.fails('put_workflow', { definition })).toMatchObject({
    code: 'INVALID_WORKFLOW',
    message: expect.stringContaining('changing has no tool json.'),
  });
});

test('ten workflows share a slow server: no more calls at once than it takes, and all come to their end', async () => {
  const names = Array.from({ length: 10 }, (_, n) => `shares-${n}`);
  for (const name of names) await server.put(name, { Slow: task('shared', 'slow', { ms: 300 }) });
  const started = await Promise.all(names.map(begin));
  await othersGoOn();
  const ended = await Promise.all(started.map((id) => server.ended(id)));
  expect(ended.map(({ status }) => status)).toEqual(names.map(() => 'succeeded'));
  // The tool tells how many of its calls it ever had at once.
  expect(Math.max(...ended.map(({ output }) => output))).toBe(2);
});
