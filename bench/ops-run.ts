import { setTimeout as sleep } from 'node:timers/promises';
import { dockerCli, type Side, tuttiServer } from './ops/sides.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const singles = 5;
const parallel = 8;
const logMb = 64;
/** Lines of 1,000 bytes. */
const logCommand = `yes "$(printf %0999d 0)" | head -c ${logMb * 2 ** 20}`;
/** Long enough for the pool to be full again, where there is one. */
const restMs = 2500;

interface Measured {
  readonly singleMs: number;
  readonly parallelMs: number;
  readonly logMs: number;
}

export const opsRun: Benchmark = {
  name: 'ops-run',
  title: 'A container job, from the call to its output',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const peer = dockerCli('docker run --rm');
  const warm = await tuttiServer('Tutti over MCP, warm', parallel);
  const cold = await tuttiServer('Tutti over MCP, cold', 0);
  const sides = [peer, dockerCli('docker run --rm --network none', '--network', 'none'), warm, cold];
  try {
    const measured = await interleave(sides, rounds + 1, async (side, round): Promise<Measured> => {
      const rest = (share: number) => sleep(side === warm ? restMs * share : 0);
      const single: number[] = [];
      for (let n = 0; n < singles; n += 1) {
        await rest(n === 0 ? 1 : 0.4);
        single.push(await time(() => side.run('echo done', 'done\n')));
      }
      await rest(1);
      const parallelMs = await time(() =>
        Promise.all(Array.from({ length: parallel }, () => side.run('echo done', 'done\n'))),
      );
      await rest(1);
      const logMs = await time(() => side.run(logCommand));
      const result = { singleMs: median(single), parallelMs, logMs };
      say(`round ${round}, ${side.label}: ${Object.values(result).map(Math.round).join(', ')} ms`);
      return result;
    });
    // The first round warmed all up.
    const kept = new Map([...measured].map(([side, results]) => [side, results.slice(1)]));
    return table(kept, { peer, warm, cold }, rounds);
  } finally {
    for (const side of sides) await side.stop();
  }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function table(
  measured: ReadonlyMap<Side, readonly Measured[]>,
  { peer, warm, cold }: Record<'peer' | 'warm' | 'cold', Side>,
  rounds: number,
): Table {
  const all = (side: Side, of: keyof Measured) => (measured.get(side) ?? []).map((result) => result[of]);
  const of = (side: Side, what: keyof Measured) => median(all(side, what));
  const times = (side: Side) => of(peer, 'singleMs') / of(side, 'singleMs');
  const rows = [...measured.keys()].map((side): Row => {
    const single = of(side, 'singleMs');
    const perSecond = (parallel * 1000) / of(side, 'parallelMs');
    const logs = (logMb * 1000) / of(side, 'logMs');
    return { label: side.label, values: [single, range(all(side, 'singleMs')), times(side), perSecond, logs] };
  });
  const factor = (side: Side) => `${times(side).toFixed(1)} times as fast`;
  return {
    rounds,
    columns: ['ms', 'range', '× faster', `jobs/s, ${parallel} at once`, 'log MB/s'],
    rows,
    aims: [
      { text: 'warm at least 6 times as fast as docker run', measured: factor(warm), met: times(warm) >= 6 },
      { text: 'cold no slower than docker run', measured: factor(cold), met: times(cold) >= 1 },
    ],
    notes: [
      `echo in one container, median of ${singles} each round; ${parallel} such jobs at once; ${logMb} MB of output in lines of 1,000 bytes by one job, start and end included. Tutti keeps head and tail of the output, docker run hands all of it on.`,
      'A job of Tutti is durable: row, journal and events are on disk as it answers, and its container has no network, no capabilities and a read-only root; docker run with its usual network has none of that.',
      'Warm: containers are ready as the job comes, as they are again a moment after one was taken.',
    ],
  };
}
