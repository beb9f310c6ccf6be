import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import { tool } from '../../../core/tool.ts';
import type { PipelineRun } from '../api/schemas.ts';
import type { StartRequest } from '../api/start-request.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { named } from '../present/redact.ts';
import { runSchema, showRun } from '../present/run.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { windowOf } from '../resolve/times.ts';
import { startSchema } from '../starts/schema.ts';
import { type SendNeeds, settleStart } from '../starts/send.ts';
import { insertStart } from '../starts/store.ts';

/** What Orchestra is asked for: what failed, and all that comes after it, which would be skipped otherwise. */
const request = { retryFromFailed: true, continueDownstreamRun: true } satisfies StartRequest;

export const retryPipelineRun = (needs: SendNeeds) =>
  tool({
    name: 'retry_pipeline_run',
    title: 'Retry an Orchestra run',
    description:
      'Tutti orchestra: runs again what failed of a run, and all that comes after it, as a new run. Only the newest run of a pipeline, and only where it is FAILED: Orchestra knows no other retry. It is asked for once: outcome uncertain means that it may run. It is there only where the operator allows writes. To run a whole pipeline use trigger_pipeline.',
    toolset: 'orchestra',
    effect: 'write',
    scope: 'orchestra:write',
    input: {
      ...runFields,
      cause: z.string().max(500).optional().describe('Why. It stays in our audit: Orchestra takes none.'),
      dry_run: z.boolean().default(false).describe('Only say what would be asked for.'),
    },
    output: startSchema.extend({
      start_id: z.string().optional().describe('Id of this start, not of the run; absent for dry_run.'),
      outcome: z.string().describe('started; uncertain: no answer came, and it may run all the same; or dry_run.'),
      retried: runSchema.describe('The run that failed.'),
      request: z.looseObject({}).describe('What Orchestra is asked for.'),
    }),
    noted: ({ pipeline_run_id, cause }) => ({ pipeline_run_id, ...(cause !== undefined && { cause }) }),
    async run({ pipeline_run_id, cause, dry_run, ...times }, { db, principal, signal }) {
      const api = await needs.orchestra.open({ principal, signal });
      const run = await resolveRun(api, pipeline_run_id, windowOf(times));
      const pipeline = await checkRetry(api, run);
      const shown = {
        pipeline_id: pipeline,
        retried: showRun(run, api.site),
        request: { ...request, ...(run.branch !== null && { branch: run.branch }), ...environmentOf(run) },
      };
      if (dry_run) return { ...shown, outcome: 'dry_run', next_step: 'Call again without dry_run.' };
      const id = newId('start');
      await insertStart(db, { id, principal_id: principal.id, pipeline, cause: cause ?? null });
      return { ...shown, start_id: id, outcome: 'intended', next_step: '' };
    },
    async settle(answer, _input, context) {
      if (answer.start_id === undefined) return answer;
      return { ...answer, ...(await settleStart(answer.start_id, answer.request, context, needs)) };
    },
  });

/** The retry runs where the run that failed did. */
function environmentOf({ envId, envName }: PipelineRun): Pick<StartRequest, 'environment'> {
  const environment = envId ?? envName;
  return environment === null ? {} : { environment };
}

/** Orchestra retries the newest failed run of a pipeline, whichever is meant: answers the pipeline where that is this one. */
async function checkRetry(api: OrchestraApi, run: PipelineRun): Promise<string> {
  if (run.runStatus !== 'FAILED') {
    throw new AppError(
      'CONFLICT',
      'Only a run that has failed can be retried.',
      'See how it stands with get_pipeline_run_status; run all of the pipeline with trigger_pipeline.',
      { pipeline_run_id: run.id, status: named(run.runStatus) },
    );
  }
  if (run.pipelineId === null) {
    throw new AppError('CONFLICT', 'Orchestra does not say of which pipeline this run is.', 'Retry it in Orchestra.');
  }
  const { latestRunId, latestRunStatus } = await api.pipeline(run.pipelineId);
  if (latestRunId !== null && latestRunId !== run.id) {
    throw new AppError(
      'CONFLICT',
      'Its pipeline has run since: Orchestra retries the newest run alone.',
      'Look at details.newest with get_pipeline_run_status, and retry that one if it failed.',
      { newest: { pipeline_run_id: latestRunId, status: named(latestRunStatus) } },
    );
  }
  return run.pipelineId;
}
