import type { Db } from '../../../core/db/database.ts';
import { noteNotRemoved } from '../containers/store.ts';
import { shownEnv } from '../fingerprint.ts';
import { closeRun, type Outcome, type RunRow } from './store.ts';

/** Of a run of whose container nothing is known. */
export const stopped: Outcome = { how: 'stopped', exit_code: null, out_of_memory: false, steps: 0 };

/** Ends the record of a run whose job ended without its handler: canceled while it waited, or given up. */
export async function closeUnstarted(tx: Db, run: RunRow): Promise<void> {
  await closeRun(tx, run.id, { outcome: stopped, usage: null, env: shownEnv(run.spec.env) });
  // Whoever would have ended it was not there.
  await noteNotRemoved(tx, { run_id: run.id });
}
