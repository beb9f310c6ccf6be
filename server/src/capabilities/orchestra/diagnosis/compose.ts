import type { Pipeline, PipelineRun, TaskRun } from '../api/schemas.ts';
import type { ArtifactPlace } from '../artifacts/piece.ts';
import { artifactUri } from '../artifacts/uri.ts';
import { shownTime } from '../present/fields.ts';
import { named, said } from '../present/redact.ts';
import { showRun } from '../present/run.ts';
import { showTask } from '../present/task.ts';
import { categories } from './categories.ts';
import { changeSince } from './change.ts';
import { logsEndpoint, runEndpoint, runsEndpoint, tasksOfRunEndpoint } from './endpoints.ts';
import type { Evidence } from './evidence.ts';
import type { FailureOrder } from './failure-order.ts';
import { taskFingerprint } from './fingerprint.ts';
import { fitted } from './fit.ts';
import { type History, seenBefore } from './history.ts';
import { aroundTask, impactOf } from './impact.ts';
import { nextSteps } from './next-steps.ts';
import type { Gap } from './reading.ts';
import type { Report } from './report.ts';
import type { RootFacts } from './roots.ts';
import { showHistory } from './show-history.ts';
import { type Verdict, verdictOnRoots, verdictOnRun, verdictOnTask } from './verdict.ts';

/** All that was found out about a run. */
export interface Findings {
  readonly run: PipelineRun;
  readonly tasks: readonly TaskRun[] | undefined;
  readonly order: FailureOrder;
  readonly roots: readonly RootFacts[];
  readonly history: History | undefined;
  readonly pipelines: readonly Pipeline[] | undefined;
  readonly gaps: readonly Gap[];
  readonly writes: boolean;
}

/** Bytes of a report as JSON: readers have a ceiling of about 25,000 tokens. */
export const maxReportBytes = 20_000;
const maxFailed = 20;

/** The report, with `site` as where Orchestra's pages are. */
export function composed(findings: Findings, site: string): Report {
  const { run, tasks = [], order, roots, history, pipelines = [], gaps, writes } = findings;
  const pipeline = pipelines.find(({ id }) => id === run.pipelineId);
  const verdict = verdictOf(findings);
  const judgedTask = roots.find(({ task }) => task.id === verdict.taskRunId)?.task;
  const latest = pipeline?.latestRunId ? { id: pipeline.latestRunId, status: pipeline.latestRunStatus } : undefined;
  const branch = verdict.category !== 'NOT_FAILED' && isFeatureBranch(run, pipeline);
  const judged: Verdict = branch ? { ...verdict, category: 'FEATURE_BRANCH_RUN', retryable: 'no' } : verdict;
  const steps = nextSteps({ run, verdict: judged, roots, lastSuccess: history?.lastSuccess, latest, writes });
  const report = {
    run: { source: runEndpoint, truncated: false, ...showRun(run, site) },
    verdict: { ...showVerdict(judged), error_category: branch ? verdict.category : undefined },
    failed_tasks: {
      source: tasksOfRunEndpoint,
      truncated: order.failed.length > maxFailed,
      total: order.failed.length,
      roots: order.failed.filter(({ root }) => root).length,
      items: order.failed.slice(0, maxFailed).map(({ task, root }) => showFailed(task, root)),
    },
    error_excerpts: { truncated: false, items: roots.flatMap(showExcerpt) },
    impact: { source: tasksOfRunEndpoint, truncated: false, ...impactOf(run, tasks, order, pipelines) },
    history: showHistory(run, judgedTask, history, pipeline),
    change: { source: runsEndpoint, truncated: false, ...showChange(run, history) },
    files: {
      source: `${logsEndpoint}, …/artifacts`,
      truncated: false,
      items: roots.map(({ task, evidence }) => ({
        task_run_id: task.id,
        logs: evidence.logs.map(({ name, attempt }) => ({ name: named(name, 1024), attempt: attempt ?? undefined })),
        artifacts: evidence.artifacts.map((name) =>
          showArtifact({ runId: run.id, taskRunId: task.id, filename: name }),
        ),
      })),
    },
    next_steps: { truncated: false, items: steps },
    gaps: { truncated: false, total: gaps.length, items: gaps },
  };
  return fitted(report, maxReportBytes, new Set(['error_excerpts', 'verdict'])) as unknown as Report;

  function showFailed(task: TaskRun, root: boolean) {
    const facts = roots.find((one) => one.task === task);
    const { category, retryable } = facts?.verdict ?? verdictOnTask(task, undefined);
    const {
      pipeline_run_id: _,
      depends_on: __,
      created_at: ___,
      matrix_parent_id: ____,
      ...shown
    } = showTask(task, site);
    const fingerprint = taskFingerprint(task);
    const { runs, firstAt } = seenBefore(fingerprint, history?.failures ?? []);
    return {
      ...shown,
      root,
      category,
      retryable,
      // Only such a setting makes a warning of a failure.
      failure_as_warning: (task.status === 'WARNING' && task.externalStatus === 'FAILED') || undefined,
      fingerprint,
      seen_before: { runs, first_at: shownTime(firstAt ?? null) },
      ...aroundTask(task, tasks, order),
    };
  }
}

function verdictOf({ run, tasks, order, roots }: Findings): Verdict {
  const [first, ...others] = roots.map(({ verdict }) => verdict);
  if (first === undefined) return verdictOnRun(run);
  const unsure = roots.some(({ task }) => task.dependsOn.some((name) => order.unresolved.has(name)));
  return verdictOnRoots([first, ...others], tasks !== undefined && !unsure);
}

function isFeatureBranch({ branch }: PipelineRun, pipeline: Pipeline | undefined): boolean {
  return Boolean(branch && pipeline?.defaultBranch && branch !== pipeline.defaultBranch);
}

const writers: Record<Evidence['from'], string> = {
  operations: 'platform',
  run_results: 'dbt',
  log: 'log',
  log_tail: 'log',
  external_message: 'platform',
  task_message: 'orchestra',
  run_message: 'orchestra',
};
const maxEvidence = 800;

function showVerdict({ category, confidence, retryable, evidence, taskRunId }: Verdict) {
  return {
    source: evidence?.endpoint,
    truncated: (evidence?.text.length ?? 0) > maxEvidence,
    category: category as string,
    means: categories[category].means as string,
    confidence,
    retryable,
    cause: evidence && said(evidence.line, writers[evidence.from], 300),
    evidence: evidence && said(evidence.text, writers[evidence.from], maxEvidence),
    evidence_from: evidence?.from,
    about: named(evidence?.about ?? null),
    task_run_id: taskRunId,
  };
}

function showExcerpt({ task, evidence: { excerpt } }: RootFacts) {
  if (!excerpt) return [];
  return [
    {
      task_run_id: task.id,
      task_id: named(task.taskId),
      source: excerpt.endpoint,
      from: excerpt.from,
      about: named(excerpt.about ?? null),
      excerpt: said(excerpt.text, writers[excerpt.from], 5000),
      truncated: excerpt.cut,
    },
  ];
}

/** A file by its name, and as a resource where the name is told as it is. */
function showArtifact(place: ArtifactPlace) {
  const name = named(place.filename, 1024);
  return { name, ...(name === place.filename && { resource_uri: artifactUri(place) }) };
}

function showChange(run: PipelineRun, history: History | undefined) {
  const good = history?.lastSuccess;
  return good ? { last_success: good.id, ...changeSince(good, run) } : {};
}
