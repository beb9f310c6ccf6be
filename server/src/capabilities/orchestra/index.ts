import type { Db } from '../../core/db/database.ts';
import type { Feed } from '../../core/events/feed.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import type { Cursors } from '../../core/page.ts';
import type { Settings } from '../../core/settings.ts';
import type { Slice } from '../../core/slice.ts';
import { createOrchestraAccess } from './access.ts';
import { artifactResource } from './artifacts/resource.ts';
import { orchestraErrors } from './errors.ts';
import { orchestraPrompt } from './prompt.ts';
import { cancelPipelineRun } from './tools/cancel_pipeline_run.ts';
import { diagnosePipelineRun } from './tools/diagnose_pipeline_run.ts';
import { downloadTaskArtifact } from './tools/download_task_artifact.ts';
import { getPipelineRunDetails } from './tools/get_pipeline_run_details.ts';
import { getPipelineRunStatus } from './tools/get_pipeline_run_status.ts';
import { getTaskRunArtifacts } from './tools/get_task_run_artifacts.ts';
import { getTaskRunLogs } from './tools/get_task_run_logs.ts';
import { listOrchestraPipelines } from './tools/list_orchestra_pipelines.ts';
import { listOrchestraStarts } from './tools/list_orchestra_starts.ts';
import { listPipelineRuns } from './tools/list_pipeline_runs.ts';
import { listTaskOperations } from './tools/list_task_operations.ts';
import { listTaskRuns } from './tools/list_task_runs.ts';
import { resolveOrchestraStart } from './tools/resolve_orchestra_start.ts';
import { retryPipelineRun } from './tools/retry_pipeline_run.ts';
import { triggerPipeline } from './tools/trigger_pipeline.ts';
import { watchPipelineRun } from './tools/watch_pipeline_run.ts';
import { whatsBroken } from './tools/whats_broken.ts';
import { watchJob } from './watch/job.ts';

export interface OrchestraNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly cursors: Cursors;
  readonly feed: Feed;
  readonly settings: Settings;
}

/** Runs of the Orchestra platform's pipelines: to look at, to diagnose, to start. */
export function createOrchestra({ db, jobs, cursors, feed, settings }: OrchestraNeeds): Slice {
  const orchestra = createOrchestraAccess(settings);
  // What a start may take, and some time to write down what came of it.
  const patienceS = settings['orchestra.timeout_s'] + 10;
  const starts = { orchestra, executorId: () => jobs.executorId, patienceS };
  const allowWrites = settings['orchestra.allow_writes'];
  return {
    name: 'orchestra',
    tools: [
      listPipelineRuns(orchestra, cursors),
      getPipelineRunStatus(orchestra),
      getPipelineRunDetails(orchestra),
      listTaskRuns(orchestra),
      getTaskRunArtifacts(orchestra),
      downloadTaskArtifact(orchestra),
      triggerPipeline(starts),
      listOrchestraStarts(cursors, patienceS),
      resolveOrchestraStart(patienceS),
      diagnosePipelineRun(orchestra, allowWrites),
      whatsBroken(orchestra),
      getTaskRunLogs(orchestra),
      listTaskOperations(orchestra, cursors),
      listOrchestraPipelines(orchestra, cursors),
      watchPipelineRun({ orchestra, jobs, feed }),
      ...(allowWrites ? [cancelPipelineRun(orchestra), retryPipelineRun(starts)] : []),
    ],
    handlers: [watchJob({ db, orchestra })],
    schedules: [],
    resources: [artifactResource(orchestra)],
    prompts: [orchestraPrompt],
    errors: orchestraErrors,
    flags: async () => ({
      'orchestra.writes': allowWrites,
      'orchestra.key': await orchestra.open({}).then(
        () => true,
        () => false,
      ),
    }),
    close: orchestra.close,
  };
}
