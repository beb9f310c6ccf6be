import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { artifactUri } from '../artifacts/uri.ts';
import { answerBytes, fitting } from '../lists/fit.ts';
import { resolveRunId, runFields } from '../resolve/resolve-run.ts';
import { taskRunField } from '../resolve/task-run.ts';
import { windowOf } from '../resolve/times.ts';

export const getTaskRunArtifacts = (orchestra: OrchestraAccess) =>
  tool({
    name: 'get_task_run_artifacts',
    title: 'List the artifacts of an Orchestra task',
    description:
      'Tutti orchestra: lists the files that a task of a run of the Orchestra platform left, such as run_results.json of dbt. To read one use download_task_artifact; for logs, get_task_run_logs.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: { ...runFields, task_run_id: taskRunField },
    output: z.looseObject({
      pipeline_run_id: z.string().describe('Id of the run.'),
      task_run_id: z.string().describe('Id of the task run.'),
      artifacts: z
        .array(
          z.looseObject({
            filename: z.string().describe('Name of the file, a name that the task chose.'),
            resource_uri: z.string().describe('The file as a resource.'),
          }),
        )
        .describe('The files; Orchestra says neither size nor type.'),
      count: z.number().describe('How many there are.'),
      truncated: z.boolean().describe('true: not all of them fitted.'),
    }),
    async run({ pipeline_run_id, task_run_id, ...times }, context) {
      const window = windowOf(times);
      const api = await orchestra.open(context);
      const runId = await resolveRunId(api, pipeline_run_id, window);
      const names = await api.artifacts(runId, task_run_id);
      const all = names.map((name) => ({
        filename: name.toWellFormed(),
        resource_uri: artifactUri({ runId, taskRunId: task_run_id, filename: name }),
      }));
      const artifacts = fitting(all, answerBytes);
      return {
        pipeline_run_id: runId,
        task_run_id,
        artifacts,
        count: all.length,
        truncated: artifacts.length < all.length,
      };
    },
  });
