import type { Db } from '../../../core/db/database.ts';
import { findJob, findUnfinished, type JobRow } from '../../../core/jobs/store.ts';
import { findServedIndex, type IndexRow, listIndexes } from '../indexes/store.ts';
import { mappingHash } from '../jobs/ingest-plan.ts';
import type { Content, Ended, OpenJob, Situation } from './decide.ts';
import type { Ruling } from './rule.ts';
import { listConcluded, type TargetRow } from './store.ts';

/** The version that a dataset is to serve. */
export type Wanted = Pick<Content, 'version' | 'manifest_id'>;

/** What an earlier validation said of objects; undefined before the first. */
export type LastValidation = (db: Db, datasetId: string, manifestId: string) => Promise<Situation['validation']>;

export interface Asked {
  readonly wanted: Wanted | undefined;
  readonly ruling: Ruling | undefined;
  /** Whether a policy rules, but not over this target. */
  readonly ruledElsewhere: boolean;
  readonly row: TargetRow;
  readonly reading: boolean;
}

const kinds: Readonly<Record<string, OpenJob['kind']>> = { 'lake.ingest': 'ingest', 'lake.validate': 'validate' };

/** What a target's index must hold, by the last word on its mapping: the policy's, or that of the last ingest. */
export function contentWanted({ wanted, ruling, row }: Pick<Asked, 'wanted' | 'ruling' | 'row'>): Content | undefined {
  return wanted && { ...wanted, mapping_hash: mappingHash(ruling?.rule.params.mapping ?? row.mapping, row.options) };
}

/** What an index holds. One of an earlier release does not say it, and so is never what is wanted. */
export function contentOf({ version, manifest_id, mapping_hash }: IndexRow): Content {
  return { version, manifest_id: manifest_id ?? '', mapping_hash: mapping_hash ?? '' };
}

/** All that `decide` looks at. The dataset is locked, so that nothing of it changes before the transaction ends. */
export async function situationOf(db: Db, asked: Asked, lastValidation: LastValidation): Promise<Situation> {
  const { wanted, ruling, ruledElsewhere, row, reading } = asked;
  const { dataset_id: datasetId, target } = row;
  const content = contentWanted(asked);
  const served = await findServedIndex(db, datasetId, target);
  const unfinished = await findUnfinished(db, datasetId);
  const over = await listConcluded(
    db,
    datasetId,
    unfinished.map(({ id }) => id),
  );
  return {
    now: Date.now(),
    target,
    rule: ruling?.rule,
    ruledElsewhere,
    paused: ruling?.paused,
    wanted: content && { ...content, since: row.behind_since.getTime(), changed: row.changed_at.getTime() },
    served: served && { ...contentOf(served), since: (served.served_at ?? served.created_at).getTime() },
    standby: content && (await standbyOf(db, datasetId, target, content)),
    jobs: openJobs(unfinished.filter(({ id }) => !over.some((job) => job.job_id === id))),
    tried: {
      validate: await ended(db, row.validate_job, over),
      ingest: await ended(db, row.ingest_job, over),
    },
    validation: wanted && (await lastValidation(db, datasetId, wanted.manifest_id)),
    reading,
    readAt: row.read_at?.getTime(),
    lagTold: row.lag_told,
  };
}

async function standbyOf(db: Db, datasetId: string, target: string, content: Content): Promise<string | undefined> {
  const indexes = await listIndexes(db, datasetId, target);
  return indexes.find(
    ({ state, manifest_id, mapping_hash }) =>
      state === 'retired' && manifest_id === content.manifest_id && mapping_hash === content.mapping_hash,
  )?.id;
}

function openJobs(rows: readonly JobRow[]): OpenJob[] {
  return rows.flatMap(({ id, kind: of, state, input, metadata }) => {
    const kind = kinds[of];
    if (!kind) return [];
    const { target, version } = input;
    return [
      {
        id,
        kind,
        target: typeof target === 'string' ? target : null,
        version: typeof version === 'string' ? version : null,
        queued: state === 'queued',
        policy: typeof metadata.policy === 'string' ? metadata.policy : null,
      },
    ];
  });
}

async function ended(
  db: Db,
  id: string | null,
  over: Awaited<ReturnType<typeof listConcluded>>,
): Promise<Ended | undefined> {
  if (id === null) return undefined;
  const known = over.find((job) => job.job_id === id);
  if (known) return { id, state: known.state, at: known.at.getTime() };
  const job = await findJob(db, id);
  return job?.finished_at ? { id, state: job.state, at: job.finished_at.getTime() } : undefined;
}
