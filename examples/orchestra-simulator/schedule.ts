import type { Outcome, TaskPlan } from './model.ts';

/** When a task of a run begins and ends and how, as it is known beforehand; times in milliseconds. */
export interface Slot {
  readonly task: TaskPlan;
  readonly begins: number;
  readonly ends: number;
  readonly status: string;
  readonly outcome: Outcome;
}

const cancelTakesMs = 2000;
const succeeded: Outcome = { status: 'SUCCEEDED' };

/** Lays the tasks of a run out in time: each begins when all that it depends on has ended well, else it is skipped. */
export function schedule(
  tasks: readonly TaskPlan[],
  outcomes: Readonly<Record<string, Outcome>>,
  startsAt: number,
  left: ReadonlySet<string> = new Set(),
): Slot[] {
  const slots: Slot[] = [];
  for (const task of tasks) {
    const before = slots.filter(({ task: other }) =>
      task.dependsOn?.some((id) => id === other.id || id === other.group),
    );
    const ready = Math.max(startsAt, ...before.map(({ ends }) => ends));
    if (left.has(task.id)) {
      slots.push({ task, begins: ready, ends: ready, status: 'SKIPPED', outcome: { ...succeeded, message: notPart } });
      continue;
    }
    // What an earlier run did well is skipped in a retry, and holds nobody up.
    const held = before.some(({ status, outcome }) => blocks.has(status) && outcome.message !== notPart);
    const outcome = outcomes[task.id] ?? succeeded;
    if (held)
      slots.push({ task, begins: ready, ends: ready, status: 'SKIPPED', outcome: { ...succeeded, message: heldUp } });
    else
      slots.push({
        task,
        begins: ready,
        ends: ready + (task.takesS ?? 30) * 1000,
        status: endOf(task, outcome),
        outcome,
      });
  }
  return slots;
}

const blocks = new Set(['FAILED', 'SKIPPED', 'CANCELLED']);
const notPart = 'Task is not part of this run.';
const heldUp = 'Task skipped: an upstream task did not succeed.';

function endOf(task: TaskPlan, { status }: Outcome): string {
  return status === 'FAILED' && task.treatFailureAsWarning ? 'WARNING' : status;
}

/** How far a slot is at a time, with a cancellation taken into account. */
export function progressOf(slot: Slot, now: number, cancelledAt = Number.POSITIVE_INFINITY) {
  const { begins, ends, status } = slot;
  if (ends > cancelledAt && now >= cancelledAt) {
    const running = begins < cancelledAt;
    const stopped = running ? cancelledAt + cancelTakesMs : cancelledAt;
    if (now < stopped) return { status: 'CANCELLING', startedAt: begins, completedAt: null };
    return { status: 'CANCELLED', startedAt: running ? begins : null, completedAt: stopped };
  }
  if (now < begins) return { status: 'CREATED', startedAt: null, completedAt: null };
  if (now >= ends) return { status, startedAt: status === 'SKIPPED' ? null : begins, completedAt: ends };
  return { status: now < begins + 1000 ? 'QUEUED' : 'RUNNING', startedAt: begins, completedAt: null };
}

/** The status of a run, from those of its tasks. */
export function runStatus(statuses: readonly string[]): string {
  if (statuses.some((status) => status === 'CANCELLING')) return 'CANCELLING';
  if (statuses.some((status) => status === 'CREATED' || status === 'QUEUED' || status === 'RUNNING')) return 'RUNNING';
  if (statuses.some((status) => status === 'CANCELLED')) return 'CANCELLED';
  if (statuses.some((status) => status === 'FAILED')) return 'FAILED';
  return statuses.some((status) => status === 'WARNING') ? 'WARNING' : 'SUCCEEDED';
}
