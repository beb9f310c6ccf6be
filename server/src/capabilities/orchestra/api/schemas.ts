import { z } from 'zod';
import { anything, flag, list, number, oneOf, ownId, reference, text, time, unread } from './field.ts';

// What the API answers, as it was seen in its descriptions; see `field.ts` for how leniently it is read.

export const runStatuses = [
  'CREATED',
  'RUNNING',
  'SUCCEEDED',
  'WARNING',
  'FAILED',
  'SKIPPED',
  'CANCELLING',
  'CANCELLED',
];
export const taskStatuses = [
  'CREATED',
  'SKIPPED',
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'WARNING',
  'FAILED',
  'CANCELLING',
  'CANCELLED',
];
export const operationStatuses = ['CANCELLED', 'FAILED', 'REUSED', 'SKIPPED', 'SUCCEEDED', 'UNKNOWN', 'WARNING'];

const texts = (description: string) => list(z.string().max(1000), { type: 'string' }, description);

export const triggeredBy = z.object({
  triggerType: oneOf(
    [
      'MANUAL',
      'RESTART_ALL',
      'RESTART_FROM_FAILED',
      'RESTART_FROM_SELECTED',
      'RESTART_FROM_TASKS',
      'SCHEDULED',
      'SENSOR',
      'TRIGGER_EVENT',
      'WEBHOOK',
    ],
    'What kind of trigger started the run.',
    'required',
  ),
  scheduleName: text('Name of the schedule.'),
  scheduleCron: text('Its cron expression.'),
  pipelineName: text('Name of the pipeline whose run triggered this one.'),
  pipelineId: reference('Id of that pipeline.'),
  pipelineRunId: reference('Id of that run.'),
  userId: text('Who started it by hand.'),
  sensorName: text('Name of the sensor.'),
  continueDownstreamRun: flag('Whether tasks after the restarted ones run as well.'),
});

export const childRun = z.object({
  pipelineId: reference('Id of the pipeline that was started.'),
  pipelineRunId: reference('Id of its run.'),
  pipelineName: text('Its name.'),
});

export const pipelineRun = z.object({
  id: ownId(),
  pipelineId: reference('Id of the pipeline.', 'required'),
  pipelineName: text('Name of the pipeline.', 'required-or-null'),
  accountId: reference('Id of the account.', 'required'),
  envId: reference('Id of the environment.'),
  envName: text('Name of the environment.'),
  runStatus: oneOf(runStatuses, 'How far the run is.', 'required'),
  hasAnomalies: flag('Whether it took unusually long.'),
  triggeredBy: list(triggeredBy, { $ref: '#/components/schemas/TriggeredBy' }, 'What started it.'),
  childPipelineRuns: list(childRun, { $ref: '#/components/schemas/ChildPipelineRun' }, 'Runs that it started.'),
  message: text('What the platform says of the run.', 'required'),
  pipelineVersionNumber: number('Version of the definition.'),
  createdAt: time('When it was asked for.', 'required'),
  updatedAt: time('When it last changed.', 'required'),
  startedAt: time('When it began.'),
  completedAt: time('When it ended.'),
  branch: text('Branch of the definition.'),
  commit: text('Commit of the definition.'),
  gitLink: text('Where that commit can be seen.'),
  data: unread({ type: 'object', description: 'The whole definition, with the values of its environment.' }),
});
export type PipelineRun = z.output<typeof pipelineRun>;

export const taskRun = z.object({
  id: ownId(),
  pipelineRunId: reference('Id of its run.', 'required'),
  taskName: text('Name of the task.', 'required'),
  taskId: text('Id of the task in the definition.', 'required'),
  accountId: reference('Id of the account.', 'required'),
  pipelineId: reference('Id of the pipeline.', 'required'),
  integration: text('Platform that the task runs on, such as DBT_CORE.', 'required'),
  integrationJob: text('What it does there.', 'required'),
  status: oneOf(taskStatuses, 'How far the task is.', 'required'),
  message: text('What Orchestra says of it.'),
  externalStatus: text('Status on the platform, or of its HTTP answer.'),
  externalMessage: text('What the platform said, as it stands.'),
  taskParameters: anything('Parameters of the definition.'),
  runParameters: anything('Parameters of this run.'),
  connectionId: text('Id of the connection.'),
  computeResourceId: text('Id of the compute resource.'),
  platformLink: text('Where the platform shows it.'),
  numberOfAttempts: number('How often it was tried.'),
  attemptNumber: number('Which attempt this is; in newer answers only.'),
  matrixParent: flag('Whether it stands for the tasks of a matrix.'),
  matrixParentId: reference('Id of the task run that stands for its matrix.'),
  createdAt: time('When it was planned.', 'required'),
  updatedAt: time('When it last changed.', 'required'),
  startedAt: time('When it began.'),
  completedAt: time('When it ended.'),
  dependsOn: texts('Ids of the tasks, or of the groups, that it waits for.'),
});
export type TaskRun = z.output<typeof taskRun>;

export const operation = z.object({
  id: ownId(),
  accountId: reference('Id of the account.', 'required'),
  pipelineRunId: reference('Id of its run.', 'required'),
  taskRunId: reference('Id of its task run.'),
  insertedAt: time('When it was written down.', 'required'),
  message: text('What the platform said of it.'),
  operationName: text('Name, such as that of a dbt model.'),
  operationStatus: oneOf(operationStatuses, 'How it ended.', 'required'),
  operationType: oneOf(
    [
      'AGGREGATION',
      'ANALYSIS',
      'DEPLOY',
      'INGESTION',
      'ITERATOR',
      'MATERIALISATION',
      'OPERATION',
      'QUERY',
      'REFRESH',
      'REVERSE_ETL',
      'SEED',
      'SNAPSHOT',
      'SOURCE',
      'TEST',
      'TEST_GROUP',
      'TRIGGER',
      'UNKNOWN',
    ],
    'What it is.',
    'required',
  ),
  externalStatus: text('Status on the platform.'),
  externalDetail: text('More of it.'),
  externalId: text('Id on the platform.', 'required'),
  integration: text('Platform.'),
  integrationJob: text('What was done there.'),
  startedAt: time('When it began.'),
  completedAt: time('When it ended.'),
  operationDuration: number('How long it took, in seconds.'),
  rowsAffected: number('Rows that it wrote.'),
});
export type Operation = z.output<typeof operation>;

export const pipeline = z.object({
  id: ownId(),
  name: text('Name.', 'required'),
  alias: text('Alias, to be used in place of the id.'),
  numTasks: number('How many tasks it has.'),
  yamlPath: text('Where its definition stands.', 'required-or-null'),
  createdAt: time('When it was made.', 'required'),
  updatedAt: time('When it last changed.', 'required'),
  paused: flag('Whether its triggers rest.', 'required'),
  schedule: text('Its schedules, as JSON in a string.'),
  sensors: text('Its sensors, as JSON in a string.'),
  triggerEvents: text('The runs that start it, as JSON in a string.'),
  latestVersionNumber: number('Newest version.'),
  publishedVersionNumber: number('Version that runs.'),
  storageProvider: oneOf(['ORCHESTRA', 'AZURE_DEVOPS', 'GITHUB', 'GITLAB', 'BITBUCKET'], 'Who keeps its definition.'),
  repository: text('Repository of the definition.'),
  defaultBranch: text('Its branch.'),
  latestRunId: reference('Id of its newest run.'),
  latestRunStatus: oneOf(runStatuses, 'How far that is.'),
  latestRunMessage: text('What is said of that.'),
  latestRunCreatedAt: time('When that was asked for.'),
  latestRunStartedAt: time('When that began.'),
  latestRunCompletedAt: time('When that ended.'),
});
export type Pipeline = z.output<typeof pipeline>;

export const artifactList = z.object({ filenames: texts('Names of the files; neither size nor type is known.') });

const logFacts = z.object({ attemptNumber: number('The attempt that wrote it.'), displayName: text('Name to show.') });
export const logList = z.object({
  filenames: texts('Names of the logs, such as `1/dbt build`.'),
  files: z.preprocess(
    (value) => value ?? null,
    z
      .record(z.string(), logFacts.catch({ attemptNumber: null, displayName: null }))
      .nullable()
      .catch(null),
  ),
});

export const startAnswer = z.object({
  id: text('The same as pipelineRunId.', 'required'),
  pipelineRunId: ownId(),
  message: text('What the platform says.'),
});
