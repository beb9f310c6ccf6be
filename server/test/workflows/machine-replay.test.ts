import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Machine, Scope, State } from '../../src/capabilities/workflows/definition/machine.ts';
import type { JournalEntry } from '../../src/capabilities/workflows/journal/memory.ts';
import { StateFailure } from '../../src/capabilities/workflows/machine/failure.ts';
import { closeEvaluator, type MachineTry, tryMachine } from '../support/machine.ts';

afterAll(closeEvaluator);

/** States in a row: each goes to the next one, or past it. */
function chain(states: readonly ((next: string | undefined, later: string | undefined) => State)[]): Scope {
  const name = (at: number) => (at < states.length ? `S${at}` : undefined);
  const made = states.map((state, at) => [`S${at}`, state(name(at + 1), name(at + 2) ?? name(at + 1))] as const);
  return { StartAt: 'S0', States: Object.fromEntries(made) };
}

const moves = (next: string | undefined) => (next === undefined ? { End: true } : { Next: next });
const recovery = fc.record({
  Retry: fc.constantFrom([], [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 5 }]),
  caught: fc.boolean(),
});
const catching = (caught: boolean, next: string | undefined) =>
  caught && next !== undefined ? { Catch: [{ ErrorEquals: ['States.ALL'], Next: next, Assign: { e: 1 } }] } : {};

type Maker = (next: string | undefined, later: string | undefined) => State;
const pass = fc.constant<Maker>((next) => ({
  Type: 'Pass',
  Assign: { x: '{% $random() %}' },
  Output: { was: '{% $states.input %}', id: '{% $uuid() %}' },
  ...moves(next),
}));
const wait = fc
  .integer({ min: 1, max: 50 })
  .map<Maker>((Seconds) => (next) => ({ Type: 'Wait', Seconds, ...moves(next) }));
const task = recovery.map<Maker>(({ Retry, caught }) => (next) => ({
  Type: 'Task',
  Resource: 'mcp://s/t',
  Arguments: { at: '{% $states.context.State.Name %}', r: '{% $random() %}' },
  Retry,
  ...catching(caught, next),
  ...moves(next),
}));
const choice = fc.constant<Maker>((next, later) =>
  next === undefined || later === undefined
    ? { Type: 'Succeed' }
    : { Type: 'Choice', Choices: [{ Condition: '{% $random() < 0.5 %}', Next: next }], Default: later },
);

function scope(depth: number): fc.Arbitrary<Scope> {
  const simple = [pass, wait, task, task, choice];
  const makers: fc.Arbitrary<Maker>[] = depth === 0 ? simple : [...simple, map(depth), parallel(depth)];
  return fc.array(fc.oneof(...makers), { minLength: 1, maxLength: 3 }).map(chain);
}

function map(depth: number): fc.Arbitrary<Maker> {
  return fc
    .record({
      ItemProcessor: scope(depth - 1),
      Items: fc.constantFrom('{% [1..$ceil($random() * 3)] %}', [1, 2], []),
      MaxConcurrency: fc.integer({ min: 0, max: 2 }),
      tolerated: fc.constantFrom(undefined, 1, 9),
      recovery,
    })
    .map(({ tolerated, recovery: { Retry, caught }, ...fields }) => (next) => ({
      Type: 'Map',
      ...fields,
      ...(tolerated !== undefined && { ToleratedFailureCount: tolerated }),
      Retry,
      ...catching(caught, next),
      ...moves(next),
    }));
}

function parallel(depth: number): fc.Arbitrary<Maker> {
  return fc
    .record({ Branches: fc.array(scope(depth - 1), { minLength: 1, maxLength: 2 }), recovery })
    .map(({ Branches, recovery: { Retry, caught } }) => (next) => ({
      Type: 'Parallel',
      Branches,
      Retry,
      ...catching(caught, next),
      ...moves(next),
    }));
}

/** Some paths fail, always the same; the others answer with what they were asked. */
const tools = {
  's/t': (args: Record<string, unknown>, { path }: { path: string }) => {
    const chance = createHash('sha256').update(path).digest()[0] ?? 0;
    if (chance < 60) throw new StateFailure('Boom', 'no', { ofCall: true });
    return { ...args, path };
  },
};

const start = Date.parse('2026-01-01T00:00:00Z');
/** The time at which the journal ends, so that a later process does not begin before it. */
const clockAfter = (left: readonly JournalEntry[]) =>
  Math.max(
    start,
    ...left.flatMap(({ row }) => [row.entered_at, row.exited_at ?? row.entered_at].map((at) => Date.parse(at))),
  );

async function again(machine: Machine, left: readonly JournalEntry[], how: MachineTry = {}) {
  const after = clockAfter(left);
  return tryMachine(machine, 7, { tools, left, idempotent: ['s/t'], startAt: new Date(after), ...how });
}

test('from every point at which it can be cut off, a run comes to the same end, and calls nothing again that was recorded', async () => {
  await fc.assert(
    fc.asyncProperty(scope(2), async (machine) => {
      const whole = await again(machine, []);
      for (const cut of [0, ...whole.ends]) {
        const left = whole.log.slice(0, cut);
        const rest = await again(machine, left);
        // Of several that fail at once any may be the first.
        expect({ ...rest.end, path: '' }).toEqual({ ...whole.end, path: '' });
        const standing = new Map(left.map(({ row }) => [`${row.path}#${row.generation}`, row]));
        const done = [...standing.values()].filter(({ status }) => ['succeeded', 'caught', 'failed'].includes(status));
        // By its execution, not by its path: a Map or a Parallel that is tried again calls anew what failed within it.
        const keys = done.map(({ seq, generation }) => `run_1:${seq}:${generation}`);
        expect(rest.calls.filter(({ idempotencyKey }) => keys.includes(idempotencyKey))).toEqual([]);
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 10_000 },
  );
});

test('the time that expressions see is the one at which their state was entered', async () => {
  const machine = chain([
    (next) => ({ Type: 'Task', Resource: 'mcp://s/now', Output: '{% $now() %}', ...moves(next) }),
  ]);
  const first = await again(machine, [], { tools: { 's/now': () => 1 } });
  const entered = first.log.slice(0, 1);
  const later = await again(machine, entered, {
    tools: { 's/now': () => 1 },
    idempotent: ['s/now'],
    startAt: new Date(start + 1e6),
  });
  expect(later.end).toEqual(first.end);
  expect(later.calls).toHaveLength(1);
});
