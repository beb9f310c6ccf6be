import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { findDoubtfulCall, putCall } from '../../../core/jobs/calls/store.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { requeueJob, toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { mayChange, visibleJob } from '../visible-job.ts';

export const resolveInDoubtCall = (jobs: JobEngine) =>
  tool({
    name: 'resolve_in_doubt_call',
    title: 'Resolve a call in doubt',
    description:
      'Tutti: for a job that failed with IN_DOUBT, says what became of the outside call that the server could not see the end of. "completed" goes on with the given result, "repeat" sends the call again, then the job runs on from there. Find out at the other side first.',
    toolset: 'system',
    effect: 'write',
    scope: 'system:write',
    input: {
      job_id: z.string().describe('Id of the failed job.'),
      outcome: z.enum(['completed', 'repeat']).describe('completed: it arrived. repeat: it did not, send it again.'),
      result: z.unknown().optional().describe('With completed: what the call would have answered, as JSON.'),
    },
    output: jobSchema,
    async run({ job_id, outcome, result }, { db, principal }) {
      const row = await visibleJob(db, principal, job_id);
      mayChange(principal, row);
      const call = await findDoubtfulCall(db, job_id);
      if (!call || !row.finished_at) {
        throw new AppError('CONFLICT', 'This job has no call in doubt.', 'See its state with job_status.', {
          state: row.state,
        });
      }
      // Locks the job until this transaction ends, so the run that the rewind starts waits for what is written here.
      await requeueJob(db, job_id);
      const state = outcome === 'completed' ? 'resolved' : 'answered';
      await putCall(db, { ...call, state, result: outcome === 'completed' ? (result ?? null) : undefined });
      await jobs.rewind(job_id, call.rewind_to ?? call.step);
      return toJob(await visibleJob(db, principal, job_id));
    },
  });
