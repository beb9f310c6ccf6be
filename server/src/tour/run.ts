import type { ActContext } from './act.ts';

// biome-ignore lint/suspicious/noExplicitAny: the act checks what comes back
type Run = any;

const patienceMs = 60_000;

/** Waits for the end of a container job as an agent would, by orcaops_get_job_status with `wait_s`. */
export async function waitForRun({ mcp }: ActContext, run: Run): Promise<Run> {
  let now = run;
  for (const until = Date.now() + patienceMs; now.finished_at === undefined; ) {
    if (Date.now() > until) throw new Error(`job ${run.job_id}\nexpected its end\ngot      ${now.status}`);
    now = await mcp.call('orcaops_get_job_status', { job_id: run.job_id, wait_s: 5 });
  }
  return now;
}
