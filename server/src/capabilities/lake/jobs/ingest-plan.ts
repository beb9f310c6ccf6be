import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { newId } from '../../../core/ids.ts';
import { findJob } from '../../../core/jobs/store.ts';
import type { IndexMapping } from '../engine/protocol.ts';
import { noDataset } from '../errors.ts';
import {
  type BuildProgress,
  findServedIndex,
  type IndexRow,
  insertIndex,
  resumeIndex,
  serveRetired,
} from '../indexes/store.ts';
import { moveRejects } from '../rejects/store.ts';
import { lockDataset, setDatasetState } from '../store.ts';
import type { IngestOptions } from './ingest-work.ts';
import { type VersionObjects, versionObjects } from './version-objects.ts';

export interface IngestInput {
  readonly dataset_id: string;
  readonly target: string;
  readonly mapping: IndexMapping;
  /** By default the current one. */
  readonly version?: string;
  readonly options?: IngestOptions & Readonly<Record<string, unknown>>;
}

type Base = Pick<IndexRow, 'id' | 'columns' | 'row_count' | 'overrides' | 'pointer' | 'manifest_id'>;

export interface Building {
  readonly done?: never;
  readonly of: VersionObjects;
  readonly index: string;
  /** How far the build came before it broke off. */
  readonly progress: BuildProgress | null;
  /** What is served now, if it can be built on. */
  readonly base: Base | null;
}

type Plan =
  /** Nothing is to be built. */
  | {
      readonly done: 'up_to_date' | 'restored' | 'newer_served';
      readonly version: string;
      readonly rows: number | null;
    }
  | Building;

/** Options that decide how an index is built, not what it holds. */
const ofBuilding = new Set([
  'mode',
  'rebuild_ratio',
  'verify',
  'canary_queries',
  'warm_queries',
  'keep_previous',
  'batch_rows',
  'version',
]);

/** Says what has to be done to serve a version; the caller has the turn. */
export async function planIngest(tx: Db, input: IngestInput, jobId: string): Promise<Plan> {
  const { dataset_id, target, mapping, options = {} } = input;
  if (!(await lockDataset(tx, dataset_id))) throw noDataset(dataset_id);
  const of = await versionObjects(tx, dataset_id, input.version);
  const { version, manifest_id } = of;
  const mapping_hash = mappingHash(mapping, options);
  const served = await findServedIndex(tx, dataset_id, target);
  if (served && (await isOutdone(tx, served, { version, jobId }))) {
    return { done: 'newer_served', version: served.version, rows: served.row_count };
  }
  if (options.mode !== 'rebuild') {
    const before = served?.id;
    if ((await serveRetired(tx, dataset_id, manifest_id, { version, target, mapping_hash })).length > 0) {
      const now = await findServedIndex(tx, dataset_id, target);
      await setDatasetState(tx, dataset_id, 'ingested');
      return { done: now?.id === before ? 'up_to_date' : 'restored', version, rows: now?.row_count ?? null };
    }
  }
  await setDatasetState(tx, dataset_id, 'ingesting');
  const base = served?.mapping_hash === mapping_hash && served.pointer && served.manifest_id ? served : null;
  const wanted = { dataset_id, target, version, manifest_id, mapping_hash, job_id: jobId };
  const broken = await resumeIndex(tx, wanted);
  if (broken?.before) await moveRejects(tx, broken.before, jobId);
  const index = broken?.id ?? newId('idx');
  if (!broken) await insertIndex(tx, { id: index, ...wanted, mapping, options });
  return { of, index, progress: broken?.progress ?? null, base: base && baseOf(base) };
}

/** Names all that decides what an index of a manifest holds. */
export function mappingHash(mapping: IndexMapping, options: Readonly<Record<string, unknown>>): string {
  return sha256([mapping, decidingOptions(options)]);
}

/** The options that decide what an index holds. */
export function decidingOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ofBuilding.has(name)));
}

function baseOf({ id, columns, row_count, overrides, pointer, manifest_id }: IndexRow): Base {
  return { id, columns, row_count, overrides, pointer, manifest_id };
}

/** Whether what is served was asked for later than what a job is to serve: by an ingest, or by a rollback to another version. */
export async function isOutdone(
  db: Db,
  served: Pick<IndexRow, 'job_id' | 'rolled_back_at' | 'version'>,
  { version, jobId }: { readonly version: string; readonly jobId: string },
): Promise<boolean> {
  if (await isNewer(db, served.job_id, jobId)) return true;
  if (served.rolled_back_at === null || served.version === version) return false;
  const job = await findJob(db, jobId);
  return job !== undefined && job.created_at < served.rolled_back_at;
}

/** Whether a job was asked for later than another one. What began later is not to be served less than what began earlier. */
async function isNewer(db: Db, jobId: string | null, than: string): Promise<boolean> {
  if (jobId === null || jobId === than) return false;
  const [job, other] = [await findJob(db, jobId), await findJob(db, than)];
  return job !== undefined && other !== undefined && job.created_at > other.created_at;
}
