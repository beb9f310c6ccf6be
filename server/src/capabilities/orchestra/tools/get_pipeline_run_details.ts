import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import type { TaskRun } from '../api/schemas.ts';
import { answerBytes, fitting } from '../lists/fit.ts';
import { tasksOfRun } from '../lists/run-tasks.ts';
import { gapsSchema } from '../present/gap.ts';
import { hasEnded, runSchema, showRun } from '../present/run.ts';
import { showTask, taskSchema } from '../present/task.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { windowOf } from '../resolve/times.ts';

export const getPipelineRunDetails = (orchestra: OrchestraAccess) =>
  tool({
    name: 'get_pipeline_run_details',
    title: 'Show an Orchestra run',
    description:
      'Tutti orchestra: shows all of a run of a pipeline of the Orchestra platform: what started it, environment, branch and commit, times, and its tasks with their status. For why it failed use diagnose_pipeline_run; for its status alone, get_pipeline_run_status.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: runFields,
    output: runSchema.extend({
      ended: z.boolean().describe('Whether nothing more comes of it.'),
      task_count: z.number().describe('How many tasks were read.'),
      task_status_counts: z.record(z.string(), z.number()).describe('How many tasks have which status.'),
      tasks: z.array(taskSchema).describe('Its tasks, those that failed first where not all fit.'),
      truncated: z.boolean().describe('true: not all tasks fitted; list_task_runs has the others.'),
      gaps: gapsSchema,
    }),
    async run({ pipeline_run_id, ...times }, context) {
      const window = windowOf(times);
      const api = await orchestra.open(context);
      const run = await resolveRun(api, pipeline_run_id, window);
      const { tasks, gaps } = await tasksOfRun(api, run);
      const all = tasks.map((task) => showTask(task, api.site));
      const whole = fitting(all, answerBytes);
      const shown = whole.length === all.length ? all : fitting(failedFirst(all), answerBytes);
      return {
        ...showRun(run, api.site),
        ended: hasEnded(run),
        task_count: tasks.length,
        task_status_counts: counts(tasks),
        tasks: shown,
        truncated: shown.length < all.length,
        gaps: [...gaps],
      };
    },
  });

function failedFirst<T extends { readonly status?: string | undefined }>(tasks: readonly T[]): T[] {
  return [...tasks].sort((a, b) => Number(b.status === 'FAILED') - Number(a.status === 'FAILED'));
}

function counts(tasks: readonly TaskRun[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const { status } of tasks) found.set(status ?? 'UNKNOWN', (found.get(status ?? 'UNKNOWN') ?? 0) + 1);
  return Object.fromEntries(found);
}
