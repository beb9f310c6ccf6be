import path from 'node:path';
import { canSee } from '../../core/auth/principal.ts';
import type { Db } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import type { Logger } from '../../core/log.ts';
import type { ObjectStore } from '../../core/objects/object-store.ts';
import type { Cursors } from '../../core/page.ts';
import type { ResourceKind } from '../../core/resource.ts';
import type { Settings } from '../../core/settings.ts';
import type { Slice } from '../../core/slice.ts';
import type { Measure } from '../../core/telemetry/measure.ts';
import { completeDatasetId } from './complete-dataset.ts';
import { lastValidation } from './contracts/store.ts';
import { contractTools } from './contracts/tools.ts';
import { createEnginePool, type EnginePool } from './engine/pool.ts';
import { lakeErrors } from './errors.ts';
import type { IndexPlace } from './index-place.ts';
import { commit } from './jobs/commit.ts';
import { collect } from './jobs/gc.ts';
import { ingest } from './jobs/ingest.ts';
import { ingestV1 } from './jobs/ingest-v1.ts';
import { profile } from './jobs/profile.ts';
import { sweep } from './jobs/sweep.ts';
import { validate as validateJob } from './jobs/validate.ts';
import { validateV1 } from './jobs/validate-v1.ts';
import { dataset } from './objects.ts';
import { createPlaces } from './places.ts';
import { automate } from './policies/automate.ts';
import { lakePrompt } from './prompt.ts';
import { storageTools } from './storage-tools.ts';
import { toDataset } from './store.ts';
import { createTableCache } from './tables/cache.ts';
import { createTargets } from './targets/all.ts';
import { commitDatasetVersion } from './tools/commit_dataset_version.ts';
import { createPresignedUpload } from './tools/create_presigned_upload.ts';
import { getDataset } from './tools/get_dataset.ts';
import { headObject } from './tools/head_object.ts';
import { listDatasets } from './tools/list_datasets.ts';
import { listExportFiles } from './tools/list_export_files.ts';
import { listObjects } from './tools/list_objects.ts';
import { listRejects } from './tools/list_rejects.ts';
import { queryDataset } from './tools/query_dataset.ts';
import { registerDataset } from './tools/register_dataset.ts';
import { reindex } from './tools/reindex.ts';
import { searchDataset } from './tools/search_dataset.ts';
import { startIngest } from './tools/start_ingest.ts';

export interface LakeNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly objects: ObjectStore;
  readonly indexes: IndexPlace;
  readonly cursors: Cursors;
  readonly settings: Settings;
  readonly log: Logger;
}

/** Datasets from upload over versions and validation to a served index. */
export function createLake({ db, jobs, objects, indexes, cursors, settings, log }: LakeNeeds): Slice {
  const roots = settings['lake.roots'];
  const maxBytes = settings['objects.max_bytes'];
  const ttlS = settings['objects.presign_ttl_s'];
  const placeOf = createPlaces(settings);
  const engines = createEnginePool({
    size: settings['lake.engine_processes'],
    memoryMb: settings['lake.engine_memory_mb'],
    timeoutMs: settings['lake.engine_timeout_s'] * 1000,
    idleMs: 30_000,
    log: log.child({ part: 'lake' }),
  });
  const queries = createEnginePool({
    size: settings['lake.query_processes'],
    memoryMb: settings['lake.query_memory_mb'],
    timeoutMs: settings['lake.engine_timeout_s'] * 1000,
    idleMs: 30_000,
    log: log.child({ part: 'lake' }),
  });
  const tables = createTableCache(
    path.join(settings.data_dir, 'tables'),
    settings['lake.table_cache_bytes'],
    log.child({ part: 'lake' }),
  );
  const tableNeeds = { objects, engines, tables };
  const { targets, flags, close } = createTargets({
    db,
    engines,
    objects,
    indexes,
    settings,
    log,
    enginesWork: () => enginesWork(engines),
  });
  const slice: Slice = {
    name: 'lake',
    tools: [
      registerDataset(roots),
      getDataset(),
      listDatasets(cursors),
      createPresignedUpload({ objects, ttlS, maxBytes }),
      listObjects(cursors, objects),
      headObject(objects),
      commitDatasetVersion({ objects, maxBytes, placeOf, jobs }),
      ...contractTools(jobs, engines, cursors),
      startIngest(jobs, targets),
      reindex(jobs, targets),
      listRejects(cursors),
      searchDataset(cursors, targets),
      listExportFiles(cursors, objects, ttlS),
      queryDataset({ ...tableNeeds, queries }),
      ...storageTools({ objects, cursors, jobs, ttlS, maxBytes }),
    ],
    handlers: [
      commit({ db, objects, maxBytes, placeOf }),
      collect({ db, objects, targets, tables }),
      ingest({ db, targets, ...tableNeeds }),
      ingestV1({ db, objects, engines, roots, indexes }),
      validateJob({ db, ...tableNeeds, queries }),
      validateV1({ db, objects, engines, roots }),
      profile({ db, ...tableNeeds, queries }),
      sweep({ db, objects, targets, embeddingBytes: settings['lake.embedding_cache_bytes'] }),
    ],
    schedules: [{ name: 'lake-sweep', cron: '41 * * * *', kind: 'lake.sweep' }],
    resources: [datasetResource],
    prompts: [lakePrompt],
    errors: lakeErrors,
    flags: async () => {
      return { ...(await flags()), 'query.sql': await enginesWork(engines), [`storage.${objects.kind}`]: true };
    },
    measures: () => enginesMeasured([engines, queries]),
    close: async () => {
      await Promise.all([engines.close(), queries.close(), close()]);
    },
  };
  return automate(slice, { db, jobs, objects, targets, log: log.child({ part: 'lake' }), lastValidation });
}

function enginesMeasured(pools: readonly EnginePool[]): Measure[] {
  const total = (of: (pool: EnginePool) => number) => pools.reduce((sum, pool) => sum + of(pool), 0);
  return [
    {
      name: 'tutti_engine_processes',
      help: 'Children with native engines now.',
      value: total((pool) => pool.pids().length),
      counter: false,
    },
    {
      name: 'tutti_engine_starts_total',
      help: 'Children that were started.',
      value: total((pool) => pool.counts().started),
      counter: true,
    },
    {
      name: 'tutti_engine_kills_total',
      help: 'Children that were killed for memory, time or a canceled call.',
      value: total((pool) => pool.counts().killed),
      counter: true,
    },
  ];
}

const datasetResource: ResourceKind = {
  kind: 'dataset',
  toolset: 'lake',
  title: 'Dataset',
  description: 'A dataset by its id: dataset://{id}',
  async read(id, principal, db) {
    if (canSee(principal, { toolset: 'lake' })) return toDataset(await dataset(db, id));
    throw new AppError(
      'NOT_FOUND',
      'There is no such dataset, or it is not for you.',
      'List yours with list_datasets.',
    );
  },
  complete: completeDatasetId,
};

/** Whether the native engines load on this machine. Asked once they did, they are not asked again. */
const working = new WeakSet<EnginePool>();
async function enginesWork(engines: EnginePool): Promise<boolean> {
  if (working.has(engines)) return true;
  try {
    await engines.run('probe', {});
    working.add(engines);
    return true;
  } catch {
    return false;
  }
}
