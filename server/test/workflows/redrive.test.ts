import { afterAll, expect, test } from 'vitest';
import type { Machine, State } from '../../src/capabilities/workflows/definition/machine.ts';
import { StateFailure } from '../../src/capabilities/workflows/machine/failure.ts';
import { redrive } from '../../src/capabilities/workflows/redrive.ts';
import { closeEvaluator, type TestTool, tryMachine } from '../support/machine.ts';

afterAll(closeEvaluator);

type Tried = Awaited<ReturnType<typeof tryMachine>>;
const task = (tool: string, more: object): State => ({ Type: 'Task', Resource: `mcp://s/${tool}`, ...more }) as State;
const boom = () => {
  throw new StateFailure('Boom', 'no', { ofCall: true });
};

/** Runs it again after a redrive, with tools that work; answers what it called then. */
async function redriven(
  machine: Machine,
  input: unknown,
  before: Tried,
  tools: Record<string, TestTool>,
  from?: string,
) {
  const rows = redrive(before.rows, { from });
  const left = [...before.log, ...rows.map((row) => ({ row, payloads: {} }))];
  const after = await tryMachine(machine, input, { tools, left, startAt: new Date('2026-01-02T00:00:00Z') });
  return { ...after, called: after.calls.map(({ path }) => path).sort() };
}

/** Fetch → Map over three items { Classify → Parallel(Cache, Graph) } → Report */
const branch = (tool: string) => ({ StartAt: 'B', States: { B: task(tool, { Arguments: { on: tool }, End: true }) } });
const email: Machine = {
  StartAt: 'Fetch',
  States: {
    Fetch: task('fetch', { Next: 'Each' }),
    Each: {
      Type: 'Map',
      MaxConcurrency: 1,
      ToleratedFailurePercentage: 100,
      ItemProcessor: {
        StartAt: 'Classify',
        States: {
          Classify: task('classify', { Arguments: { n: '{% $states.input %}' }, Next: 'Both' }),
          Both: { Type: 'Parallel', Branches: [branch('cache'), branch('graph')], End: true },
        },
      },
      Next: 'Report',
    },
    Report: task('report', { Arguments: { all: '{% $states.input %}' }, End: true }),
  },
};
const working: Record<string, TestTool> = {
  's/fetch': () => [1, 2, 3],
  's/classify': ({ n }) => n,
  's/cache': () => 'cached',
  's/graph': () => 'put',
  's/report': ({ all }) => (all as unknown[]).map((one) => (Array.isArray(one) ? 'ok' : 'failed')),
};

test('of a Map that tolerated failures, the failed item alone runs again, from where it failed', async () => {
  const before = await tryMachine(
    email,
    {},
    { tools: { ...working, 's/graph': (_, { path }) => (path.includes('[1]') ? boom() : 'put') } },
  );
  expect(before.end).toMatchObject({ output: { value: ['ok', 'failed', 'ok'] } });
  const after = await redriven(email, {}, before, working);
  expect(after.end).toMatchObject({ output: { value: ['ok', 'ok', 'ok'] } });
  expect(after.called).toEqual(['1:Each[1]/1:Both.1/0:B', '2:Report']);
  expect(after.counts.items_failed).toBe(0);
});

test('a state that failed runs again with what came before it', async () => {
  const before = await tryMachine(email, {}, { tools: { ...working, 's/report': boom } });
  expect(before.end).toMatchObject({ how: 'failed', path: '2:Report' });
  const after = await redriven(email, {}, before, working);
  expect(after.end).toMatchObject({ output: { value: ['ok', 'ok', 'ok'] } });
  expect(after.called).toEqual(['2:Report']);
});

test('what was given up because another item failed runs again as well', async () => {
  const { ToleratedFailurePercentage: _, ...strict } = email.States.Each as Extract<State, { Type: 'Map' }>;
  const machine = { ...email, States: { ...email.States, Each: { ...strict, MaxConcurrency: 3 } } };
  const slow: TestTool = async ({ n }) => {
    if (n === 2) return boom();
    await new Promise((done) => setTimeout(done, 10));
    return n;
  };
  const before = await tryMachine(machine, {}, { tools: { ...working, 's/classify': slow } });
  expect(before.end).toMatchObject({ how: 'failed', error: { Error: 'Boom' } });
  const after = await redriven(machine, {}, before, working);
  expect(after.end).toMatchObject({ output: { value: ['ok', 'ok', 'ok'] } });
  // Their calls were waited for, and stand.
  expect(after.called.filter((path) => path.includes('Classify'))).toEqual(['1:Each[1]/0:Classify']);
});

test('from a chosen state on, all runs anew', async () => {
  const before = await tryMachine(email, {}, { tools: working });
  const after = await redriven(email, {}, before, working, 'Each');
  expect(after.called).toHaveLength(10);
  expect(after.called).not.toContain('0:Fetch');
  expect(() => redrive(before.rows, { from: 'Nowhere' })).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  expect(() => redrive(before.rows, {})).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
});

test.each([
  ['1:Each[1]/1:Both', ['1:Each[1]/1:Both.0/0:B', '1:Each[1]/1:Both.1/0:B', '2:Report']],
  ['1:Each[1]/1:Both.1/0:B', ['1:Each[1]/1:Both.1/0:B', '2:Report']],
  ['1:Each[2]', ['1:Each[2]/0:Classify', '1:Each[2]/1:Both.0/0:B', '1:Each[2]/1:Both.1/0:B', '2:Report']],
  ['2:Report', ['2:Report']],
])('from %s on, what came of it runs anew and nothing else', async (from, called) => {
  const before = await tryMachine(email, {}, { tools: working });
  const after = await redriven(email, {}, before, working, from);
  expect(after.end).toMatchObject({ output: { value: ['ok', 'ok', 'ok'] } });
  expect(after.called).toEqual(called);
});

test('what a Catch took care of did not fail', async () => {
  const machine: Machine = {
    StartAt: 'A',
    States: {
      A: task('a', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true }),
      B: task('b', { End: true }),
    },
  };
  const before = await tryMachine(machine, {}, { tools: { 's/a': boom, 's/b': boom } });
  const after = await redriven(machine, {}, before, { 's/a': () => 1, 's/b': () => 2 });
  expect(after.called).toEqual(['1:B']);
});

test('a redrive gives Retry as many tries as at first, and the items of a Map stay what they were', async () => {
  const machine: Machine = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Items: '{% [$random(), $random()] %}',
        ItemProcessor: {
          StartAt: 'T',
          States: { T: task('t', { Arguments: { n: '{% $states.input %}' }, End: true }) },
        },
        Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1 }],
        End: true,
      },
    },
  };
  const seen: unknown[] = [];
  const before = await tryMachine(
    machine,
    {},
    {
      tools: {
        's/t': ({ n }, { path }) => {
          if (!path.includes('[1]')) return n;
          seen.push(n);
          return boom();
        },
      },
    },
  );
  expect(seen).toHaveLength(2);
  let failures = 1;
  const tools = {
    's/t': ({ n }: Record<string, unknown>, { path }: { path: string }) => {
      if (!path.includes('[1]')) return n;
      failures -= 1;
      return failures >= 0 ? boom() : n;
    },
  };
  const after = await redriven(machine, {}, before, tools);
  expect(after.end).toMatchObject({ how: 'succeeded' });
  // The other item may have been given up, and be called again as well.
  const calls = after.calls.filter(({ path }) => path.includes('[1]'));
  expect(calls[0]?.args).toEqual({ n: seen[1] });
});
