import { afterAll, describe, expect, test } from 'vitest';
import type { MapState, State } from '../../src/capabilities/workflows/definition/machine.ts';
import { StateFailure } from '../../src/capabilities/workflows/machine/failure.ts';
import { closeEvaluator, failing, machine, output, task, tryMachine } from '../support/machine.ts';

afterAll(closeEvaluator);

/** Fails so many times, then answers. */
const flaky = (failures: number, error = 'States.TaskFailed') => {
  let left = failures;
  return () => {
    left -= 1;
    if (left >= 0) throw new StateFailure(error, 'not yet', { ofCall: true });
    return 'done';
  };
};

describe('data flow', () => {
  test('a state without fields passes its input on; Output and Assign make of it what they say', async () => {
    expect(await output({ A: { Type: 'Pass', End: true } }, { n: 1 })).toEqual({ n: 1 });
    const states: Record<string, State> = {
      A: {
        Type: 'Pass',
        Assign: { x: '{% $states.input.n + 1 %}' },
        Output: { kept: '{% $states.input.n %}' },
        Next: 'B',
      },
      B: { Type: 'Pass', Output: { x: '{% $x %}', input: '{% $states.input %}' }, End: true },
    };
    expect(await output(states, { n: 1 })).toEqual({ x: 2, input: { kept: 1 } });
  });

  test('Assign sees the variables as they were, in all of its entries', async () => {
    const states: Record<string, State> = {
      A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: ['{% $x %}', '{% $y %}', '{% $states.input %}'], End: true },
    };
    expect(await output(states, null)).toEqual([2, 1, 1]);
  });

  test('a task gets its Arguments, or its input; its result is its output', async () => {
    const echo = { tools: { 's/t': (args: unknown) => ({ got: args }) } };
    expect(await output({ A: task() }, { a: 1 }, echo)).toEqual({ got: { a: 1 } });
    const made = task({ Arguments: { b: '{% $states.input.a * 2 %}' }, Output: '{% $states.result.got.b %}' });
    expect(await output({ A: made }, { a: 2 }, echo)).toBe(4);
  });

  test('the context tells of run and state', async () => {
    const said = await output({ A: { Type: 'Pass', Output: '{% $states.context %}', End: true } }, { i: 1 });
    expect(said).toMatchObject({
      Execution: { Id: 'run_1', Input: { i: 1 }, StartTime: '2026-01-01T00:00:00.000Z' },
      StateMachine: { Name: 'test', Version: 1 },
      State: { Name: 'A', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 },
    });
  });

  test('too much data, and expressions that fail, are errors of the state', async () => {
    const big = { A: { Type: 'Pass', Output: "{% $pad('', 200000, 'x') %}", End: true } } as const;
    expect(await output(big, null)).toMatchObject({ how: 'failed', error: { Error: 'States.DataLimitExceeded' } });
    const bad = { A: { Type: 'Pass', Output: '{% $nothing %}', End: true } } as const;
    expect(await output(bad, null)).toMatchObject({ error: { Error: 'States.QueryEvaluationError' }, path: '0:A' });
  });
});

describe('Choice, Wait, Succeed, Fail', () => {
  const chosen = (n: number) =>
    output(
      {
        A: {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Output: 'big', Assign: { v: 1 } },
            { Condition: '{% $states.input.n > 5 %}', Next: 'Big' },
          ],
          Default: 'Big',
          Output: 'small',
        },
        Big: { Type: 'Succeed' },
      },
      { n },
    );
  test('the first rule that holds decides what comes out; the state itself only by Default', async () => {
    expect(await chosen(11)).toBe('big');
    expect(await chosen(6)).toEqual({ n: 6 });
    expect(await chosen(1)).toBe('small');
  });

  test('no rule that holds, and one that is neither true nor false, are errors', async () => {
    const none = { A: { Type: 'Choice', Choices: [{ Condition: false, Next: 'B' }] }, B: { Type: 'Succeed' } } as const;
    expect(await output(none, 1)).toMatchObject({ error: { Error: 'States.NoChoiceMatched' } });
    const odd = {
      A: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'B' }] },
      B: { Type: 'Succeed' },
    } as const;
    expect(await output(odd, 1)).toMatchObject({ error: { Error: 'States.QueryEvaluationError' } });
  });

  test('a wait ends after its seconds or at its time', async () => {
    const waiting = (wait: object) => ({
      A: { Type: 'Wait', ...wait, Next: 'B' } as State,
      B: { Type: 'Pass', Output: '{% $states.context.State.EnteredTime %}', End: true } as State,
    });
    expect(await output(waiting({ Seconds: '{% 60 * 60 %}' }), null)).toBe('2026-01-01T01:00:00.000Z');
    expect(await output(waiting({ Timestamp: '2026-03-01T00:00:00Z' }), null)).toBe('2026-03-01T00:00:00.000Z');
    expect(await output(waiting({ Seconds: '{% -1 %}' }), null)).toMatchObject({ how: 'failed' });
  });

  test('Fail ends the run with its error', async () => {
    const fail = { A: { Type: 'Fail', Error: 'Mine', Cause: '{% "because " & $states.input %}' } } as const;
    expect(await output(fail, 'so')).toEqual({
      how: 'failed',
      error: { Error: 'Mine', Cause: 'because so' },
      path: '0:A',
    });
  });
});

describe('Retry and Catch', () => {
  test('each retrier has tries of its own, with back-off', async () => {
    const Retry = [
      { ErrorEquals: ['Other'], MaxAttempts: 1 },
      { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 10, BackoffRate: 3, MaxAttempts: 2, MaxDelaySeconds: 20 },
    ];
    const good = await tryMachine(machine({ A: task({ Retry }) }), {}, { tools: { 's/t': flaky(2) } });
    expect(good.end).toMatchObject({ how: 'succeeded' });
    expect(good.rows[0]?.attempts.map(({ at, retrier }) => [at.slice(11, 19), retrier])).toEqual([
      ['00:00:00', 1],
      ['00:00:10', 1],
      ['00:00:30', undefined],
    ]);
    expect(await output({ A: task({ Retry }) }, {}, { tools: { 's/t': flaky(3) } })).toMatchObject({ how: 'failed' });
  });

  test('full jitter waits a share of the time', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100, JitterStrategy: 'FULL' }];
    const { rows } = await tryMachine(machine({ A: task({ Retry }) }), {}, { tools: { 's/t': flaky(1) } });
    expect(rows[0]?.attempts[1]?.at).toBe('2026-01-01T00:00:50.000Z');
  });

  test('Catch goes on elsewhere, with what was said', async () => {
    const states: Record<string, State> = {
      A: task({
        Catch: [
          { ErrorEquals: ['Nope'], Next: 'B' },
          { ErrorEquals: ['States.ALL'], Next: 'B', Assign: { e: '{% $states.errorOutput.Error %}' } },
        ],
      }),
      B: { Type: 'Pass', Output: { caught: '{% $states.input %}', e: '{% $e %}' }, End: true },
    };
    const { end, rows } = await tryMachine(machine(states), {}, { tools: { 's/t': failing('Boom', 'bang') } });
    expect(end).toMatchObject({ output: { value: { caught: { Error: 'Boom', Cause: 'bang' }, e: 'Boom' } } });
    expect(rows.map(({ status, next }) => [status, next])).toEqual([
      ['caught', 'B'],
      ['succeeded', null],
    ]);
  });

  test.each([
    ['States.Timeout', 'States.TaskFailed', false],
    ['Tutti.BreakerOpen', 'States.TaskFailed', true],
    ['Tutti.IN_DOUBT', 'States.TaskFailed', false],
    ['Tutti.IN_DOUBT', 'States.ALL', false],
    ['Tutti.IN_DOUBT', 'Tutti.IN_DOUBT', true],
    ['States.DataLimitExceeded', 'States.ALL', false],
    ['States.Timeout', 'States.ALL', true],
  ])('%s is matched by %s: %s', async (error, name, matched) => {
    const states = { A: task({ Catch: [{ ErrorEquals: [name], Next: 'B' }] }), B: { Type: 'Succeed' } as State };
    const { end } = await tryMachine(machine(states), {}, { tools: { 's/t': failing(error) } });
    expect(end.how).toBe(matched ? 'succeeded' : error === 'Tutti.IN_DOUBT' ? 'in_doubt' : 'failed');
  });
});

describe('bounds', () => {
  test('a loop ends with the states that a run may execute', async () => {
    const loop = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } } as const;
    const how = { needs: { limits: { states: 50, bytes: 1000, total: 10_000, concurrency: 1 } } };
    expect(await output(loop, 1, how)).toMatchObject({ how: 'failed', error: { Error: 'Tutti.TooManyStates' } });
  });

  test('what items come to together is the data of one state, and a run has a bound for all', async () => {
    const inner = {
      StartAt: 'B',
      States: { B: { Type: 'Pass', Output: '{% $pad("", 400, "x") %}', End: true } },
    } as const;
    const caught = [{ ErrorEquals: ['States.DataLimitExceeded'], Output: 'too much', Next: 'C' }];
    const each = { Type: 'Map', ItemProcessor: inner, Output: 1, Catch: caught, Next: 'C' } as const;
    const states = { A: each, C: { Type: 'Succeed' } } as const;
    const limits = (total: number) => ({ needs: { limits: { states: 50, bytes: 1000, total, concurrency: 1 } } });
    expect(await output(states, [1, 2], limits(10_000))).toBe(1);
    expect(await output(states, [1, 2, 3, 4, 5], limits(10_000))).toBe('too much');
    expect(await output(states, [1, 2], limits(1500))).toMatchObject({ error: { Error: 'Tutti.TooMuchData' } });
    const wide = '{% $pad("", 400, "x") %}';
    const given = {
      ...each,
      ItemSelector: wide,
      ItemProcessor: { ...inner, States: { B: { Type: 'Pass', Output: 1, End: true } } },
    };
    const kept = { ...inner, States: { B: { Type: 'Pass', Output: 1, Assign: { kept: wide }, End: true } } };
    for (const A of [given, { ...each, ItemProcessor: kept }] as MapState[]) {
      const end = await output({ A, C: states.C }, [1, 2, 3, 4], limits(1500));
      expect(end).toMatchObject({ error: { Error: 'Tutti.TooMuchData' } });
    }
  });

  test('a run ends with its TimeoutSeconds, whatever would be caught', async () => {
    const states: Record<string, State> = { A: { Type: 'Wait', Seconds: 100, End: true } };
    const { end, needs } = await tryMachine({ ...machine(states), TimeoutSeconds: 60 }, 1);
    expect(end).toMatchObject({ how: 'timed_out', error: { Error: 'States.Timeout' } });
    expect(needs.time.now().toISOString()).toBe('2026-01-01T00:01:00.000Z');
  });

  test('a run that is asked to stop ends its calls', async () => {
    const stop = new AbortController();
    const why = new Error('stop');
    const tools = {
      's/t': (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((_done, reject) => {
          signal.addEventListener('abort', () => reject(new Error('call ended')));
          stop.abort(why);
        }),
    };
    await expect(tryMachine(machine({ A: task() }), {}, { tools, needs: { signal: stop.signal } })).rejects.toBe(why);
  });
});

describe('approvals and doubts', () => {
  const ask = (more: object = {}): State =>
    task({ Resource: 'mcp://tutti/request_approval', Arguments: { message: 'Pay?', expires_s: 3600 }, ...more });

  test('an answer comes out; a refusal and silence are errors', async () => {
    const answer = { approved: true, by: 'p', at: 't', values: { n: 1 } };
    expect(await output({ A: ask() }, {}, { approvals: [answer] })).toEqual(answer);
    expect(
      await output({ A: ask() }, {}, { approvals: [{ ...answer, approved: false, comment: 'no' }] }),
    ).toMatchObject({
      error: { Error: 'Tutti.ApprovalRejected', Cause: 'no' },
    });
    expect(await output({ A: ask() }, {})).toMatchObject({ error: { Error: 'States.Timeout' } });
  });

  test('what request_approval does not know is refused, also where an expression gives it', async () => {
    const approval = ask({ Arguments: "{% {'message': 'Pay?', 'aprovers': ['desk']} %}" });
    expect(
      await output({ A: approval }, {}, { approvals: [{ approved: true, by: 'p', at: 't', values: {} }] }),
    ).toMatchObject({
      error: { Error: 'States.QueryEvaluationError', Cause: expect.stringContaining('Arguments.aprovers') },
    });
  });

  test.each([
    { properties: { a: { type: 'object' } } },
    { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
    { type: 'object', required: ['a'] },
    { $ref: '#/%' },
    ['a'],
  ])('nobody is asked for what is no form: %j', async (form) => {
    const approval = ask({ Arguments: { message: 'Pay?', fields: '{% $states.input.form %}' } });
    const approvals = [{ approved: true, by: 'p', at: 't', values: {} }];
    expect(await output({ A: approval }, { form }, { approvals })).toMatchObject({
      error: { Error: 'States.QueryEvaluationError', Cause: expect.stringContaining('Arguments.fields') },
    });
  });

  test('a call that was cut off is sent again only where that does no harm, or somebody says so', async () => {
    const states = machine({ A: task({ Retry: [{ ErrorEquals: ['States.ALL'] }] }) });
    const tools = { 's/t': () => 'paid' };
    const first = await tryMachine(states, {}, { tools });
    // As a crash leaves it between sending and answer.
    const left = first.log.filter(({ row }) => row.status === 'entered' || row.status === 'sending');
    expect(left).toHaveLength(2);
    const doubtful = await tryMachine(states, {}, { tools, left });
    expect(doubtful).toMatchObject({ end: { how: 'in_doubt', path: '0:A' }, calls: [], doubts: [1] });
    const known = await tryMachine(
      states,
      {},
      { tools, left: doubtful.log, resolved: { '0:A': { result: 'paid before' } } },
    );
    expect(known).toMatchObject({ end: { output: { value: 'paid before' } }, calls: [] });
    const again = await tryMachine(states, {}, { tools, left: doubtful.log, resolved: { '0:A': 'repeat' } });
    expect(again).toMatchObject({ end: { output: { value: 'paid' } }, calls: [{ tool: 't' }] });
    const harmless = await tryMachine(states, {}, { tools, left, idempotent: ['s/t'] });
    expect(harmless).toMatchObject({ end: { how: 'succeeded' }, calls: [{ idempotencyKey: 'run_1:1:0' }] });
  });

  test('what runs beside a call in doubt goes on to its end', async () => {
    const inner = { T: task() };
    const states = machine({
      A: {
        Type: 'Map',
        MaxConcurrency: 2,
        ItemProcessor: { StartAt: 'T', States: inner },
        ToleratedFailureCount: 9,
        End: true,
      },
    });
    const tools = {
      's/t': async ({ n }: Record<string, unknown>) => {
        if (n === 0) throw new StateFailure('Tutti.IN_DOUBT', undefined, { ofCall: true });
        await new Promise((done) => setTimeout(done, 10));
        return n;
      },
    };
    const { end, rows } = await tryMachine(states, [{ n: 0 }, { n: 1 }, { n: 2 }], { tools });
    expect(end).toMatchObject({ how: 'in_doubt', path: '0:A[0]/0:T' });
    expect(rows.filter(({ type }) => type === 'Task').map(({ status }) => status)).toEqual(['in_doubt', 'succeeded']);
  });
});

describe('secrets', () => {
  test('what a sensitive state makes is sealed, with all that comes after it, but for what holds nothing secret', async () => {
    const states = machine({
      Before: { Type: 'Pass', Next: 'Fetch' },
      Fetch: { Type: 'Task', Resource: 'mcp://s/t', Next: 'Each' },
      Each: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } },
        Next: 'Report',
      },
      Report: { Type: 'Pass', Output: 'fine', Next: 'Last' },
      Last: { Type: 'Pass', End: true },
    });
    const { rows, end } = await tryMachine(
      states,
      {},
      {
        tools: { 's/t': () => 'secret' },
        needs: { sensitive: ['Fetch'], public: ['Report'] },
      },
    );
    expect(Object.fromEntries(rows.map(({ path, sealed }) => [path, sealed]))).toEqual({
      '0:Before': false,
      '1:Fetch': true,
      '2:Each': true,
      '2:Each[0]': true,
      '2:Each[0]/0:In': true,
      '3:Report': false,
      '4:Last': true,
    });
    expect(end).toMatchObject({ output: { secret: true } });
  });

  test('what a sensitive state says as it fails is told nowhere', async () => {
    const states = machine({ A: task() });
    const { rows, end } = await tryMachine(
      states,
      {},
      {
        tools: { 's/t': failing('Boom', 'hush') },
        needs: { sensitive: true },
      },
    );
    expect(JSON.stringify([rows, end])).not.toContain('hush');
  });
});
