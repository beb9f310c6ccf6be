import type { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import type { triggerSchema } from '../contract.ts';
import { pausedBecause } from './actor.ts';
import type { Trigger } from './store.ts';

/** A trigger as the tools answer it. */
export async function showTrigger(db: Db, trigger: Trigger): Promise<z.output<typeof triggerSchema>> {
  const paused = await pausedBecause(db, trigger);
  const { id, kind, spec, next_at, last_at, last_run, last_problem } = trigger;
  return {
    trigger_id: id,
    kind,
    spec: { ...spec },
    ...(next_at && { next_at: next_at.toISOString() }),
    ...(last_at && { last_at: last_at.toISOString() }),
    ...(last_run !== null && { last_run }),
    ...(last_problem !== null && { last_problem }),
    ...(paused !== undefined && { paused }),
  };
}
