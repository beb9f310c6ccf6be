import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnqueueCommand } from './jobs/side.ts';
import { dbos, openSide, type Side, startPostgres, tutti } from './jobs/sides.ts';
import type { Child } from './support/child.ts';
import { median, quantile, range } from './support/stats.ts';
import type { Benchmark, Options, Table } from './support/table.ts';

const aimMs = 2000;
const watchDbosMs = 10_000;
const watchTuttiMs = 60_000;

export const takeover: Benchmark = {
  name: 'takeover',
  title: 'From SIGKILL of the process that runs a job to its next step elsewhere',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const postgres = await startPostgres();
  const open = async (side: Side) => (await openSide(side, postgres)).startWorker;
  const startTutti = await open(tutti);
  let workers: Child<null>[] = [await startTutti(), await startTutti()];
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // So that a kill falls anywhere between two looks of the survivor.
    await sleep(1000 + Math.random() * 1000);
    const { ms, survivor } = await killRunner(workers, watchTuttiMs);
    if (ms === undefined) throw new Error('a job was not taken over in 60 s');
    times.push(ms);
    say(`round ${round + 1}: ${Math.round(ms)} ms`);
    workers = [survivor, await startTutti()];
  }
  await Promise.all(workers.map((worker) => worker.stop()));

  const startDbos = await open(dbos);
  const bare = await killRunner([await startDbos(), await startDbos()], watchDbosMs);
  say(`bare DBOS: ${bare.ms ?? 'not taken over'}`);
  await bare.survivor.stop();
  await postgres.stop();

  return {
    rounds,
    columns: ['median ms', 'range', 'p95 ms'],
    rows: [
      { label: 'Tutti', values: [median(times), range(times), quantile(times, 0.95)] },
      {
        label: 'bare DBOS (once)',
        values: [bare.ms ?? `not within ${watchDbosMs / 1000} s`, null, null],
      },
    ],
    aims: [
      {
        text: 'taken over in 2 s, every time',
        measured: `at most ${Math.round(Math.max(...times))} ms`,
        met: Math.max(...times) < aimMs,
      },
    ],
    notes: ['Two processes on one PostgreSQL; the first step is recorded, the second one runs when its process dies.'],
  };
}

/** Has one of two workers run a job, kills that one, and times the other's next step. */
async function killRunner(workers: readonly Child<null>[], watchMs: number) {
  const command: EnqueueCommand = { kind: 'hang', count: 1 };
  const begun = Promise.race(workers.map((worker) => once(worker.events, 'second').then(() => worker)));
  await workers[0]?.call('enqueue', command);
  const runner = await begun;
  const survivor = workers.find((worker) => worker !== runner) as Child<null>;
  const again = once(survivor.events, 'first').then(() => Promise.reject(new Error('a recorded step ran again')));
  const goesOn = once(survivor.events, 'second').then(() => true);
  const started = performance.now();
  runner.kill('SIGKILL');
  const takenOver = await Promise.race([goesOn, again, sleep(watchMs, false)]);
  const ms = takenOver ? performance.now() - started : undefined;
  survivor.events.removeAllListeners();
  await survivor.call('release');
  await runner.stop();
  return { ms, survivor };
}
