import { z } from 'zod';
import { type Cursors, nextPageField, pageFields } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import type { Operation, PipelineRun } from '../api/schemas.ts';
import type { OperationFilter, OrchestraApi } from '../client/orchestra-api.ts';
import { fittingPage } from '../lists/fitting-page.ts';
import { gapsSchema, type ShownGap } from '../present/gap.ts';
import { operationSchema, showOperation } from '../present/operation.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { taskRunField } from '../resolve/task-run.ts';
import { windowOf } from '../resolve/times.ts';

const list = 'list_task_operations';
const maxOperations = 5000;
const dayMs = 86_400_000;

export const listTaskOperations = (orchestra: OrchestraAccess, cursors: Cursors) =>
  tool({
    name: list,
    title: 'List operations of a task',
    description:
      'Tutti orchestra: lists what a task run did on its platform, piece by piece: models and tests of dbt, queries, syncs, with status and message. Only some integrations report any. For the tasks themselves, use list_task_runs; for why a run failed, diagnose_pipeline_run.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: {
      ...runFields,
      task_run_id: taskRunField,
      status: z
        .string()
        .regex(/^[A-Za-z_]{1,40}$/, 'must be one status, such as FAILED')
        .optional()
        .describe('Only FAILED, WARNING, SUCCEEDED, SKIPPED, CANCELLED, REUSED or UNKNOWN.'),
      ...pageFields,
    },
    output: z.looseObject({
      pipeline_run_id: z.string().describe('Id of the run.'),
      task_run_id: z.string().describe('Id of the task run.'),
      items: z.array(operationSchema).describe('The operations, as Orchestra orders them.'),
      total: z.number().describe('How many there are on all pages.'),
      next_page: nextPageField,
      gaps: gapsSchema,
    }),
    async run({ pipeline_run_id, task_run_id, status, page, page_size, ...times }, { principal, signal }) {
      const api = await orchestra.open({ principal, signal });
      const run = await resolveRun(api, pipeline_run_id, windowOf(times));
      const filters = { run: run.id, task_run_id, ...(status !== undefined && { status: status.toUpperCase() }) };
      const { found, gaps } = await readAll(api, {
        taskRunId: task_run_id,
        ...(filters.status !== undefined && { status: filters.status }),
        ...whileItRan(run),
      });
      return {
        pipeline_run_id: run.id,
        task_run_id,
        ...fittingPage(found, showOperation, { page, page_size }, { cursors, list, filters }),
        total: found.length,
        gaps,
      };
    },
  });

/** Operations are found by when they were written down: from the run's creation on, to some time after its last change. */
function whileItRan({ createdAt, completedAt, updatedAt }: PipelineRun) {
  if (createdAt === null) return {};
  const last = completedAt ?? updatedAt;
  return {
    from: Date.parse(createdAt) - 60_000,
    ...(last !== null && { to: Date.parse(last) + dayMs }),
  };
}

async function readAll(
  api: OrchestraApi,
  filter: OperationFilter,
): Promise<{ readonly found: readonly Operation[]; readonly gaps: ShownGap[] }> {
  const found: Operation[] = [];
  const gaps = new Map<string, ShownGap>();
  for await (const { items, unreadable, capped } of api.operations(filter)) {
    found.push(...items);
    if (unreadable > 0) gaps.set('unreadable', { what: 'operations', why: 'Some have no usable id.' });
    if (capped || found.length > maxOperations) {
      gaps.set('capped', { what: 'operations', why: `Only the first ${found.length} were read.` });
      break;
    }
  }
  return { found, gaps: [...gaps.values()] };
}
