import type { CallsCommand, CallsResult, Way } from './audit/process.ts';
import { startChild } from './support/child.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const calls = 1500;

const labels: Readonly<Record<Way, string>> = {
  insert: 'bare insert',
  transaction: 'bare insert in a transaction',
  tool: 'tool that inserts, no audit',
  audited: 'the same, audited',
  sealed: 'the same, audited and sealed',
};
const ways = Object.keys(labels) as Way[];

export const auditCost: Benchmark = {
  name: 'audit-cost',
  title: 'What the audit adds to a call that writes',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const child = await startChild<null>(new URL('./audit/process.ts', import.meta.url));
  // The first round warmed all of them up.
  const all = await interleave(ways, rounds + 1, async (way, round) => {
    const command: CallsCommand = { way, calls };
    const result = await child.call<CallsResult>('run', command);
    say(`round ${round}, ${labels[way]}: ${Math.round(result.cpuUs)} + ${Math.round(result.databaseUs)} µs`);
    return result;
  });
  await child.stop();
  return table(new Map([...all].map(([way, results]) => [way, results.slice(1)])), rounds);
}

function table(measured: ReadonlyMap<Way, readonly CallsResult[]>, rounds: number): Table {
  const each = (way: Way, pick: (result: CallsResult) => number) => (measured.get(way) ?? []).map(pick);
  const total = (way: Way) => median(each(way, (result) => result.cpuUs + result.databaseUs));
  const rows = ways.map((way): Row => {
    const totals = each(way, (result) => result.cpuUs + result.databaseUs);
    return {
      label: labels[way],
      values: [
        median(each(way, (result) => result.cpuUs)),
        median(each(way, (result) => result.databaseUs)),
        range(totals),
        median(totals) / total('tool'),
        median(each(way, (result) => calls / result.seconds)),
      ],
    };
  });
  return {
    rounds,
    columns: ['Node CPU µs/call', 'PostgreSQL CPU µs/call', 'both, range', '× unaudited tool', 'calls/s'],
    rows,
    aims: [],
    notes: [
      `${calls} calls a way and round, 8 at once, in one process on one embedded PostgreSQL; no HTTP.`,
      'Sealing (hash chain, signed heads) happens in the background once a second; here it is done after the calls and counted in CPU, not in calls/s.',
    ],
  };
}
