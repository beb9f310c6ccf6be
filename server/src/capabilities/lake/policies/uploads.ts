import type { Db } from '../../../core/db/database.ts';
import { findUnfinished } from '../../../core/jobs/store.ts';
import { lastArrival } from '../../../core/objects/store.ts';
import type { DatasetRow } from '../store.ts';
import { authorityOfPolicy, type CarryOutNeeds } from './carry-out.ts';
import { automaticJobId } from './ids.ts';
import type { Ruling } from './rule.ts';
import { listConcluded } from './store.ts';

const committing = ['lake.commit', 'lake.commit_uploads'];
const lookEveryMs = 60_000;

/**
 * Under busy-beaver with scope object, has what was uploaded committed once nothing more came for a while. Answers when to
 * look again.
 */
export async function commitArrived(
  tx: Db,
  { id }: DatasetRow,
  { rule, policy, paused }: Ruling,
  { jobs, objects }: CarryOutNeeds,
): Promise<number[]> {
  if (rule.name !== 'busy-beaver' || rule.params.scope !== 'object' || paused !== undefined) return [];
  // Where bytes go past us, nobody tells of them.
  const look = objects.kind === 'disk' ? [] : [(Math.floor(Date.now() / lookEveryMs) + 1) * lookEveryMs];
  const last = await lastArrival(tx, id);
  if (!last) return look;
  const at = last.getTime() + rule.params.debounce_ms;
  if (at > Date.now()) return [at, ...look];
  const unfinished = await findUnfinished(tx, id);
  const over = await listConcluded(
    tx,
    id,
    unfinished.map((job) => job.id),
  );
  // One that runs may have looked before the last object came; its end is an occasion to look again.
  if (unfinished.some((job) => committing.includes(job.kind) && !over.some(({ job_id }) => job_id === job.id)))
    return look;
  await jobs.enqueue(tx, {
    kind: 'lake.commit_uploads',
    authority: authorityOfPolicy(policy),
    datasetId: id,
    input: { dataset_id: id, version: versionName(last) },
    metadata: { policy: policy.name },
    priority: rule.params.priority,
    id: automaticJobId(last, 'lake.commit_uploads', id, last.getTime(), policy.put_at.getTime()),
  });
  return look;
}

/** Such as auto-20261121T040506.789Z: named by when the last of its objects came. */
function versionName(time: Date): string {
  return `auto-${time.toISOString().replaceAll(/[-:]/g, '')}`;
}
