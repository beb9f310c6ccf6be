import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Feed } from '../../../core/events/feed.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { visibleJob } from '../visible-job.ts';

export const jobStatus = (feed: Feed) =>
  tool({
    name: 'job_status',
    title: 'Show a job',
    description:
      'Tutti: shows one job: its state, progress, counters, error and report. With wait_s it waits until the job ends or the time is over, so no polling loop is needed. To find a job, use list_jobs.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: {
      job_id: z.string().describe('Id of the job.'),
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for its end, 0 to 40.'),
    },
    output: jobSchema,
    async run({ job_id, wait_s }, { db, principal, signal, progress }) {
      const until = Date.now() + wait_s * 1000;
      // A server that stops hands back what it has: nothing will end here any more.
      const enough = wait_s > 0 ? AbortSignal.any([signal, feed.closed]) : signal;
      let told = -1;
      for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
        const row = await visibleJob(db, principal, job_id);
        if (row.finished_at || enough.aborted || Date.now() + pause > until) return toJob(row);
        // Progress may only grow, and a look at the job always follows it.
        if (row.progress > told) {
          progress(row.progress, row.state);
          told = row.progress;
        }
        await sleep(pause, undefined, { signal: enough }).catch(() => undefined);
      }
    },
  });
