import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { QueryServer } from './lake/query-server.ts';
import { type Child, startChild } from './support/child.ts';
import { cleanup } from './support/cleanup.ts';
import { makeDataDir } from './support/data-dir.ts';
import { interleave, quantile } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const rowCount = 1_000_000;
/** Of each query, a side and round. */
const count = 20;

const queries = {
  'count with a filter': "SELECT count(*) FROM dataset WHERE part > 0.5 AND name = 'name 7'",
  'group, sort, ten rows': 'SELECT name, count(*), sum(part) FROM dataset GROUP BY name ORDER BY 3 DESC LIMIT 10',
  'one row by its id': 'SELECT * FROM dataset WHERE id = 777777',
} as const;
type Name = keyof typeof queries;
const names = Object.keys(queries) as Name[];

export const lakeQuery: Benchmark = {
  name: 'lake-query',
  title: 'query_dataset over HTTP on a million rows, beside DuckDB on the same Parquet',
  run,
};

interface Side {
  readonly label: string;
  readonly child: Child<unknown>;
  readonly query: Name;
}

async function run({ rounds, say }: Options): Promise<Table> {
  const dir = await makeDataDir();
  const remove = cleanup(dir.remove);
  const csv = path.join(dir.path, 'rows.csv');
  await writeRows(csv);
  const tutti = await startChild<QueryServer>(new URL('./lake/query-server.ts', import.meta.url), { csv });
  const bare = await startChild<null>(new URL('./lake/query-bare.ts', import.meta.url), tutti.info);
  const sides: Side[] = names.flatMap((query) => [
    { label: 'Tutti', child: tutti, query },
    { label: 'DuckDB', child: bare, query },
  ]);
  // The first round warms all up.
  const measured = await interleave(sides, rounds + 1, async ({ label, child, query }, round) => {
    const times: number[] = [];
    for (let n = 0; n < count; n += 1) times.push(await child.call<number>('query', queries[query]));
    say(`round ${round}, ${label}, ${query}: ${quantile(times, 0.5).toFixed(1)} ms`);
    return times;
  });
  await bare.stop();
  await tutti.stop();
  await remove();
  return table(new Map([...measured].map(([side, results]) => [side, results.slice(1).flat()])), rounds);
}

async function writeRows(file: string): Promise<void> {
  const out = createWriteStream(file);
  out.write('id,name,part\n');
  for (let from = 0; from < rowCount; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, n) => line(from + n));
    if (!out.write(lines.join(''))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

function line(id: number): string {
  return `${id},name ${(id * 7919) % 1000},${((id * 104_729) % 1_000_003) / 1_000_003}\n`;
}

function table(measured: ReadonlyMap<Side, readonly number[]>, rounds: number): Table {
  const of = (label: string, query: Name, share: number) =>
    quantile([...measured].find(([side]) => side.label === label && side.query === query)?.[1] ?? [], share);
  const rows = names.map((query): Row => {
    const values = [0.5, 0.95].flatMap((share) => [of('Tutti', query, share), of('DuckDB', query, share)]);
    return { label: query, values: [...values, of('Tutti', query, 0.5) - of('DuckDB', query, 0.5)] };
  });
  return {
    rounds,
    columns: ['Tutti p50 ms', 'DuckDB p50 ms', 'Tutti p95 ms', 'DuckDB p95 ms', 'more at p50, ms'],
    rows,
    aims: [],
    notes: [
      'Tutti: HTTP, permission, version, the check of the query, a sandboxed DuckDB in a child process, JSON.',
      'DuckDB: one connection, opened once, in the process that asks.',
      `${rowCount.toLocaleString('en-US')} rows of three columns; ${count} queries of each kind in a round.`,
    ],
  };
}
