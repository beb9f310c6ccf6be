import { z } from 'zod';
import type { ResourceKind } from '../../../core/resource.ts';
import { runSchema, stateSchema } from '../contract.ts';
import { listStates } from '../journal/store.ts';
import { completeRun } from './complete-run.ts';
import type { Payloads } from './run.ts';
import { showRun } from './show.ts';
import { showState } from './show-state.ts';
import { visibleRun } from './visible-run.ts';

/** States that a read shows; get_workflow_run pages through all. */
const maxStates = 200;

const { run_id, status } = runSchema.shape;

/** `pipeline-run://{run_id}`, and the spelling with an underscore, which is no legal URI, where the protocol's library takes it. */
export const runResource = (payloads: Payloads): ResourceKind => ({
  kind: 'pipeline-run',
  aliases: ['pipeline_run'],
  variable: 'run_id',
  toolset: 'workflows',
  title: 'Workflow run',
  description: 'A run of a workflow with its result and its first 200 states: pipeline-run://{run_id}',
  output: z.looseObject({
    run_id,
    status,
    details: runSchema
      .omit({ run_id: true, status: true })
      .extend({ states: z.array(stateSchema).describe('The first 200 states of its history.') })
      .describe('All else that is known of it.'),
  }),
  async read(id, principal, db) {
    const run = await visibleRun(db, principal, id);
    const { run_id, status, ...details } = await showRun(db, run, { payloads });
    const rows = await listStates(db, run_id, { limit: maxStates });
    const states = await Promise.all(rows.map((row) => showState(run_id, row, { payloads }, false)));
    return { run_id, status, details: { ...details, states } };
  },
  complete: completeRun,
});
