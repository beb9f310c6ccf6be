import { z } from 'zod';
import type { Pipeline } from '../api/schemas.ts';
import { secondsBetween, shownTime, untrustedSchema } from './fields.ts';
import { named, said, shownParameters } from './redact.ts';

const text = z.string().optional();

/** A pipeline as every tool shows it; what Orchestra does not say is absent. */
export const pipelineSchema = z.looseObject({
  pipeline_id: z.string().describe('Id of the pipeline.'),
  pipeline_name: text.describe('Its name.'),
  alias: text.describe('Its alias, which stands for the id in any call.'),
  paused: z.boolean().optional().describe('Whether its triggers rest.'),
  tasks: z.number().optional().describe('How many tasks it has.'),
  schedule: z.unknown().optional().describe('Its schedules.'),
  sensors: z.unknown().optional().describe('Its sensors.'),
  trigger_events: z.unknown().optional().describe('The runs that start it.'),
  version: z.number().optional().describe('Newest version.'),
  published_version: z.number().optional().describe('Version that runs.'),
  storage_provider: text.describe('Who keeps its definition: ORCHESTRA, GITHUB and the like.'),
  repository: text.describe('Repository of its definition.'),
  default_branch: text.describe('Branch of that.'),
  yaml_path: text.describe('Where its definition stands.'),
  created_at: text.describe('When it was made.'),
  updated_at: text.describe('When it last changed.'),
  latest_run: z
    .looseObject({
      pipeline_run_id: z.string().describe('Id of its newest run.'),
      status: text.describe('How far that is.'),
      message: untrustedSchema.optional().describe('What Orchestra says of that.'),
      created_at: text.describe('When that was asked for.'),
      started_at: text.describe('When that began.'),
      completed_at: text.describe('When that ended.'),
      duration_seconds: z.number().optional().describe('How long that took.'),
    })
    .optional()
    .describe('Its newest run.'),
  url: z.string().describe('Its page in Orchestra.'),
});
export type ShownPipeline = z.output<typeof pipelineSchema>;

/** `site` is where Orchestra's pages are: `site` of the API. */
export function showPipeline(pipeline: Pipeline, site: string): ShownPipeline {
  return {
    pipeline_id: pipeline.id,
    pipeline_name: named(pipeline.name),
    alias: named(pipeline.alias),
    paused: pipeline.paused ?? undefined,
    tasks: pipeline.numTasks ?? undefined,
    schedule: inside(pipeline.schedule),
    sensors: inside(pipeline.sensors),
    trigger_events: inside(pipeline.triggerEvents),
    version: pipeline.latestVersionNumber ?? undefined,
    published_version: pipeline.publishedVersionNumber ?? undefined,
    storage_provider: named(pipeline.storageProvider),
    repository: named(pipeline.repository),
    default_branch: named(pipeline.defaultBranch),
    yaml_path: named(pipeline.yamlPath, 500),
    created_at: shownTime(pipeline.createdAt),
    updated_at: shownTime(pipeline.updatedAt),
    latest_run: latestRun(pipeline),
    url: `${site}/pipelines/${pipeline.id}`,
  };
}

function latestRun(pipeline: Pipeline): ShownPipeline['latest_run'] {
  if (pipeline.latestRunId === null) return undefined;
  return {
    pipeline_run_id: pipeline.latestRunId,
    status: named(pipeline.latestRunStatus),
    message: said(pipeline.latestRunMessage),
    created_at: shownTime(pipeline.latestRunCreatedAt),
    started_at: shownTime(pipeline.latestRunStartedAt),
    completed_at: shownTime(pipeline.latestRunCompletedAt),
    duration_seconds: secondsBetween(pipeline.latestRunStartedAt, pipeline.latestRunCompletedAt),
  };
}

/** What JSON in a string holds, without secrets; undefined where it holds nothing. */
function inside(json: string | null): unknown {
  if (json === null) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    const empty = value === null || (typeof value === 'object' && Object.keys(value).length === 0);
    return empty ? undefined : shownParameters(value);
  } catch {
    return undefined;
  }
}
