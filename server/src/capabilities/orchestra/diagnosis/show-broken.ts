import { z } from 'zod';
import { shownTime, untrustedSchema } from '../present/fields.ts';
import { named, said } from '../present/redact.ts';
import type { Broken, FailureGroup } from './broken.ts';
import { maxReportBytes } from './compose.ts';
import { runsEndpoint, tasksEndpoint } from './endpoints.ts';
import { fitted } from './fit.ts';
import { verdictOnRun, verdictOnTask } from './verdict.ts';

const text = z.string().optional();
const truncated = z.boolean().describe('There is more than this.');

/** The answer of `whats_broken`. */
export const brokenSchema = z.looseObject({
  summary: z
    .looseObject({
      from: z.string().describe('Beginning of the time that was looked through.'),
      to: z.string().describe('Its end.'),
      failed_runs: z.number().describe('Runs that failed.'),
      warning_runs: z.number().describe('Runs that ended with a warning.'),
      groups: z.number().describe('Failures that are not the same.'),
    })
    .describe('How much it is.'),
  groups: z
    .looseObject({
      truncated,
      items: z
        .array(
          z.looseObject({
            fingerprint: z.string().describe('The same for the same failure of the same task.'),
            status: text.describe('FAILED or WARNING.'),
            category: z.string().describe('What went wrong: AUTH, TIMEOUT, QUERY and the like.'),
            retryable: z.string().describe('Whether it may go better as it is: yes, no or unknown.'),
            runs: z.number().describe('How many runs it is about.'),
            recovered: z.boolean().optional().describe('Whether the newest run of each of its pipelines went well.'),
            task_name: text.describe('The task at its root.'),
            message: untrustedSchema.optional().describe('What was said of the newest one.'),
            newest_run_id: z.string().describe('For diagnose_pipeline_run.'),
            pipelines: z.array(z.looseObject({})).describe('Pipelines that it is about.'),
          }),
        )
        .describe('What failed before what warned, the most frequent first.'),
    })
    .describe('What is broken, by fingerprint.'),
  gaps: z
    .looseObject({ truncated, items: z.array(z.looseObject({})).describe('what, endpoint, why.') })
    .describe('What could not be read.'),
});
type Shown = z.input<typeof brokenSchema>;

export function showBroken({ window, runs, groups, gaps }: Broken, site: string): Shown {
  const count = (status: string) => runs.filter(({ runStatus }) => runStatus === status).length;
  const report = {
    summary: {
      from: new Date(window.from).toISOString(),
      to: new Date(window.to).toISOString(),
      failed_runs: count('FAILED'),
      warning_runs: count('WARNING'),
      groups: groups.length,
    },
    groups: {
      source: `${runsEndpoint}, ${tasksEndpoint}`,
      truncated: false,
      items: groups.map((group) => showGroup(group, site)),
    },
    gaps: { truncated: false, items: gaps },
  };
  return fitted(report, maxReportBytes, new Set()) as unknown as Shown;
}

function showGroup({ fingerprint, failures, recovered }: FailureGroup, site: string) {
  const [{ run, task }] = failures;
  const { category, retryable } = task ? verdictOnTask(task, undefined) : verdictOnRun(run);
  const runs = new Set(failures.map((one) => one.run.id)).size;
  const pipelines = Map.groupBy(failures, (one) => one.run.pipelineId);
  return {
    fingerprint,
    status: named(run.runStatus),
    category: category as string,
    retryable,
    runs,
    recovered,
    task_id: named(task?.taskId ?? null),
    task_name: named(task?.taskName ?? null),
    integration: named(task?.integration ?? null),
    message: task ? said(task.externalMessage || task.message, 'platform', 500) : said(run.message, 'orchestra', 500),
    first_at: shownTime(failures.at(-1)?.run.createdAt ?? null),
    last_at: shownTime(run.createdAt),
    newest_run_id: run.id,
    newest_task_run_id: task?.id,
    url: `${site}/pipeline-runs/${run.id}/lineage`,
    pipelines: [...pipelines].map(([id, own]) => ({
      pipeline_id: id ?? undefined,
      pipeline_name: named(own[0]?.run.pipelineName ?? null),
      runs: new Set(own.map((one) => one.run.id)).size,
    })),
  };
}
