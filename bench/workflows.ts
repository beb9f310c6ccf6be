import { startPostgres } from './jobs/sides.ts';
import { startChild } from './support/child.ts';
import type { PostgresConnection } from './support/postgres-process.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';
import type { Downstream } from './workflows/downstream.ts';
import { lanes, loads } from './workflows/load.ts';
import { peer, type Side, tuttiServer } from './workflows/sides.ts';

const aimMs = 5;

/** Milliseconds. */
type Measured = Readonly<Record<keyof typeof loads, number>>;

export const workflows: Benchmark = {
  name: 'workflows',
  title: 'States of a workflow that call an instant MCP server over HTTP',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const postgres = await startPostgres();
  const downstream = await startChild<Downstream>(new URL('./workflows/downstream.ts', import.meta.url));
  const { url } = downstream.info;
  const connection = await postgres.call<PostgresConnection>('create', 'bench_workflows');
  const peers = await startChild<null>(new URL('./workflows/peers.ts', import.meta.url), { connection, url });
  const server = await tuttiServer(url);
  const bare = peer('bare MCP client', peers, 'client');
  const dbos = peer('bare DBOS, a step each', peers, 'dbos');
  const repeatable = await server.side('Tutti, repeatable calls', true);
  const once = await server.side('Tutti, calls that are not', false);
  try {
    const measured = await interleave([bare, dbos, repeatable, once], rounds + 1, async (side, round) => {
      const result = {} as Record<keyof typeof loads, number>;
      for (const name of Object.keys(loads) as (keyof typeof loads)[]) result[name] = await time(() => side.run(name));
      say(`round ${round}, ${side.label}: ${Object.values(result).map(Math.round).join(', ')} ms`);
      return result;
    });
    // The first round warmed all up.
    const kept = new Map([...measured].map(([side, results]) => [side, results.slice(1)]));
    return table(kept, { bare, once }, rounds);
  } finally {
    await server.stop();
    for (const child of [peers, downstream, postgres]) await child.stop();
  }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function table(
  measured: ReadonlyMap<Side, readonly Measured[]>,
  { bare, once }: { readonly bare: Side; readonly once: Side },
  rounds: number,
): Table {
  const all = (side: Side, of: (result: Measured) => number) => (measured.get(side) ?? []).map(of);
  // What a run costs by itself is in the single call.
  const perState = (result: Measured) => (result.chain - result.single) / (loads.chain.chain - loads.single.chain);
  const perItem = (result: Measured) => result.map / loads.map.items;
  const many = (result: Measured) => (loads.many.runs * loads.many.chain * 1000) / result.many;
  const rows = [...measured.keys()].map((side): Row => {
    const values = [perState, perItem, many].map((of) => median(all(side, of)));
    const [state = 0, item = 0, states = 0] = values;
    return {
      label: side.label,
      values: [state, range(all(side, perState)), item, states, median(all(side, (r) => r.single))],
    };
  });
  const overhead = median(all(once, perState)) - median(all(bare, perState));
  return {
    rounds,
    columns: ['ms a state', 'range', `ms an item, ${lanes} at once`, 'states/s, 100 runs', 'one state, ms'],
    rows,
    aims: [
      {
        text: `at most ${aimMs} ms a state more than the bare call`,
        measured: `${overhead.toFixed(1)} ms`,
        met: overhead <= aimMs,
      },
    ],
    notes: [
      `One run of ${loads.chain.chain} calls one after another, less one of a single call; a Map over ${loads.map.items} items; ${loads.many.runs} runs of ${loads.many.chain} calls at once. One server in a process of its own, which answers at once, on all sides.`,
      'Before a call that is not repeatable its intent is on disk, with all that came before; states keep input, output, tries and times. DBOS keeps what each step returned, after the call.',
      'A single state of Tutti is a run from its call over REST to its answer: row, job, queue, events and audit entry.',
    ],
  };
}
