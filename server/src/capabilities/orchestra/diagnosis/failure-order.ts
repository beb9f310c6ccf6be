import type { TaskRun } from '../api/schemas.ts';

/** A task that went wrong, and whether nothing before it did. */
export interface FailedTask {
  readonly task: TaskRun;
  readonly root: boolean;
}

export interface FailureOrder {
  /** In dependency order; what does not depend on each other in the order in which it ended. */
  readonly failed: readonly FailedTask[];
  /** What comes after a root, by task run, with the root that leads there. */
  readonly downstream: ReadonlyMap<string, TaskRun>;
  /** What a task waits for directly. */
  before(task: TaskRun): readonly TaskRun[];
  /** Names in `dependsOn` that are no task of the run: groups of tasks, whose members are not told. */
  readonly unresolved: ReadonlySet<string>;
}

/**
 * Orders what failed by who waits for whom. A root is a failed task with no failed one anywhere before it, so there may be
 * several. The parent of a matrix comes after its children; a circle is opened where it began first.
 */
export function failureOrder(tasks: readonly TaskRun[], hasFailed: (task: TaskRun) => boolean): FailureOrder {
  const { before, after, unresolved } = linksOf(tasks);
  const waits = new Map(tasks.map((task) => [task, before.get(task)?.size ?? 0]));
  const left = new Set([...tasks].sort(byEnd));
  const ready = new Set([...left].filter((task) => waits.get(task) === 0));
  const tainted = new Set<TaskRun>();
  const failed: FailedTask[] = [];

  while (left.size > 0) {
    const task = [...ready].find((one) => !hasFailed(one)) ?? earliest(ready) ?? earliest(left);
    if (task === undefined) break;
    ready.delete(task);
    left.delete(task);
    if (hasFailed(task)) failed.push({ task, root: !tainted.has(task) });
    const taints = hasFailed(task) || tainted.has(task);
    for (const next of after.get(task) ?? []) {
      if (taints) tainted.add(next);
      const still = (waits.get(next) ?? 0) - 1;
      waits.set(next, still);
      if (still === 0 && left.has(next)) ready.add(next);
    }
  }
  const roots = failed.filter(({ root }) => root).map(({ task }) => task);
  return {
    failed,
    downstream: reachedFrom(roots, after),
    before: (task) => [...(before.get(task) ?? [])],
    unresolved,
  };
}

interface Links {
  readonly before: Map<TaskRun, Set<TaskRun>>;
  readonly after: Map<TaskRun, Set<TaskRun>>;
  readonly unresolved: Set<string>;
}

function linksOf(tasks: readonly TaskRun[]): Links {
  const byTaskId = Map.groupBy(tasks, ({ taskId }) => taskId);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const links: Links = { before: new Map(), after: new Map(), unresolved: new Set() };
  const link = (first: TaskRun, then: TaskRun) => {
    if (first === then) return;
    add(links.before, then, first);
    add(links.after, first, then);
  };
  for (const task of tasks) {
    const parent = task.matrixParentId === null ? undefined : byId.get(task.matrixParentId);
    if (parent) link(task, parent);
    for (const name of new Set(task.dependsOn)) {
      const known = byTaskId.get(name);
      if (!known) links.unresolved.add(name);
      // A child may name its own parent, which yet comes after it.
      for (const first of known ?? []) if (first !== parent) link(first, task);
    }
  }
  return links;
}

function add(map: Map<TaskRun, Set<TaskRun>>, key: TaskRun, value: TaskRun): void {
  const known = map.get(key);
  if (known) known.add(value);
  else map.set(key, new Set([value]));
}

function reachedFrom(roots: readonly TaskRun[], after: Links['after']): Map<string, TaskRun> {
  const reached = new Map<string, TaskRun>();
  const queue = roots.map((root) => ({ task: root, root }));
  for (const { task, root } of queue) {
    for (const next of after.get(task) ?? []) {
      if (reached.has(next.id) || roots.includes(next)) continue;
      reached.set(next.id, root);
      queue.push({ task: next, root });
    }
  }
  return reached;
}

function earliest(tasks: ReadonlySet<TaskRun>): TaskRun | undefined {
  return [...tasks].sort(byEnd)[0];
}

function byEnd(a: TaskRun, b: TaskRun): number {
  return (
    at(a.completedAt) - at(b.completedAt) ||
    at(a.startedAt) - at(b.startedAt) ||
    (a.taskId ?? '').localeCompare(b.taskId ?? '') ||
    (a.id < b.id ? -1 : 1)
  );
}

/** What has no time comes last; not infinite, for two of these must still be comparable. */
function at(time: string | null): number {
  return time === null ? Number.MAX_SAFE_INTEGER : Date.parse(time);
}
