import { concurrency, pollMs } from './jobs/side.ts';
import { connect, dbos, openSide, type Side, startPostgres, timeJobs, tutti } from './jobs/sides.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const singles = 20;
const burst = 300;

interface Measured {
  readonly singleMs: number;
  readonly jobsPerSecond: number;
  readonly cpuMsPerJob: number;
}

export const job: Benchmark = {
  name: 'job',
  title: 'A job that does nothing, from enqueue to done',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const postgres = await startPostgres();
  const open = async (side: Side) => {
    const { connection, startWorker } = await openSide(side, postgres);
    return { side, worker: await startWorker(), pool: connect(connection) };
  };
  const sides = [await open(tutti), await open(dbos)];

  const measured = await interleave(sides, rounds + 1, async ({ side, worker, pool }, round): Promise<Measured> => {
    const single: number[] = [];
    for (let n = 0; n < singles; n += 1) single.push(await timeJobs(side, worker, pool, 1, 2));
    const before = await worker.cpuUs();
    const burstMs = await timeJobs(side, worker, pool, burst, 20);
    const cpuMsPerJob = ((await worker.cpuUs()) - before) / 1000 / burst;
    say(`round ${round}, ${side.label}: ${median(single).toFixed(0)} ms, ${burst} in ${burstMs.toFixed(0)} ms`);
    return { singleMs: median(single), jobsPerSecond: (burst * 1000) / burstMs, cpuMsPerJob };
  });
  for (const { pool, worker } of sides) {
    await pool.end();
    await worker.stop();
  }
  await postgres.stop();
  // The first round warmed both up.
  return table(new Map([...measured].map(([{ side }, results]) => [side.label, results.slice(1)])), rounds);
}

function table(measured: ReadonlyMap<string, readonly Measured[]>, rounds: number): Table {
  const medians = (label: string) => {
    const results = measured.get(label) ?? [];
    const of = (pick: (result: Measured) => number) => median(results.map(pick));
    return [of((result) => result.singleMs), of((result) => result.jobsPerSecond), of((result) => result.cpuMsPerJob)];
  };
  const ranges = (label: string) => range((measured.get(label) ?? []).map((result) => result.singleMs));
  const peer = medians(dbos.label);
  const rows = [...measured.keys()].map((label): Row => {
    const [single = 0, perSecond = 0, cpu = 0] = medians(label);
    return {
      label,
      values: [
        single,
        ranges(label),
        single / (peer[0] ?? 1),
        perSecond,
        perSecond / (peer[1] ?? 1),
        cpu,
        cpu / (peer[2] ?? 1),
      ],
    };
  });
  return {
    rounds,
    columns: ['one by one, p50 ms', 'range', '× DBOS', 'jobs/s', '× DBOS', 'CPU ms/job', '× DBOS'],
    rows,
    aims: [],
    notes: [
      `${singles} jobs one by one, then ${burst} at once; two steps each; a queue polled every ${pollMs} ms, ${concurrency} jobs at once; one PostgreSQL.`,
      'Tutti writes a row of its own in the transaction of the enqueue, claims it when the job starts, and ends it in the last step.',
    ],
  };
}
