import { z } from 'zod';
import { type Connection, markOf } from '../../../core/auth/connection.ts';
import type { Feed } from '../../../core/events/feed.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { findJob, toJob } from '../../../core/jobs/store.ts';
import { waitForEnd } from '../../../core/jobs/wait-for-end.ts';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { runSchema, showRun } from '../present/run.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { windowOf } from '../resolve/times.ts';
import { watchKind } from '../watch/job.ts';
import { insertWatch } from '../watch/store.ts';

export interface WatchRunNeeds {
  readonly orchestra: OrchestraAccess;
  readonly jobs: Pick<JobEngine, 'enqueue' | 'endedHere'>;
  readonly feed: Feed;
}

const dayS = 86_400;

export const watchPipelineRun = ({ orchestra, jobs, feed }: WatchRunNeeds) =>
  tool({
    name: 'watch_pipeline_run',
    title: 'Watch a pipeline run',
    description:
      'Tutti orchestra: watches a run until it has ended, as a durable job that survives restarts: it succeeds with SUCCEEDED and WARNING, fails with FAILED, CANCELLED and SKIPPED, and tells each change as the event orchestra_run.updated. Wait on with job_status and wait_s; cancel_job stops the watching alone. For one look, use get_pipeline_run_status.',
    toolset: 'orchestra',
    effect: 'write',
    scope: 'orchestra:write',
    input: {
      ...runFields,
      timeout_s: z
        .int()
        .min(1)
        .max(7 * dayS)
        .default(dayS)
        .describe('Seconds after which it gives up, 1 to 604800; the run itself goes on.'),
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for the end, 0 to 40.'),
    },
    output: jobSchema.extend({ pipeline_run: runSchema.describe('The run as it was when the watch began.') }),
    async run({ pipeline_run_id, timeout_s, wait_s: _, ...times }, { principal, authority, db, signal }) {
      const api = await orchestra.open({ principal, signal });
      const run = showRun(await resolveRun(api, pipeline_run_id, windowOf(times)), api.site);
      const job = await jobs.enqueue(db, {
        kind: watchKind,
        authority,
        input: { pipeline_run_id: run.pipeline_run_id, ...ownKey(principal.connection) },
        metadata: { pipeline_run_id: run.pipeline_run_id, url: run.url },
        timeoutS: timeout_s,
      });
      await insertWatch(db, job.id);
      return { ...toJob(job), pipeline_run: run };
    },
    async settle(answer, { wait_s }, context) {
      const found = await waitForEnd(answer.id, wait_s, { jobs, feed }, context, async () => {
        const job = await findJob(context.db, answer.id);
        return { found: job, ended: job === undefined || job.finished_at !== null, words: job?.state ?? 'gone' };
      });
      // Removed since: the call is repeated.
      return found ? { ...answer, ...toJob(found) } : answer;
    },
  });

/** By whose key is to be looked, where the caller's connection brought one: the operator's may be of another account. */
function ownKey(connection: Connection | undefined): { readonly connection?: string } {
  const brings = ['ORCHESTRA_API_KEY', 'ORCHESTRA_API_KEY_FILE'].some(
    (name) => connection?.variables.has(name) === true,
  );
  return connection && brings ? { connection: markOf(connection) } : {};
}
