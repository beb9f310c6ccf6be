import { inTransaction } from '../../../core/db/database.ts';
import { lockWorkflow } from '../definitions/store.ts';
import { actorOf } from './actor.ts';
import { inputOf, type Occasion, take } from './occasion.ts';
import { plan } from './plan.ts';
import { listDue, moveOn, type Trigger } from './store.ts';
import type { TriggerNeeds } from './triggers.ts';

const batch = 50;

/** Starts the runs of all schedules whose time has come, each once, whoever dies meanwhile. */
export async function runSchedules(needs: TriggerNeeds): Promise<void> {
  for (const trigger of await listDue(needs.db, batch)) await runSchedule(trigger, needs);
}

async function runSchedule(trigger: Trigger, { db, start, evaluator }: TriggerNeeds): Promise<void> {
  const { spec, next_at } = trigger;
  if (!spec.schedule || !next_at) return;
  const { times, next } = plan(spec.schedule, next_at, new Date());
  const occasions: Occasion[] = [];
  // While it is paused its times pass by.
  if ('actor' in (await actorOf(db, trigger))) {
    for (const time of times) {
      const at = time.toISOString();
      const told = { scheduled_at: at, last_at: trigger.last_at?.toISOString() ?? null };
      occasions.push({
        trigger,
        at: time,
        started: { kind: 'schedule', id: trigger.id, at },
        input: spec.input === undefined ? { value: {} } : await inputOf(trigger, told, at, evaluator),
      });
    }
  }
  await inTransaction(db, async (tx) => {
    // Before the row of the trigger, as whoever puts the workflow does.
    await lockWorkflow(tx, trigger.workflow);
    if (!(await moveOn(tx, trigger, next ?? null))) return;
    for (const occasion of occasions) await take(tx, occasion, start);
  });
}
