import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Act, type ActContext, expectEqual } from '../act.ts';
import { emailExample } from '../email.ts';
import type { Progress } from '../narrator.ts';

const patienceMs = 60_000;
/** What the archive of the example holds, as its mbox says. */
const mails = 12;
const categories = { billing: 3, newsletter: 1, other: 3, support: 2, urgent: 3 };
/** How the id of the mail begins at which the enricher fails. */
const unlucky = 'outage-payments';

// biome-ignore lint/suspicious/noExplicitAny: the act checks what comes back
type Run = any;

/** The email pipeline: one service fails on one mail, the run is partial; once it works again, only that mail is run again. */
export const email: Act = {
  title: 'Mails through seven MCP servers, one of them out of order',
  async run(context) {
    const { outOfOrder } = context;
    await checkServers(context);
    await put(context);
    await writeFile(outOfOrder, `${unlucky}\n`, { mode: 0o644 });
    const run = await begin(context);
    await showFailure(context, run);
    await rm(outOfOrder);
    await redrive(context, run);
    await showHistory(context, run);
  },
};

function checkServers({ mcp, narrator }: ActContext): Promise<void> {
  return narrator.step('list_downstream_servers', async () => {
    const { items } = await mcp.call('list_downstream_servers', {});
    const names = items.map(({ name }: { name: string }) => name).sort();
    const seven = ['agent', 'cache', 'classification', 'enrichment', 'gmail', 'graph', 'tasks'];
    expectEqual('the declared servers', names, seven);
    return [undefined, `${names.join(', ')}`];
  });
}

function put({ mcp, narrator }: ActContext): Promise<void> {
  return narrator.step('put_workflow', async () => {
    const definition = readFileSync(path.join(emailExample, 'email-triage.yaml'), 'utf8');
    const { name, version, warnings } = await mcp.call('put_workflow', { definition });
    expectEqual('what was put', [name, version], ['email-triage', 1]);
    const checked = warnings.length === 0 ? ', its calls checked against the tools of the servers' : '';
    return [undefined, `${name}, version ${version}${checked}`];
  });
}

function begin(context: ActContext): Promise<Run> {
  return context.narrator.step('run_pipeline', async (progress) => {
    const since = performance.now();
    const started = await context.mcp.call('run_pipeline', { since: '2025-04-01T00:00:00Z', wait_s: 2 });
    const run = await untilEnd(context, started, progress);
    const wanted = ['partial', `${mails - 1} of ${mails} emails processed, ${categories.urgent - 1} of them urgent`];
    expectEqual('how it ended', [run.status, run.summary], wanted);
    return [run, `${run.status}: ${run.summary}, in ${((performance.now() - since) / 1000).toFixed(1)} s`];
  });
}

function showFailure({ mcp, narrator }: ActContext, { run_id }: Run): Promise<void> {
  return narrator.step('get_workflow_run', async () => {
    const asked = { run_id, status: 'failed', include_data: true, include_sensitive: true };
    const { states } = await mcp.call('get_workflow_run', asked);
    const [task, ...more] = states.filter(({ type }: Run) => type === 'Task');
    const mail = String(task?.input?.properties?.email_id);
    const failed = [task?.name, task?.error?.Error, mail.startsWith(unlucky), more.length];
    expectEqual('what failed', failed, ['Enrich', 'States.TaskFailed', true, 0]);
    return [undefined, `${task.path} failed, for the mail ${mail}`];
  });
}

function redrive(context: ActContext, { run_id }: Run): Promise<void> {
  return context.narrator.step('redrive_workflow_run', async (progress) => {
    const since = performance.now();
    const run = await untilEnd(context, await context.mcp.call('redrive_workflow_run', { run_id }), progress);
    const wanted = ['succeeded', `${mails} of ${mails} emails processed, ${categories.urgent} of them urgent`];
    expectEqual('how it ended', [run.status, run.summary], wanted);
    const { emails, failed, categories: found } = run.output;
    expectEqual('the report', [emails, failed, Object.entries(found).sort()], [mails, 0, Object.entries(categories)]);
    return [undefined, `${run.status}: ${run.summary}, in ${((performance.now() - since) / 1000).toFixed(1)} s`];
  });
}

/** Each call was made once, but that of the mail that failed. */
function showHistory({ mcp, narrator }: ActContext, { run_id }: Run): Promise<void> {
  return narrator.step('get_workflow_run, history', async () => {
    const calls = new Map<string, number>();
    for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
      const answer = await mcp.call('get_workflow_run', { run_id, page_size: 100, ...(page && { page }) });
      const tasks = answer.states.filter(({ type }: Run) => type === 'Task');
      for (const { name } of tasks) calls.set(name, (calls.get(name) ?? 0) + 1);
      page = answer.next_page;
    }
    const urgent = categories.urgent;
    const wanted = { Agent: urgent, Cache: mails, Classify: mails, CreateTask: urgent, Enrich: mails + 1, Fetch: 1 };
    const more = { Graph: mails, Notify: urgent };
    expectEqual('the calls', [...calls].sort(), Object.entries({ ...wanted, ...more }));
    return [undefined, `${[...calls.values()].reduce((sum, count) => sum + count, 0)} calls; nothing was done twice`];
  });
}

/** Waits for the end of a run as an agent would, by get_workflow_run with `wait_s`. */
async function untilEnd({ mcp }: ActContext, started: Run, progress: Progress): Promise<Run> {
  let run = started;
  for (const until = Date.now() + patienceMs; run.ended_at === undefined; ) {
    if (Date.now() > until) throw new Error(`run ${started.run_id}\nexpected its end\ngot      ${run.status}`);
    run = await mcp.call('get_workflow_run', { run_id: started.run_id, wait_s: 1 });
    progress(run.progress ?? 0, run.status);
  }
  return run;
}
