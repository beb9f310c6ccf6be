import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, inTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { findJob } from '../../../core/jobs/store.ts';
import { findServedIndex } from '../indexes/store.ts';
import type { Standing } from './decide.ts';
import type { Params } from './known.ts';
import type { Reconcile } from './reconcile.ts';
import { rulingOf } from './rule.ts';
import { listPolicies, noteRead } from './store.ts';

/** What a reader is told of an answer that is not of the version that is wanted. */
export interface Staleness {
  readonly stale: true;
  readonly wanted_version?: string;
  readonly job_id?: string;
}

export interface Read {
  readonly datasetId: string;
  /** The current version. */
  readonly version: string | null;
  readonly target: string;
  readonly signal: AbortSignal;
}

const lookEveryMs = 100;

/**
 * What the policy lazy does when somebody reads: it has the wanted version ingested, once for all readers, and lets the
 * reader have what is served meanwhile, or wait, or come back. Undefined where nothing is to be said. Throws INDEX_BUILDING.
 */
export async function beforeRead(db: Db, read: Read, reconcile: Reconcile): Promise<Staleness | undefined> {
  const { datasetId, target, version } = read;
  const ruling = await rulingOf(db, await listPolicies(db, datasetId));
  if (ruling?.rule.name !== 'lazy' || !(ruling.rule.params.targets?.includes(target) ?? true)) return undefined;
  await noteRead(db, datasetId, target);
  const before = await findServedIndex(db, datasetId, target);
  // The common case takes no lock.
  if (before && before.version === version && ruling.rule.params.mapping === undefined) return undefined;
  const decisions = await inTransaction(db, (tx) => reconcile(tx, datasetId, { reading: target }));
  const standing = decisions.get(target)?.standing;
  if (!standing || standing.state === 'served' || standing.state === 'empty') return undefined;
  const { job_id } = standing;
  const stale = {
    stale: true as const,
    ...(version !== null && { wanted_version: version }),
    ...(job_id && { job_id }),
  };
  const served = await findServedIndex(db, datasetId, target);
  if (served && (ruling.rule.params.allow_stale || standing.state === 'stale')) return stale;
  if (await comesInTime(db, read, standing, ruling.rule.params)) return undefined;
  throw unserved(standing, served !== undefined);
}

/** Waits for the job as long as the policy says; whether the version is served then. */
async function comesInTime(
  db: Db,
  { datasetId, target, version, signal }: Read,
  { job_id }: Standing,
  { wait_ms }: Params<'lazy'>,
): Promise<boolean> {
  const until = Date.now() + wait_ms;
  while (job_id !== undefined && Date.now() < until && !signal.aborted) {
    await sleep(Math.min(lookEveryMs, until - Date.now()));
    if ((await findJob(db, job_id))?.finished_at) break;
  }
  return (await findServedIndex(db, datasetId, target))?.version === version;
}

function unserved({ state, reason, job_id, failed_rules }: Standing, isStale: boolean): AppError {
  const details = {
    state,
    ...(reason && { reason }),
    ...(job_id && { job_id }),
    ...(failed_rules && { failed_rules }),
  };
  if (state === 'building' || state === 'waiting') {
    return new AppError(
      'INDEX_BUILDING',
      isStale ? 'The index of the current version is being built.' : 'The index is being built.',
      'Search again in a moment; job_status of details.job_id tells whoever may see the job how far it is.',
      details,
    );
  }
  return new AppError(
    'NOT_SERVED',
    'The policy of this dataset may not have it ingested now: details say why.',
    'See list_policies and targets of get_dataset; correct what stops it, or call start_ingest.',
    details,
  );
}
