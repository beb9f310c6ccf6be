import { type Act, type ActContext, expectEqual } from '../act.ts';
import { waitForJob } from '../job.ts';

/** How the id of the failed run begins, as somebody would read it out, and the week that it is of. */
const failed = '8e808ad7';
const week = { time_from: '2025-10-12T00:00:00Z', time_to: '2025-10-18T00:00:00Z' };
const model = 'rpt_sales_journal_analysis';

// biome-ignore lint/suspicious/noExplicitAny: the act checks what comes back
type Answer = any;

/** A run of last year's is diagnosed, what failed is run again, and the new run is watched to its end. */
export const orchestra: Act = {
  title: 'A failed run of Orchestra, diagnosed, retried, and watched to success',
  async run(context) {
    await find(context);
    const report = await diagnose(context);
    await readLog(context, report);
    const retried = await retry(context);
    await watch(context, retried);
    await showTasks(context, retried);
  },
};

function find({ mcp, narrator }: ActContext): Promise<void> {
  return narrator.step('list_pipeline_runs', async () => {
    const { items } = await mcp.call('list_pipeline_runs', { ...week, status_filter: 'FAILED' });
    const found = items.map((run: Answer) => [run.pipeline_run_id.slice(0, 8), run.pipeline_name]);
    expectEqual('the failed runs', found, [[failed, 'Sales Journal - Full Refresh DBT Models']]);
    return [
      undefined,
      `${failed}…, ${items[0].pipeline_name}, failed after ${Math.round(items[0].duration_seconds)} s`,
    ];
  });
}

function diagnose({ mcp, narrator }: ActContext): Promise<Answer> {
  return narrator.step('diagnose_pipeline_run', async () => {
    const report = await mcp.call('diagnose_pipeline_run', { pipeline_run_id: failed, ...week });
    const { verdict, failed_tasks, impact } = report;
    const skipped = impact.skipped_downstream.length;
    expectEqual('the report', [failed_tasks.roots, skipped, verdict.about.includes(model)], [1, 1, true]);
    expectEqual('words of others', [verdict.cause.untrusted, verdict.evidence.untrusted], [true, true]);
    const [root] = failed_tasks.items;
    return [report, `${verdict.category} in ${model}, task ${root.task_name}; ${skipped} task skipped for it`];
  });
}

function readLog({ mcp, narrator }: ActContext, { run, failed_tasks }: Answer): Promise<void> {
  return narrator.step('get_task_run_logs', async () => {
    const { task_run_id } = failed_tasks.items[0];
    const asked = { pipeline_run_id: run.pipeline_run_id, task_run_id, tail_lines: 5 };
    const { filename, log, lines } = await mcp.call('get_task_run_logs', asked);
    expectEqual('the log', [log.untrusted, /Database Error in model/.test(log.text)], [true, true]);
    return [undefined, `the last ${lines} lines of ${filename}`];
  });
}

function retry({ mcp, narrator }: ActContext): Promise<string> {
  return narrator.step('retry_pipeline_run', async () => {
    const asked = { pipeline_run_id: failed, ...week, cause: 'the model is mended', idempotency_key: 'tour' };
    const { outcome, pipeline_run_id } = await mcp.call('retry_pipeline_run', asked);
    const again = await mcp.call('retry_pipeline_run', asked);
    expectEqual('the start', [outcome, again.pipeline_run_id], ['started', pipeline_run_id]);
    return [pipeline_run_id, `run ${pipeline_run_id.slice(0, 8)}…, asked for twice and started once`];
  });
}

function watch(context: ActContext, pipeline_run_id: string): Promise<void> {
  return context.narrator.step('watch_pipeline_run', async (progress) => {
    const since = performance.now();
    const { id } = await context.mcp.call('watch_pipeline_run', { pipeline_run_id, timeout_s: 600 });
    const { metadata, counters } = await waitForJob(context, id, progress);
    const run = metadata.pipeline_run;
    expectEqual('how it ended', [run.status, counters.tasks_ended, counters.tasks_failed], ['SUCCEEDED', 3, 0]);
    const told = `${run.status} after ${Math.round(run.duration_seconds)} s of its time`;
    return [undefined, `${told}, in ${((performance.now() - since) / 1000).toFixed(1)} s`];
  });
}

/** Of what was done before, nothing was done again. */
function showTasks({ mcp, narrator }: ActContext, pipeline_run_id: string): Promise<void> {
  return narrator.step('list_task_runs', async () => {
    const { items } = await mcp.call('list_task_runs', { pipeline_run_id });
    const statuses = items.map(({ status }: Answer) => status).sort();
    expectEqual('its tasks', statuses, ['SKIPPED', 'SUCCEEDED', 'SUCCEEDED']);
    return [undefined, 'what had succeeded before was left alone, the rest has run'];
  });
}
