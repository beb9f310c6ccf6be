import { chmodSync } from 'node:fs';
import path from 'node:path';
import { startChild } from './support/child.ts';
import { makeDataDir } from './support/data-dir.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const rows = 200_000;
const dimensions = 64;
const aim = 1.2;

type Way = 'bare' | 'cold' | 'warm';
const labels: Readonly<Record<Way, string>> = {
  bare: 'DuckDB → LanceDB, both indexes',
  cold: 'start_ingest of new bytes',
  warm: 'start_ingest, tables cached',
};

export const lakeIngest: Benchmark = {
  name: 'lake-ingest',
  title: '200,000 rows with vectors of 64 numbers into a search index',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const dir = await makeDataDir();
  const file = path.join(dir.path, 'rows.parquet');
  const bare = await startChild<null>(new URL('./lake/ingest-bare.ts', import.meta.url), {
    ...{ file, dir: dir.path, rows, dimensions },
  });
  chmodSync(dir.path, 0o711);
  const tutti = await startChild<null>(new URL('./lake/ingest-tutti.ts', import.meta.url), { file, rows });
  // The first round warmed all of them up. `warm` needs the dataset of `cold`, which comes before it in each round.
  const measured = await interleave(['bare', 'tutti'] as const, rounds + 1, async (side, round) => {
    await bare.call('make', round);
    const times: Partial<Record<Way, number>> =
      side === 'bare'
        ? { bare: await bare.call<number>('ingest', round) }
        : { cold: await tutti.call<number>('cold', round), warm: await tutti.call<number>('warm') };
    say(
      `round ${round}: ${Object.entries(times)
        .map(([way, ms]) => `${labels[way as Way]} ${ms.toFixed(0)} ms`)
        .join(', ')}`,
    );
    return times;
  });
  await Promise.all([bare.stop(), tutti.stop()]);
  await dir.remove();
  const all = [...measured.values()].flatMap((results) => results.slice(1));
  return table((way) => all.flatMap((times) => times[way] ?? []), rounds);
}

function table(each: (way: Way) => number[], rounds: number): Table {
  const floor = median(each('bare'));
  const ways = Object.keys(labels) as Way[];
  const times = (way: Way) => median(each(way)) / floor;
  return {
    rounds,
    columns: ['ms', 'range', '× bare', 'rows/s'],
    rows: ways.map(
      (way): Row => ({
        label: labels[way],
        values: [median(each(way)), range(each(way)), times(way), (rows * 1000) / median(each(way))],
      }),
    ),
    aims: [
      {
        text: `an ingest takes at most ${aim} × the bare engines`,
        measured: `${times('cold').toFixed(2)} × cold, ${times('warm').toFixed(2)} × warm`,
        met: times('cold') <= aim,
      },
    ],
    notes: [
      'Rows: an id, a title of eight words, an integer, a double and a list of 64 floats, in one Parquet object.',
      'Bare: one process streams the file out of DuckDB and into LanceDB by 50,000 rows, then makes the same two indexes, of text and of vectors, and counts. It runs as low in priority as the engines of ours.',
      'Ours, from the call of `start_ingest` over HTTP to the end that the job tells: beside that an id and the origin of each row, rejects, a table that validation, SQL and later ingests read as well (`cold`), a checksum of what is in the index held against one of what must be, journaled steps that a killed job goes on from, and child processes.',
    ],
  };
}
