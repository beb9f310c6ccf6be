import { z } from 'zod';
import type { TaskRun } from '../api/schemas.ts';
import { secondsBetween, shownLink, shownTime, untrustedSchema } from './fields.ts';
import { named, said, shownParameters } from './redact.ts';

const text = z.string().optional();

/** A task of a run as every tool shows it; what Orchestra does not say is absent. */
export const taskSchema = z.looseObject({
  task_run_id: z.string().describe('Id of this run of the task.'),
  pipeline_run_id: text.describe('Id of its run.'),
  task_id: text.describe('Id of the task in the definition.'),
  task_name: text.describe('Name of the task.'),
  status: text.describe(
    'CREATED, SKIPPED, QUEUED, RUNNING, SUCCEEDED, WARNING, FAILED, CANCELLING, CANCELLED; more may come.',
  ),
  message: untrustedSchema.optional().describe('What Orchestra says of it.'),
  external_status: text.describe('Status on its platform, or of its HTTP answer.'),
  external_message: untrustedSchema.optional().describe('What its platform said.'),
  integration: text.describe('Platform that it runs on, such as DBT_CORE.'),
  integration_job: text.describe('What it does there.'),
  connection_id: text.describe('Id of the connection.'),
  depends_on: z.array(z.string()).describe('Ids of the tasks, or groups of tasks, that it waits for.'),
  attempts: z.number().optional().describe('How often it was tried.'),
  attempt: z.number().optional().describe('Which attempt this is.'),
  matrix_parent: z.boolean().optional().describe('true: it stands for the tasks of a matrix.'),
  matrix_parent_id: text.describe('Task run that stands for its matrix.'),
  created_at: text.describe('When it was planned.'),
  started_at: text.describe('When it began.'),
  completed_at: text.describe('When it ended.'),
  duration_seconds: z.number().optional().describe('From its beginning to its end; absent while it runs.'),
  platform_link: text.describe('Where its platform shows it.'),
  url: text.describe('Its page in Orchestra.'),
});
export type ShownTask = z.output<typeof taskSchema>;

/** What a task was given; secrets are left out by name and by form. */
export const parametersSchema = z.looseObject({
  task_parameters: z.unknown().optional().describe('Parameters of the definition, without secrets.'),
  run_parameters: z.unknown().optional().describe('Parameters of this run, without secrets.'),
});

/** `site` is where Orchestra's pages are: `site` of the API. */
export function showTask(task: TaskRun, site: string): ShownTask {
  const run = task.pipelineRunId;
  return {
    task_run_id: task.id,
    pipeline_run_id: run ?? undefined,
    task_id: named(task.taskId),
    task_name: named(task.taskName),
    status: named(task.status),
    message: said(task.message),
    external_status: named(task.externalStatus),
    external_message: said(task.externalMessage, 'platform', 2000),
    integration: named(task.integration),
    integration_job: named(task.integrationJob),
    connection_id: named(task.connectionId),
    depends_on: task.dependsOn.slice(0, 200).map((id) => named(id) ?? ''),
    attempts: task.numberOfAttempts ?? undefined,
    attempt: task.attemptNumber ?? undefined,
    matrix_parent: task.matrixParent || undefined,
    matrix_parent_id: task.matrixParentId ?? undefined,
    created_at: shownTime(task.createdAt),
    started_at: shownTime(task.startedAt),
    completed_at: shownTime(task.completedAt),
    duration_seconds: secondsBetween(task.startedAt, task.completedAt),
    platform_link: shownLink(task.platformLink),
    url: run === null ? undefined : `${site}/pipeline-runs/${run}/task-runs/${task.id}`,
  };
}

export function showParameters({ taskParameters, runParameters }: TaskRun): z.output<typeof parametersSchema> {
  return {
    task_parameters: taskParameters === null ? undefined : shownParameters(taskParameters),
    run_parameters: runParameters === null ? undefined : shownParameters(runParameters),
  };
}
