import type { Authority } from '../../../core/auth/authority.ts';
import { canonicalJson } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { holdJobs } from '../../../core/jobs/hold/store.ts';
import { cancelQueued, findJob, type JobRow, listUnfinished, requestCancel } from '../../../core/jobs/store.ts';
import { findBuilder } from '../builders/store.ts';
import { noDataset, noVersion, unknownVersion } from '../errors.ts';
import { lockDataset } from '../store.ts';
import { findVersion } from '../versions/store.ts';
import type { IngestInput } from './ingest-plan.ts';

/** Enqueues an ingest; one of another content that still waits for the same target is superseded, which ends it as canceled. */
export async function enqueueIngest(
  tx: Db,
  jobs: JobEngine,
  authority: Authority,
  wanted: IngestInput,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<JobRow> {
  const { dataset_id, target, mapping, options = {} } = wanted;
  const held = (await waitingIngests(tx, dataset_id, target)).map(({ id }) => id);
  await holdJobs(tx, held);
  const row = await lockDataset(tx, dataset_id);
  if (!row) throw noDataset(dataset_id);
  const version = wanted.version ?? row.version;
  if (version === null) throw noVersion(dataset_id);
  if (!(await findVersion(tx, dataset_id, version))) throw unknownVersion(version);
  const input = { dataset_id, target, version, mapping, options };
  const waiting = await waitingIngests(tx, dataset_id, target);
  const job = await jobs.enqueue(tx, { kind: 'lake.ingest', authority, datasetId: dataset_id, input, metadata });
  for (const { id, input: other } of waiting) {
    if (id === job.id || canonicalJson(other) === canonicalJson(input)) continue;
    // One that came in between may be beginning, and wait for this dataset: it goes on then.
    await (held.includes(id) ? requestCancel : cancelQueued)(tx, id, `superseded by ${job.id}`);
  }
  return job;
}

/** Ingests of a target that do not build yet. */
async function waitingIngests(tx: Db, datasetId: string, target: string): Promise<JobRow[]> {
  const builder = await findBuilder(tx, datasetId, target);
  const waiting: JobRow[] = [];
  for (const id of await listUnfinished(tx, datasetId)) {
    const job = id === builder ? undefined : await findJob(tx, id);
    if (job?.kind === 'lake.ingest' && job.handler !== 'lake.ingest@1' && job.input.target === target)
      waiting.push(job);
  }
  return waiting;
}
