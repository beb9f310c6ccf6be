import { z } from 'zod';
import type { Operation } from '../api/schemas.ts';
import { secondsBetween, shownTime, untrustedSchema } from './fields.ts';
import { named, said } from './redact.ts';

const text = z.string().optional();

/** An operation, such as a model or test of dbt; what Orchestra does not say is absent. */
export const operationSchema = z.looseObject({
  operation_id: z.string().describe('Id of the operation.'),
  pipeline_run_id: text.describe('Id of its run.'),
  task_run_id: text.describe('Id of its task run.'),
  name: text.describe('Name, such as that of a dbt model.'),
  type: text.describe('MATERIALISATION, TEST, QUERY and the like.'),
  status: text.describe('SUCCEEDED, FAILED, WARNING, SKIPPED, CANCELLED, REUSED, UNKNOWN; more may come.'),
  message: untrustedSchema.optional().describe('What its platform said of it.'),
  external_id: text.describe('Id on its platform.'),
  external_status: text.describe('Status on its platform.'),
  external_detail: untrustedSchema.optional().describe('More of that.'),
  integration: text.describe('Platform.'),
  integration_job: text.describe('What was done there.'),
  inserted_at: text.describe('When it was written down.'),
  started_at: text.describe('When it began.'),
  completed_at: text.describe('When it ended.'),
  duration_seconds: z.number().optional().describe('How long it took.'),
  rows_affected: z.number().optional().describe('Rows that it wrote.'),
});
export type ShownOperation = z.output<typeof operationSchema>;

export function showOperation(operation: Operation): ShownOperation {
  return {
    operation_id: operation.id,
    pipeline_run_id: operation.pipelineRunId ?? undefined,
    task_run_id: operation.taskRunId ?? undefined,
    name: named(operation.operationName),
    type: named(operation.operationType),
    status: named(operation.operationStatus),
    message: said(operation.message, 'platform', 2000),
    external_id: named(operation.externalId, 500),
    external_status: named(operation.externalStatus),
    external_detail: said(operation.externalDetail, 'platform', 2000),
    integration: named(operation.integration),
    integration_job: named(operation.integrationJob),
    inserted_at: shownTime(operation.insertedAt),
    started_at: shownTime(operation.startedAt),
    completed_at: shownTime(operation.completedAt),
    duration_seconds: operation.operationDuration ?? secondsBetween(operation.startedAt, operation.completedAt),
    rows_affected: operation.rowsAffected ?? undefined,
  };
}
