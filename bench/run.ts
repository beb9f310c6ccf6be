import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { auditCost } from './audit-cost.ts';
import { configPolicy } from './config-policy.ts';
import { configReads } from './config-reads.ts';
import { events } from './events.ts';
import { job } from './job.ts';
import { lakeIngest } from './lake-ingest.ts';
import { lakeObjects } from './lake-objects.ts';
import { lakeQuery } from './lake-query.ts';
import { lakeValidate } from './lake-validate.ts';
import { opsRun } from './ops-run.ts';
import { orchestra } from './orchestra.ts';
import { several } from './several.ts';
import { start } from './start.ts';
import { cleanUp } from './support/cleanup.ts';
import { writeReport, writeResult } from './support/report.ts';
import { type Benchmark, renderTable } from './support/table.ts';
import { takeover } from './takeover.ts';
import { toolCall } from './tool-call.ts';
import { toolsList } from './tools-list.ts';
import { webhooks } from './webhooks.ts';
import { workflows } from './workflows.ts';

const benchmarks: readonly Benchmark[] = [
  toolCall,
  toolsList,
  job,
  takeover,
  several,
  start,
  webhooks,
  events,
  auditCost,
  lakeIngest,
  lakeObjects,
  lakeQuery,
  lakeValidate,
  opsRun,
  workflows,
  orchestra,
  configPolicy,
  configReads,
];

let interrupted: number | undefined;
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    interrupted = code;
    void cleanUp().finally(() => process.exit(code));
  });
}
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // What was ended under a benchmark that is interrupted is no failure of it.
  if (interrupted === undefined) throw error;
  await new Promise(() => undefined);
} finally {
  await cleanUp();
}

/** `node bench/run.ts [--rounds n] [name…]`: runs all benchmarks or the named ones and keeps their results. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '5' } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds);
  const unknown = positionals.filter((name) => !benchmarks.some((known) => known.name === name));
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || rounds > 50) {
    const names = benchmarks.map((known) => known.name).join(', ');
    process.stderr.write(`usage: npm run bench -- [--rounds 1..50] [name…], of: ${names}\n`);
    return 2;
  }
  const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const benchmark of chosen) {
    process.stdout.write(`\n${benchmark.name}: ${benchmark.title}\n`);
    if (benchmark.installs) install(benchmark.installs);
    const say = (text: string) => void process.stderr.write(`  ${text}\n`);
    const table = await benchmark.run({ rounds, say });
    process.stdout.write(`\n${renderTable(table)}\n`);
    // Fewer rounds are for a look; they are no result to keep.
    if (rounds >= 5) writeResult(benchmark, table);
  }
  writeReport(benchmarks.map(({ name }) => name));
  return 0;
}

/** Installs a peer's package from its own lock file, unless that is what lies there. */
function install(directory: URL): void {
  const lock = createHash('sha256')
    .update(readFileSync(new URL('package-lock.json', directory)))
    .digest('hex');
  const stamp = new URL('node_modules/.bench-installed', directory);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(directory),
    stdio: ['ignore', 2, 2],
    timeout: 300_000,
  });
  if (done.status !== 0) throw new Error('the packages of the peers could not be installed');
  mkdirSync(new URL('node_modules', directory), { recursive: true });
  writeFileSync(stamp, lock);
}
