import { z } from 'zod';
import type { PipelineRun } from '../api/schemas.ts';
import { secondsBetween, shownLink, shownTime, untrustedSchema } from './fields.ts';
import { named, said } from './redact.ts';

const text = z.string().optional();

/** A run of a pipeline as every tool shows it; what Orchestra does not say is absent. */
export const runSchema = z.looseObject({
  pipeline_run_id: z.string().describe('Id of the run.'),
  pipeline_id: text.describe('Id of its pipeline.'),
  pipeline_name: text.describe('Name of its pipeline.'),
  status: text.describe('CREATED, RUNNING, SUCCEEDED, WARNING, FAILED, SKIPPED, CANCELLING, CANCELLED; more may come.'),
  message: untrustedSchema.optional().describe('What Orchestra says of it.'),
  environment: text.describe('Name of its environment.'),
  branch: text.describe('Branch of the definition.'),
  commit: text.describe('Commit of the definition.'),
  version: z.number().optional().describe('Version of the definition.'),
  created_at: text.describe('When it was asked for.'),
  started_at: text.describe('When it began.'),
  completed_at: text.describe('When it ended.'),
  duration_seconds: z.number().optional().describe('From its beginning to its end; absent while it runs.'),
  triggered_by: z
    .array(
      z.looseObject({
        type: text.describe('MANUAL, SCHEDULED, SENSOR, TRIGGER_EVENT, WEBHOOK, RESTART_FROM_FAILED and the like.'),
        name: text.describe('Name of the schedule, sensor or pipeline.'),
        pipeline_id: text.describe('Pipeline whose run started it.'),
        pipeline_run_id: text.describe('Run that started it.'),
      }),
    )
    .describe('What started it.'),
  child_runs: z
    .array(
      z.looseObject({
        pipeline_run_id: text.describe('Id of the run.'),
        pipeline_id: text.describe('Id of its pipeline.'),
        pipeline_name: text.describe('Its name.'),
      }),
    )
    .optional()
    .describe('Runs that it started.'),
  has_anomalies: z.boolean().optional().describe('Whether it took unusually long.'),
  git_link: text.describe('Where the definition is shown.'),
  url: z.string().describe('Its page in Orchestra.'),
});
export type ShownRun = z.output<typeof runSchema>;

/** The same in a list of the common tools, whose schemas are kept short: the other fields are there as well. */
export const listedRunSchema = z.looseObject({
  pipeline_run_id: runSchema.shape.pipeline_run_id,
  pipeline_name: runSchema.shape.pipeline_name,
  status: runSchema.shape.status,
  created_at: runSchema.shape.created_at,
  duration_seconds: runSchema.shape.duration_seconds,
});

/** Runs, triggers or the like that one run names at most. */
const maxNamed = 50;

/** `site` is where Orchestra's pages are: `site` of the API. */
export function showRun(run: PipelineRun, site: string): ShownRun {
  return {
    pipeline_run_id: run.id,
    pipeline_id: run.pipelineId ?? undefined,
    pipeline_name: named(run.pipelineName),
    status: named(run.runStatus),
    message: said(run.message),
    environment: named(run.envName),
    branch: named(run.branch),
    commit: named(run.commit),
    version: run.pipelineVersionNumber ?? undefined,
    created_at: shownTime(run.createdAt),
    started_at: shownTime(run.startedAt),
    completed_at: shownTime(run.completedAt),
    duration_seconds: secondsBetween(run.startedAt, run.completedAt),
    triggered_by: run.triggeredBy.slice(0, maxNamed).map((by) => ({
      type: named(by.triggerType),
      name: named(by.scheduleName ?? by.sensorName ?? by.pipelineName),
      pipeline_id: by.pipelineId ?? undefined,
      pipeline_run_id: by.pipelineRunId ?? undefined,
    })),
    child_runs:
      run.childPipelineRuns.length === 0 ? undefined : run.childPipelineRuns.slice(0, maxNamed).map(showChild),
    has_anomalies: run.hasAnomalies ?? undefined,
    git_link: shownLink(run.gitLink),
    url: `${site}/pipeline-runs/${run.id}/lineage`,
  };
}

function showChild(child: PipelineRun['childPipelineRuns'][number]) {
  return {
    pipeline_run_id: child.pipelineRunId ?? undefined,
    pipeline_id: child.pipelineId ?? undefined,
    pipeline_name: named(child.pipelineName),
  };
}

const ended = new Set(['SUCCEEDED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED']);

/** Whether nothing more comes of it. A status that is not known yet counts as its end where a time of end stands. */
export function hasEnded({ runStatus, completedAt }: Pick<PipelineRun, 'runStatus' | 'completedAt'>): boolean {
  if (runStatus !== null && ended.has(runStatus)) return true;
  const known = runStatus !== null && ['CREATED', 'QUEUED', 'RUNNING', 'CANCELLING'].includes(runStatus);
  return !known && completedAt !== null;
}
