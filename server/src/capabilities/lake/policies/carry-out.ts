import { type Authority, noAuthority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import { causeOf } from '../../../core/events/cause.ts';
import { withCause } from '../../../core/events/store.ts';
import type { EnqueueRequest, JobEngine } from '../../../core/jobs/engine.ts';
import { cancelQueued } from '../../../core/jobs/store.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { findIndex, giveUpIndexes, serveRetired } from '../indexes/store.ts';
import type { IngestOptions } from '../jobs/ingest-work.ts';
import { setDatasetState } from '../store.ts';
import type { Action, Standing } from './decide.ts';
import { automaticJobId } from './ids.ts';
import type { Rule } from './known.ts';
import type { Ruling } from './rule.ts';
import type { Asked } from './situation.ts';
import { putTarget, type TargetRow } from './store.ts';

export interface CarryOutNeeds {
  readonly jobs: Pick<JobEngine, 'enqueue'>;
  readonly objects: Pick<ObjectStore, 'kind'>;
}

/** Does what was decided of a target. Answers how things stand instead, where it must not be done. */
export async function carryOut(
  tx: Db,
  action: Action,
  asked: Asked,
  needs: CarryOutNeeds,
): Promise<Standing | undefined> {
  const { wanted, ruling, row } = asked;
  const { dataset_id: datasetId, target } = row;
  if (action.do === 'cancel') {
    await cancelQueued(tx, action.job_id, 'superseded');
  } else if (action.do === 'evict') {
    await giveUpIndexes(tx, datasetId, target);
  } else if (action.do === 'serve' && wanted) {
    const index = await findIndex(tx, action.index);
    const only = { version: wanted.version, target, ...(index?.mapping_hash && { mapping_hash: index.mapping_hash }) };
    await serveRetired(tx, datasetId, wanted.manifest_id, only);
    await setDatasetState(tx, datasetId, 'ingested');
  } else if ((action.do === 'validate' || action.do === 'ingest') && wanted && ruling) {
    const request =
      action.do === 'validate'
        ? { kind: 'lake.validate', input: { dataset_id: datasetId, version: wanted.version } }
        : {
            kind: 'lake.ingest',
            input: {
              dataset_id: datasetId,
              target,
              version: wanted.version,
              mapping: ruling.rule.params.mapping ?? row.mapping,
              options: { ...row.options, ...optionsOf(ruling.rule) },
            },
          };
    return enqueue(tx, request, ruling, row, needs);
  }
  return undefined;
}

/** Enqueues a job that acts as whoever put the policy, because of what made the version wanted. */
async function enqueue(
  tx: Db,
  request: Pick<EnqueueRequest, 'kind' | 'input'>,
  { policy, rule }: Ruling,
  row: TargetRow,
  { jobs }: CarryOutNeeds,
): Promise<Standing | undefined> {
  const trigger = `lake.policy:${row.dataset_id}`;
  const event = row.event_id === null ? undefined : { id: row.event_id, ...(row.cause && { cause: row.cause }) };
  const cause = event && causeOf(event, trigger);
  if (event && !cause) return { state: 'blocked', reason: 'this policy itself led to the change' };
  const id = automaticJobId(new Date(), request.kind, row.dataset_id, row.target, row.wants, row.generation);
  const work = () =>
    jobs.enqueue(tx, {
      ...request,
      id,
      authority: authorityOfPolicy(policy),
      datasetId: row.dataset_id,
      metadata: { policy: policy.name },
      priority: rule.params.priority,
    });
  await (cause ? withCause(tx, cause, work) : work());
  await putTarget(tx, row, request.kind === 'lake.validate' ? { validate_job: id } : { ingest_job: id });
  return undefined;
}

export function authorityOfPolicy(policy: Ruling['policy']): Authority {
  return { ...policy.authority, principalId: policy.principal_id };
}

/** How a policy has an index built. What the ingest finds it cannot build on is built whole all the same. */
function optionsOf(rule: Rule): IngestOptions {
  if (rule.name === 'busy-beaver') return { mode: 'incremental' };
  if (rule.name === 'lazy') return { mode: 'auto' };
  const { rebuild_ratio, verify, warm_queries, keep_previous } = rule.params;
  return { mode: 'auto', rebuild_ratio, verify, keep_previous, warm_queries };
}

/** Times are rounded up to it, so that a thousand uploads plan a few looks and not a thousand. */
const planEveryMs = 500;

/** Has the dataset looked at again at a time. The same time is planned once. */
export async function planLater(tx: Db, datasetId: string, time: number, { jobs }: CarryOutNeeds): Promise<void> {
  const at = Math.ceil(time / planEveryMs) * planEveryMs;
  const delayS = Math.max(0, at - Date.now()) / 1000;
  await jobs.enqueue(tx, {
    kind: 'lake.reconcile',
    // It decides only; what it enqueues acts as whoever put the policy. It is of no dataset: nobody waits for it.
    authority: noAuthority,
    input: { dataset_id: datasetId },
    id: automaticJobId(new Date(at), 'lake.reconcile', datasetId, at),
    delayS,
  });
}
