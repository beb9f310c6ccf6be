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
import { queueOfEngine } from './engines/choose.ts';
import { createLocalEngine } from './engines/local-engine.ts';
import { installationId, listEngines } from './engines/store.ts';
import { opsErrors } from './errors.ts';
import { container } from './jobs/container.ts';
import { limitsFrom } from './runs/limits.ts';
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
  const engine = createLocalEngine({
    db,
    log,
    host: settings['ops.docker_host'],
    name: settings['ops.engine_name'],
    labels: settings['ops.engine_labels'],
    capacity,
  });
  const janitor = createJanitor({ db, engine, log });
  let installed: Promise<string> | undefined;
  const installation = () => {
    installed ??= installationId(db, () => newId('srv'));
    return installed;
  };
  const submitNeeds = { jobs, objects, engine, limits: limitsFrom(settings) };
  const sandboxes = createSandboxes({
    db,
    log,
    jobs,
    feed,
    cursors,
    engine,
    installation,
    place: placeIn(settings.data_dir),
    limits: {
      maxMemoryBytes: settings['ops.max_memory_mb'] * 2 ** 20,
      maxCpus: settings['ops.max_cpus'],
      maxPids: settings['ops.max_pids'],
    },
    egress: settings['ops.networks'].includes('egress'),
    templatesDir: settings['ops.templates_dir'],
    idleS: settings['ops.sandbox_idle_s'],
    ttlS: settings['ops.max_sandbox_ttl_s'],
  });
  return {
    name: 'ops',
    tools: [
      runJob(submitNeeds, feed),
      submit(submitNeeds),
      getJobStatus(engine, feed),
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
      ...sandboxes.tools,
    ],
    handlers: [container({ db, log, objects, secrets, engine, janitor, installation }), ...sandboxes.handlers],
    schedules: [],
    queues: capacity > 0 ? [{ name: queueOfEngine(engine.name), concurrency: capacity }, ...sandboxes.queues] : [],
    resources: [],
    prompts: [],
    errors: opsErrors,
    flags: async () => ({ 'ops.docker': (await listEngines(db)).some(({ reachable }) => reachable) }),
    async start() {
      engine.watch(() => {
        janitor.wake();
        sandboxes.keeper.wake();
      });
    },
    async close() {
      engine.stop();
      await sandboxes.keeper.stop();
      await janitor.stop();
    },
  };
}
