import type { Db } from '../../core/db/database.ts';
import type { Feed } from '../../core/events/feed.ts';
import { newId } from '../../core/ids.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import type { Logger } from '../../core/log.ts';
import type { ObjectStore } from '../../core/objects/object-store.ts';
import type { Cursors } from '../../core/page.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { Settings } from '../../core/settings.ts';
import type { Slice } from '../../core/slice.ts';
import { createJanitor } from './containers/janitor.ts';
import { containerTools } from './containers/part.ts';
import { createEnds } from './docker/ends.ts';
import { queueOfEngine } from './engines/choose.ts';
import { createLocalEngine } from './engines/local-engine.ts';
import { installationId, listEngines } from './engines/store.ts';
import { opsErrors } from './errors.ts';
import { imagesFrom } from './images/images.ts';
import { container } from './jobs/container.ts';
import { ceilingsFrom } from './policy/ceilings.ts';
import { createPool } from './pool/pool.ts';
import { opsPrompt } from './prompt.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { placeIn } from './sandboxes/directory.ts';
import { createSandboxes } from './sandboxes/part.ts';
import { cancelJob } from './tools/orcaops_cancel_job.ts';
import { cleanupRuns } from './tools/orcaops_cleanup_runs.ts';
import { deleteRun } from './tools/orcaops_delete_run.ts';
import { getArtifact } from './tools/orcaops_get_artifact.ts';
import { getJobLogs } from './tools/orcaops_get_job_logs.ts';
import { getJobStatus } from './tools/orcaops_get_job_status.ts';
import { getRun } from './tools/orcaops_get_run.ts';
import { listArtifacts } from './tools/orcaops_list_artifacts.ts';
import { listJobs } from './tools/orcaops_list_jobs.ts';
import { listRuns } from './tools/orcaops_list_runs.ts';
import { runJob } from './tools/orcaops_run_job.ts';
import { submit } from './tools/orcaops_submit_job.ts';
import { systemInfo } from './tools/orcaops_system_info.ts';

export interface OpsNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly objects: ObjectStore;
  readonly secrets: Secrets;
  readonly cursors: Cursors;
  readonly feed: Feed;
  readonly settings: Settings;
  readonly log: Logger;
}

/** Jobs in hardened containers, from submission to artifacts and history. */
export function createOps(needs: OpsNeeds): Slice {
  const { db, jobs, objects, secrets, cursors, feed, settings } = needs;
  const log = needs.log.child({ part: 'ops' });
  const capacity = settings['ops.capacity'];
  const takesJobs = settings['jobs.concurrency'] > 0;
  const engine = createLocalEngine({
    db,
    log,
    host: settings['ops.docker_host'],
    name: settings['ops.engine_name'],
    labels: settings['ops.engine_labels'],
    capacity: takesJobs ? capacity : 0,
    executorId: () => jobs.executorId,
  });
  const queue = queueOfEngine(engine.name);
  const janitor = createJanitor({ db, engine, log });
  let installed: Promise<string> | undefined;
  const installation = () => {
    installed ??= installationId(db, () => newId('srv'));
    return installed;
  };
  const images = imagesFrom(settings);
  const ends = createEnds();
  const pool = createPool({ db, log, engine, janitor, settings });
  const reconciler = createReconciler({
    db,
    log,
    engine,
    ends,
    installation,
    onChange() {
      janitor.wake();
      pool.check();
    },
  });
  const place = placeIn(settings.data_dir);
  const containers = { engine, janitor, installation, place, foreign: settings['ops.foreign_containers'] };
  const submitNeeds = { jobs, objects, engine, images, ceilings: ceilingsFrom(settings) };
  const sandboxes = createSandboxes({
    db,
    log,
    jobs,
    feed,
    cursors,
    engine,
    installation,
    images,
    place,
    ceilings: submitNeeds.ceilings,
    templatesDir: settings['ops.templates_dir'],
    idleS: settings['ops.sandbox_idle_s'],
    diskMb: settings['ops.max_sandboxes_disk_mb'],
  });
  return {
    name: 'ops',
    tools: [
      runJob(submitNeeds, feed),
      submit(submitNeeds),
      getJobStatus(engine, { jobs, feed }),
      getJobLogs(engine, cursors),
      listJobs(engine, cursors),
      cancelJob(engine),
      listArtifacts(engine, cursors),
      getArtifact(engine, objects, settings['objects.presign_ttl_s']),
      systemInfo(engine),
      listRuns(engine, cursors),
      getRun(engine),
      deleteRun(engine),
      cleanupRuns(engine),
      ...containerTools(containers, cursors),
      ...sandboxes.tools,
    ],
    handlers: [
      container({ db, log, objects, secrets, engine, ends, janitor, installation, images, pool }),
      ...sandboxes.handlers,
    ],
    schedules: [],
    // Nothing is taken from it before the engine answers: another process may reach it.
    queues: capacity > 0 ? [{ name: queue, concurrency: 0 }, ...sandboxes.queues] : [],
    resources: [],
    prompts: [opsPrompt],
    errors: opsErrors,
    flags: async () => ({ 'ops.docker': (await listEngines(db)).some(({ reachable }) => reachable) }),
    measures: reconciler.measures,
    async start() {
      await engine.refuseTakenName();
      reconciler.start();
      engine.watch(
        (shared) => {
          jobs.resize(queue, capacity, shared);
          janitor.wake();
          pool.check();
          sandboxes.keeper.wake();
        },
        () => jobs.resize(queue, 0),
      );
    },
    async close() {
      await reconciler.stop();
      await sandboxes.keeper.stop();
      await pool.stop();
      await janitor.stop();
      // Last: those before it reach the engine.
      await engine.stop();
    },
  };
}
