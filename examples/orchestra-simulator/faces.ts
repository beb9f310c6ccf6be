import { timestamp } from './clock.ts';
import { uuidOf } from './ids.ts';
import type { FilePlan, OperationPlan, Outcome, PipelinePlan } from './model.ts';
import { progressOf, type Slot } from './schedule.ts';
import { type Run, type State, statusOf } from './state.ts';

const accountId = uuidOf('account');
const environment = { envId: uuidOf('environment/production'), envName: 'Production' };

const messages: Readonly<Record<string, string>> = {
  CREATED: 'Pipeline run created.',
  RUNNING: 'Pipeline is running.',
  SUCCEEDED: 'All tasks have succeeded.',
  WARNING: 'Pipeline completed with warnings.',
  FAILED: 'Pipeline failed - a task is in failed state.',
  CANCELLING: 'Pipeline run is being cancelled.',
  CANCELLED: 'Pipeline run cancelled.',
};
const timeOrNull = (ms: number | null) => (ms === null ? null : timestamp(ms));

/** A run as the API answers it (PipelineRunResponse). */
export function runFace(state: State, run: Run) {
  const now = state.clock.now();
  const runStatus = statusOf(run, now);
  const tasks = run.slots.map((slot) => progressOf(slot, now, run.cancelledAt));
  const ended = runStatus !== 'CREATED' && runStatus !== 'RUNNING' && runStatus !== 'CANCELLING';
  const completedAt = ended ? Math.max(run.startsAt, ...tasks.map((task) => task.completedAt ?? 0)) : null;
  return {
    id: run.id,
    pipelineId: run.pipelineId,
    pipelineName: run.pipeline.name,
    accountId,
    ...environment,
    runStatus,
    hasAnomalies: false,
    anomalies: null,
    triggeredBy: [{ triggerType: run.started.retryFromFailed ? 'RESTART_FROM_FAILED' : 'WEBHOOK' }],
    childPipelineRuns: [],
    message: messages[runStatus] ?? '',
    pipelineVersionNumber: 1,
    createdAt: timestamp(run.createdAt),
    updatedAt: timestamp(completedAt ?? now),
    startedAt: now < run.startsAt ? null : timestamp(run.startsAt),
    completedAt: timeOrNull(completedAt),
    branch: run.started.branch ?? 'main',
    commit: run.started.commit ?? uuidOf(`commit/${run.pipeline.alias}`).replaceAll('-', '').slice(0, 40),
    gitLink: null,
    data: { version: 'v1', name: run.pipeline.name, environmentValues: { WAREHOUSE_PASSWORD: 'hunter2hunter2' } },
    ...run.plan.exact,
  };
}

export interface TaskFace {
  readonly face: Record<string, unknown> & { id: string; status: string; integration: string; createdAt: string };
  readonly slot: Slot;
  readonly superseded: boolean;
  readonly ended: boolean;
}

/** The task runs of a run (TaskRunResponse), attempts that another one superseded included. */
export function taskFaces(state: State, run: Run): TaskFace[] {
  const now = state.clock.now();
  return run.slots.flatMap((slot) => {
    const attempts = (slot.outcome.superseded ?? 0) + 1;
    return Array.from({ length: attempts }, (_, at) => {
      const superseded = at < attempts - 1;
      const progress = progressOf(slot, now, run.cancelledAt);
      const ended = progress.status === slot.status && progress.completedAt !== null;
      return { face: taskFace(run, slot, progress, at + 1), slot, superseded, ended };
    });
  });
}

const taskRunId = (run: Run, taskId: string, attempt = 1) => uuidOf(`task/${run.id}/${taskId}/${attempt}`);

function taskFace(run: Run, slot: Slot, progress: ReturnType<typeof progressOf>, attempt: number): TaskFace['face'] {
  const { task, outcome } = slot;
  const said: Partial<Outcome> = progress.completedAt === null || progress.status === 'CANCELLED' ? {} : outcome;
  return {
    id: taskRunId(run, task.id, attempt),
    pipelineRunId: run.id,
    taskName: task.name ?? task.id,
    taskId: task.id,
    accountId,
    pipelineId: run.pipelineId,
    integration: task.integration,
    integrationJob: task.job,
    status: progress.status,
    message: said.message === undefined ? `Task is ${progress.status.toLowerCase()}.` : said.message,
    externalStatus: said.externalStatus ?? null,
    externalMessage: said.externalMessage ?? null,
    taskParameters: task.parameters ?? {},
    runParameters: {},
    connectionId: uuidOf(`connection/${task.integration}`),
    computeResourceId: null,
    platformLink: `https://platform.example/${task.id}`,
    numberOfAttempts: attempt,
    attemptNumber: attempt,
    matrixParent: run.slots.some((other) => other.task.matrixParent === task.id),
    matrixParentId: task.matrixParent ? taskRunId(run, task.matrixParent) : null,
    createdAt: timestamp(run.createdAt),
    updatedAt: timestamp(progress.completedAt ?? run.createdAt),
    completedAt: timeOrNull(progress.completedAt),
    startedAt: timeOrNull(progress.startedAt),
    dependsOn: task.dependsOn ?? [],
    ...outcome.exact,
  };
}

const dbtModels: readonly OperationPlan[] = ['stg_base', 'fct_base'].map((name) => ({
  name,
  type: 'MATERIALISATION',
  status: 'SUCCEEDED',
}));

/** The operations of a task run that has ended (OperationResponse); of dbt tasks its models and tests. */
export function operationFaces(run: Run, { face, slot, ended }: TaskFace) {
  if (!ended || slot.status === 'SKIPPED') return [];
  const plans = slot.outcome.operations ?? (slot.task.integration.startsWith('DBT') ? dbtModels : []);
  return plans.map(({ name, type, status, message }) => ({
    id: uuidOf(`operation/${face.id}/${name}`),
    accountId,
    pipelineRunId: run.id,
    taskRunId: face.id,
    insertedAt: timestamp(slot.ends),
    message: message ?? null,
    operationName: name,
    operationStatus: status,
    operationType: type,
    externalStatus: status.toLowerCase(),
    externalDetail: null,
    externalId: name,
    integration: slot.task.integration,
    integrationJob: slot.task.job,
    startedAt: timestamp(slot.begins),
    completedAt: timestamp(slot.ends),
    operationDuration: (slot.ends - slot.begins) / 1000,
    rowsAffected: status === 'SUCCEEDED' ? 100 : null,
    dependencies: [],
  }));
}

/** The logs of a task run: those of its plan, else a short one where it has ended. */
export function logsOf({ slot, ended }: TaskFace): readonly FilePlan[] {
  if (!ended || slot.status === 'SKIPPED') return [];
  return slot.outcome.logs ?? [{ name: '1/run', body: `started\n${slot.task.id} done\n` }];
}

/** A pipeline as the API answers it (PipelineResponse); schedule, sensors and the like are JSON in strings. */
export function pipelineFace(state: State, id: string, plan: PipelinePlan) {
  const latest = state.runs().find((run) => run.pipelineId === id);
  const last = latest && runFace(state, latest);
  const after = [...state.pipelines].find(([, other]) => other.alias === plan.startsAfter);
  return {
    id,
    name: plan.name,
    alias: plan.alias,
    numTasks: plan.tasks.length,
    yamlPath: `pipelines/${plan.alias}.yml`,
    createdAt: '2025-01-01T00:00:00.000000+00:00',
    updatedAt: '2025-01-01T00:00:00.000000+00:00',
    paused: plan.paused ?? false,
    schedule: '[]',
    sensors: '[]',
    webhook: '{"enabled": true}',
    triggerEvents: JSON.stringify(after ? [{ pipelineId: after[0], status: 'SUCCEEDED' }] : []),
    inputs: null,
    latestVersionNumber: 1,
    publishedVersionNumber: 1,
    storageProvider: 'ORCHESTRA',
    repository: null,
    defaultBranch: plan.defaultBranch ?? null,
    latestRunId: last?.id ?? null,
    latestRunStatus: last?.runStatus ?? null,
    latestRunMessage: last?.message ?? null,
    latestRunCreatedAt: last?.createdAt ?? null,
    latestRunStartedAt: last?.startedAt ?? null,
    latestRunCompletedAt: last?.completedAt ?? null,
  };
}
