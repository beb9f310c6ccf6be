import { afterAll, describe, expect, test } from 'vitest';
import type { State } from '../../src/capabilities/workflows/definition/machine.ts';
import { closeEvaluator, failing, machine, output, task, tryMachine } from '../support/machine.ts';

afterAll(closeEvaluator);

describe('Parallel and Map', () => {
  const double: State = { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true };
  const each = (more: object, inner: Record<string, State> = { D: double }): State => ({
    Type: 'Map',
    ItemProcessor: { StartAt: Object.keys(inner)[0] ?? '', States: inner },
    End: true,
    ...more,
  });

  test('branches run on the same input and come out in their order', async () => {
    const branch = (n: number) => ({
      StartAt: 'P',
      States: { P: { Type: 'Pass', Output: `{% $states.input + ${n} %}`, End: true } as State },
    });
    const both: State = {
      Type: 'Parallel',
      Branches: [branch(1), branch(2)],
      Arguments: '{% $states.input.n %}',
      End: true,
    };
    expect(await output({ A: both }, { n: 10 })).toEqual([11, 12]);
  });

  test('a branch that fails takes the others along', async () => {
    const branch = (state: State) => ({ StartAt: 'P', States: { P: state } });
    const both: State = {
      Type: 'Parallel',
      Branches: [branch(task()), branch({ Type: 'Wait', Seconds: 1000, End: true })],
      Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['Boom'], Next: 'C' }],
      End: true,
    };
    const { end, rows, needs } = await tryMachine(
      machine({ A: both, C: { Type: 'Pass', End: true } }),
      {},
      { tools: { 's/t': failing('Boom') } },
    );
    expect(end).toMatchObject({ output: { value: { Error: 'Boom' } } });
    expect(needs.time.now().toISOString()).toBe('2026-01-01T00:00:01.000Z');
    expect(rows.filter(({ path }) => path === '0:A.1/0:P').map(({ status }) => status)).toEqual([
      'superseded',
      'failed',
    ]);
  });

  test('items come out in their order, whichever ends first', async () => {
    const tools = {
      's/t': async ({ n }: Record<string, unknown>) => new Promise((done) => setTimeout(done, 20 - Number(n) * 4, n)),
    };
    const selected = each(
      { Items: '{% $states.input.list %}', ItemSelector: { n: '{% $states.context.Map.Item.Index %}' } },
      { T: task({ Output: '{% [$states.result, $states.context.Map.Item.Value] %}' }) },
    );
    expect(await output({ A: selected }, { list: ['a', 'b', 'c'] }, { tools })).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ]);
    expect(await output({ A: each({}) }, [])).toEqual([]);
    expect(await output({ A: each({}) }, 'no list')).toMatchObject({ error: { Error: 'States.QueryEvaluationError' } });
  });

  test('no more items run at once than MaxConcurrency says', async () => {
    let running = 0;
    let most = 0;
    const tools = {
      's/t': async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((done) => setTimeout(done, 2));
        running -= 1;
        return null;
      },
    };
    await output(
      { A: each({ MaxConcurrency: 3 }, { T: task() }) },
      Array.from({ length: 12 }, () => ({})),
      { tools },
    );
    expect(most).toBe(3);
  });

  test('batches hold as many items as they may', async () => {
    const ItemBatcher = { MaxItemsPerBatch: 2, BatchInput: { k: 1 } };
    const batches = each({ ItemBatcher }, { P: { Type: 'Pass', End: true } });
    expect(await output({ A: batches }, [1, 2, 3])).toEqual([
      { BatchInput: { k: 1 }, Items: [1, 2] },
      { BatchInput: { k: 1 }, Items: [3] },
    ]);
  });

  const even = { 's/t': ({ n }: Record<string, unknown>) => (Number(n) % 2 === 0 ? n : failing('Odd', 'no')()) };
  const numbers = [0, 1, 2, 3].map((n) => ({ n }));
  test('failed items are tolerated as far as the definition says', async () => {
    const tolerating = (more: object) =>
      output({ A: each({ MaxConcurrency: 1, ...more }, { T: task() }) }, numbers, { tools: even });
    const odd = { Error: 'Odd', Cause: 'no' };
    expect(await tolerating({ ToleratedFailureCount: 2 })).toEqual([0, odd, 2, odd]);
    expect(await tolerating({ ToleratedFailurePercentage: '{% 50 %}' })).toEqual([0, odd, 2, odd]);
    expect(await tolerating({ ToleratedFailurePercentage: 49 })).toMatchObject({
      error: { Error: 'States.ExceedToleratedFailureThreshold' },
      path: '0:A[3]/0:T',
    });
    expect(await tolerating({})).toMatchObject({ error: { Error: 'Odd' } });
  });

  test('inner scopes read the variables around them', async () => {
    const inner: Record<string, State> = {
      P: { Type: 'Pass', Assign: { y: '{% $x * $states.input %}' }, Next: 'Q' },
      Q: { Type: 'Pass', Output: '{% $x + $y %}', End: true },
    };
    const states = { S: { Type: 'Pass', Assign: { x: 10 }, Next: 'A' } as State, A: each({}, inner) };
    expect(await output(states, [1, 2])).toEqual([20, 30]);
  });
});
