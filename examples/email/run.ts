/** `npm run example:email`: starts a throw-away server with the seven services, and runs the workflow on a mail archive. */
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { connectMcp, type McpCaller } from '../../server/src/tour/mcp-client.ts';
import { startServerProcess } from '../../server/src/tour/server.ts';

const help = `npm run example:email [-- <flags>]: the email pipeline, on a server of its own.

  --mail <place>       an mbox file or a maildir; by default the archive of the example
  --since <time>       only mails from then on, such as 2025-04-16T00:00:00Z
  --break <id>         the enricher fails for mails whose ids begin so; then it is repaired, and the run redriven
  --model-url <url>    an OpenAI-compatible endpoint for the agent, such as http://127.0.0.1:8080/v1
  --model <name>       the model there
  --keep               keep the data, and what the services made of the mails
  --verbose            show every call, and the server's log
`;
const { values } = parseArgs({
  options: {
    mail: { type: 'string' },
    since: { type: 'string' },
    break: { type: 'string' },
    'model-url': { type: 'string' },
    model: { type: 'string' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

// biome-ignore lint/suspicious/noExplicitAny: shown as it comes
type Run = any;

async function untilEnd(mcp: McpCaller, run: Run): Promise<Run> {
  if (run.ended_at !== undefined) return run;
  return untilEnd(mcp, await mcp.call('get_workflow_run', { run_id: run.run_id, wait_s: 20 }));
}

/** The report of a run, and what the agent made of the urgent mails, which is sealed and shown to the owner of the run alone. */
async function show(mcp: McpCaller, run: Run): Promise<void> {
  console.log(`\n${run.status}: ${run.summary}\n`);
  for (const { id, category, task_id = '' } of run.output?.items ?? []) {
    console.log(`  ${id.padEnd(32)} ${category.padEnd(12)} ${task_id}`);
  }
  for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
    const asked = { run_id: run.run_id, include_data: true, include_sensitive: true, page_size: 100 };
    const { states, next_page } = await mcp.call('get_workflow_run', { ...asked, ...(page && { page }) });
    page = next_page;
    for (const { type, status, error, path } of states) {
      if (status === 'failed' && type === 'Task') console.log(`\n  ${path} failed: ${error.Error}`);
    }
    for (const { name, status, output } of states) {
      if (name === 'Agent' && status === 'succeeded')
        console.log(`\n  ${output.id} (${output.method})\n    ${output.draft}`);
    }
  }
}

async function main(): Promise<void> {
  const { mail, since, break: unlucky, 'model-url': url, model: name, verbose } = values;
  if ((url === undefined) !== (name === undefined)) throw new Error('--model-url and --model go together.');
  const model = url === undefined || name === undefined ? undefined : { url, name };
  const server = await startServerProcess({ verbose, email: { mail, model } });
  const stop = () => server.stop(values.keep);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(1)));
  try {
    console.log('Starting a server of its own, with seven MCP servers behind it …');
    const ready = await server.ready();
    const mcp = await connectMcp(ready.url, ready.token, (line) => void (verbose && console.error(line)));
    await mcp.call('put_workflow', { definition: readFileSync(new URL('email-triage.yaml', import.meta.url), 'utf8') });
    if (unlucky) await writeFile(server.outOfOrder, `${unlucky}\n`);
    const run = await untilEnd(mcp, await mcp.call('run_pipeline', { ...(since && { since }) }));
    await show(mcp, run);
    if (unlucky) {
      await rm(server.outOfOrder);
      console.log('\nThe enricher is repaired: redrive_workflow_run');
      await show(mcp, await untilEnd(mcp, await mcp.call('redrive_workflow_run', { run_id: run.run_id })));
    }
    await mcp.close();
    process.exitCode = run.status === 'failed' ? 1 : 0;
  } finally {
    await stop();
    if (values.keep) console.log(`\nKept: ${server.dataDir}; beside it what the services made, as in tasks/maildir.`);
  }
}

if (values.help) console.log(help);
else await main();
