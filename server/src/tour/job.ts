import type { ActContext } from './act.ts';
import type { Progress } from './narrator.ts';

export interface EndedJob {
  readonly counters: Readonly<Record<string, number>>;
  // biome-ignore lint/suspicious/noExplicitAny: every kind of job adds its own
  readonly metadata: Readonly<Record<string, any>>;
}

const patienceMs = 60_000;

/** Waits for a job as an agent would, by `job_status` with `wait_s`, and shows how far it is. Throws unless it succeeds. */
export async function waitForJob({ mcp }: ActContext, jobId: string, progress: Progress): Promise<EndedJob> {
  for (const until = Date.now() + patienceMs; Date.now() < until; ) {
    const job = await mcp.call('job_status', { job_id: jobId, wait_s: 0.5 });
    progress(job.progress, job.state);
    if (job.state === 'succeeded') return job;
    if (job.finished_at !== undefined) {
      throw new Error(`job ${jobId}\nexpected it to succeed\ngot      ${job.state}: ${JSON.stringify(job.error)}`);
    }
  }
  throw new Error(`job ${jobId}\nexpected its end within ${patienceMs / 1000} s\ngot      none`);
}
