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
import { createEnginePool, type EnginePool } from './engine/pool.ts';
import { lakeErrors } from './errors.ts';
import type { IndexPlace } from './index-place.ts';
import { ingest } from './jobs/ingest.ts';
import { sweep } from './jobs/sweep.ts';
import { validate as validateJob } from './jobs/validate.ts';
import { dataset } from './objects.ts';
import { lakePrompt } from './prompt.ts';
import { toDataset } from './store.ts';
import { commitDatasetVersion } from './tools/commit_dataset_version.ts';
import { createPresignedUpload } from './tools/create_presigned_upload.ts';
import { getDataset } from './tools/get_dataset.ts';
import { headObject } from './tools/head_object.ts';
import { listDatasets } from './tools/list_datasets.ts';
import { listObjects } from './tools/list_objects.ts';
import { registerDataset } from './tools/register_dataset.ts';
import { searchDataset } from './tools/search_dataset.ts';
import { startIngest } from './tools/start_ingest.ts';
import { validate } from './tools/validate.ts';

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
  const engines = createEnginePool({
    size: settings['lake.engine_processes'],
    memoryMb: settings['lake.engine_memory_mb'],
    timeoutMs: settings['lake.engine_timeout_s'] * 1000,
    idleMs: 30_000,
    log: log.child({ part: 'lake' }),
  });
  return {
    name: 'lake',
    tools: [
      registerDataset(roots),
      getDataset(),
      listDatasets(cursors),
      createPresignedUpload({
        objects,
        ttlS: settings['objects.presign_ttl_s'],
        maxBytes: settings['objects.max_bytes'],
      }),
      listObjects(cursors, objects),
      headObject(objects),
      commitDatasetVersion(objects, settings['objects.max_bytes'], roots),
      validate(jobs),
      startIngest(jobs),
      searchDataset(cursors, engines, indexes),
    ],
    handlers: [
      ingest({ db, objects, engines, roots, indexes }),
      validateJob({ db, objects, engines, roots }),
      sweep({ db, objects, engines, indexes }),
    ],
    schedules: [{ name: 'lake-sweep', cron: '41 * * * *', kind: 'lake.sweep' }],
    resources: [datasetResource],
    prompts: [lakePrompt],
    errors: lakeErrors,
    flags: async () => {
      const lance = await enginesWork(engines);
      return { 'ingest.lance': lance, 'search.text': lance, [`storage.${objects.kind}`]: true };
    },
    measures: () => enginesMeasured(engines),
    close: () => engines.close(),
  };
}

function enginesMeasured(engines: EnginePool): Measure[] {
  const { started, killed } = engines.counts();
  return [
    {
      name: 'tutti_engine_processes',
      help: 'Children with native engines now.',
      value: engines.pids().length,
      counter: false,
    },
    { name: 'tutti_engine_starts_total', help: 'Children that were started.', value: started, counter: true },
    {
      name: 'tutti_engine_kills_total',
      help: 'Children that were killed for memory, time or a canceled call.',
      value: killed,
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
