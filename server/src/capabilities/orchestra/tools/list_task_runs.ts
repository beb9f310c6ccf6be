import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { statusesOf, statusField } from '../lists/filter.ts';
import { answerBytes, fitting } from '../lists/fit.ts';
import { tasksOfRun } from '../lists/run-tasks.ts';
import { gapsSchema } from '../present/gap.ts';
import { parametersSchema, showParameters, showTask, taskSchema } from '../present/task.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { windowOf } from '../resolve/times.ts';

export const listTaskRuns = (orchestra: OrchestraAccess) =>
  tool({
    name: 'list_task_runs',
    title: 'List the tasks of an Orchestra run',
    description:
      'Tutti orchestra: lists the tasks of a run of a pipeline of the Orchestra platform, each with status, messages and times; with include_parameters also what they were given. For the order in which they failed and why use diagnose_pipeline_run; for their logs, get_task_run_logs.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: {
      ...runFields,
      status_filter: statusField.describe('Only these: FAILED, or several with commas between them.'),
      include_parameters: z.boolean().default(false).describe('Also their parameters, without secrets.'),
      include_superseded: z.boolean().default(false).describe('Also attempts that another one took the place of.'),
      limit: z.int().min(1).max(1000).default(200).describe('Tasks in one answer, 1 to 1000.'),
      offset: z.int().min(0).max(1_000_000).default(0).describe('Tasks to leave out first.'),
    },
    output: z.looseObject({
      pipeline_run_id: z.string().describe('Id of the run.'),
      items: z.array(taskSchema.extend(parametersSchema.shape)).describe('The tasks.'),
      count: z.number().describe('How many are in this answer.'),
      total: z.number().describe('How many there are in all.'),
      truncated: z.boolean().describe('true: fewer than asked for fitted; go on with next_offset.'),
      next_offset: z.number().optional().describe('Give this as offset for the next tasks; absent after the last.'),
      gaps: gapsSchema,
    }),
    async run(
      { pipeline_run_id, status_filter, include_parameters, include_superseded, limit, offset, ...times },
      context,
    ) {
      const window = windowOf(times);
      const wanted = statusesOf(status_filter);
      const api = await orchestra.open(context);
      const run = await resolveRun(api, pipeline_run_id, window);
      const { tasks, gaps } = await tasksOfRun(api, run, include_superseded);
      const all = tasks.filter(({ status }) => wanted === undefined || wanted.includes(status ?? ''));
      const asked = all.slice(offset, offset + limit).map((task) => ({
        ...showTask(task, api.site),
        ...(include_parameters && showParameters(task)),
      }));
      const items = fitting(asked, answerBytes);
      const next = offset + items.length;
      return {
        pipeline_run_id: run.id,
        items,
        count: items.length,
        total: all.length,
        truncated: items.length < asked.length,
        ...(next < all.length && { next_offset: next }),
        gaps: [...gaps],
      };
    },
  });
