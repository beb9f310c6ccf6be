import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import type { EngineColumn } from '../engine/protocol.ts';
import { breakOffIndex, findIndex, findServedIndex, serveIndex } from '../indexes/store.ts';
import { lockDataset, setDatasetState } from '../store.ts';
import type { IngestNeeds } from './ingest-course.ts';
import { type Building, type IngestInput, isOutdone } from './ingest-plan.ts';
import type { Pointer } from './target.ts';

/** Serves what was built, unless an ingest that began later was faster. */
export async function serve(
  tx: Db,
  jobId: string,
  input: IngestInput,
  built: {
    readonly plan: Building;
    readonly columns: readonly EngineColumn[];
    readonly rows: number;
    readonly pointer: Pointer;
    readonly overrides: number;
  },
): Promise<boolean> {
  const { dataset_id, target } = input;
  const { plan, columns, rows, pointer, overrides } = built;
  const current = (await lockDataset(tx, dataset_id)) && (await findServedIndex(tx, dataset_id, target));
  const own = await findIndex(tx, plan.index);
  if (!own || own.job_id !== jobId) throw taken();
  // Another ingest that began later was faster, or somebody rolled back: what is served stays, this one is put away.
  if (current && (await isOutdone(tx, current, { version: plan.of.version, jobId }))) {
    await breakOffIndex(tx, plan.index, jobId, false);
    return false;
  }
  await serveIndex(tx, { id: plan.index, dataset_id, target, columns, row_count: rows, pointer, overrides });
  await setDatasetState(tx, dataset_id, 'ingested');
  return true;
}

/** Leaves things in order: what can be gone on with is kept, and what was served stays served. */
export async function giveUp(
  context: JobContext,
  input: IngestInput,
  plan: Building,
  error: unknown,
  needs: IngestNeeds,
): Promise<void> {
  const hopeless = error instanceof AppError && ['VERIFICATION_FAILED', 'VALIDATION_FAILED'].includes(error.code);
  const gone = await context.conclude('give up', async (tx) => {
    const dataset = await lockDataset(tx, input.dataset_id);
    await breakOffIndex(tx, plan.index, context.job.id, !hopeless);
    await setDatasetState(tx, input.dataset_id, 'failed');
    return dataset === undefined;
  });
  // The dataset was deleted meanwhile, and nobody else knows of what was built.
  if (gone)
    await needs.targets.get(input.target)?.drop({ id: plan.index, dataset_id: input.dataset_id, pointer: null }, false);
}

export function taken(): AppError {
  return new AppError(
    'CONFLICT',
    'The index is not the one of this job any more: its dataset was deleted, or another job goes on with it.',
    'See get_dataset, and start the ingest again if it is still wanted.',
  );
}
