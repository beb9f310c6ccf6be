import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidOf } from '../../../../../examples/orchestra-simulator/ids.ts';
import { taskOf } from '../../../../test/support/task-runs.ts';
import type { TaskRun } from '../api/schemas.ts';
import { failureOrder } from './failure-order.ts';

const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
const failed = (taskId: string, dependsOn: string[] = [], ended = 1, more = {}) =>
  taskOf(taskId, { status: 'FAILED', dependsOn, completedAt: minute(ended), ...more });
const orderOf = (tasks: TaskRun[]) => failureOrder(tasks, ({ status }) => status === 'FAILED');
const shown = (tasks: TaskRun[]) => orderOf(tasks).failed.map(({ task, root }) => `${task.taskId}${root ? '*' : ''}`);

test('what failed after another one is no root, however far away that is', () => {
  const tasks = [failed('c', ['b'], 1), taskOf('b', { dependsOn: ['a'], status: 'SKIPPED' }), failed('a', [], 5)];
  expect(shown(tasks)).toEqual(['a*', 'c']);
});

test('roots that do not depend on each other come in the order in which they ended', () => {
  expect(shown([failed('late', [], 9), failed('early', [], 2), failed('after', ['late', 'early'], 10)])).toEqual([
    'early*',
    'late*',
    'after',
  ]);
  const sameEnd = [failed('b', [], 3, { startedAt: minute(2) }), failed('a', [], 3, { startedAt: minute(1) })];
  expect(shown(sameEnd)).toEqual(['a*', 'b*']);
});

test('the parent of a matrix fails for the sake of its child, also where the child names it', () => {
  const child = failed('child', ['parent'], 2, { matrixParentId: uuidOf('parent') });
  expect(shown([failed('parent', [], 3), child, failed('next', ['parent'], 4)])).toEqual(['child*', 'parent', 'next']);
});

test('a circle is opened last, where it began first; nobody is lost in it', () => {
  expect(shown([failed('b', ['a'], 2), failed('a', ['b'], 1), failed('self', ['self'], 3)])).toEqual([
    'self*',
    'a*',
    'b',
  ]);
});

test('downstream is told with the root that leads there; a name of no task is a group', () => {
  const tasks = [failed('a'), taskOf('b', { dependsOn: ['a'] }), taskOf('c', { dependsOn: ['b', 'some_group'] })];
  const { downstream, unresolved } = orderOf(tasks);
  expect([...downstream].map(([id, root]) => [id, root.taskId])).toEqual([
    [uuidOf('b'), 'a'],
    [uuidOf('c'), 'a'],
  ]);
  expect([...unresolved]).toEqual(['some_group']);
});

test('whatever the graph is, all that failed is named once, the first is a root, and no root comes after a failed task', () => {
  const graph = fc.array(
    fc.record({ fails: fc.boolean(), after: fc.array(fc.nat(14), { maxLength: 4 }), ended: fc.nat(50) }),
    { maxLength: 15 },
  );
  // Each goes back to earlier ones: no circles.
  const forest = graph.map((nodes) =>
    nodes.map((node, at) => ({ ...node, after: at === 0 ? [] : node.after.map((other) => other % at) })),
  );
  fc.assert(
    fc.property(fc.oneof(graph, forest), (nodes) => {
      const tasks = nodes.map(({ fails, after, ended }, at) =>
        taskOf(`t${at}`, {
          status: fails ? 'FAILED' : 'SUCCEEDED',
          // Forwards and backwards: circles too.
          dependsOn: after.map((other) => `t${other}`),
          completedAt: minute(ended),
        }),
      );
      const { failed: found, before } = orderOf(tasks);
      expect(new Set(found.map(({ task }) => task))).toEqual(
        new Set(tasks.filter(({ status }) => status === 'FAILED')),
      );
      expect(found[0]?.root ?? true).toBe(true);
      const acyclic = nodes.every(({ after }, at) => after.every((other) => other < at || other >= nodes.length));
      if (!acyclic) return;
      const place = new Map(found.map(({ task }, at) => [task, at]));
      for (const { task, root } of found) {
        const ancestors = allBefore(task, before);
        const failedBefore = [...ancestors].filter((one) => place.has(one));
        expect(root).toBe(failedBefore.length === 0);
        for (const one of failedBefore) expect(place.get(one)).toBeLessThan(place.get(task) as number);
      }
    }),
    { numRuns: 300 },
  );
});

function allBefore(task: TaskRun, before: (task: TaskRun) => readonly TaskRun[], seen = new Set<TaskRun>()) {
  for (const one of before(task)) {
    if (seen.has(one)) continue;
    seen.add(one);
    allBefore(one, before, seen);
  }
  return seen;
}
