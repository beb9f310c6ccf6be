import type { Way } from './lake-objects/process.ts';
import { startChild } from './support/child.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Table } from './support/table.ts';

const objects = 100_000;
const changed = 1000;
const ways: readonly Way[] = ['list', 'bare list', 'bare http list', 'diff', 'bare diff'];
const labels: Readonly<Record<Way, string>> = {
  list: `list_objects, all ${objects} in pages of 1000`,
  'bare list': 'the same pages from PostgreSQL',
  'bare http list': 'the same pages over bare HTTP',
  diff: `diff_versions of two manifests of ${objects}`,
  'bare diff': 'the same queries to PostgreSQL',
};

export const lakeObjects: Benchmark = {
  name: 'lake-objects',
  title: 'Lists and differences of 100,000 objects over HTTP, beside bare PostgreSQL',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const child = await startChild<null>(new URL('./lake-objects/process.ts', import.meta.url), { objects, changed });
  // The first round warms all up.
  const measured = await interleave(ways, rounds + 1, async (way, round) => {
    const ms = await child.call<number>('run', way);
    say(`round ${round}, ${labels[way]}: ${Math.round(ms)} ms`);
    return ms;
  });
  await child.stop();
  const times = (way: Way) => (measured.get(way) ?? []).slice(1);
  const ratio = (way: Way, bare: Way) => median(times(way)) / median(times(bare));
  const aim = (text: string, value: number) => ({
    text: `${text} in at most 1.2 times what PostgreSQL takes`,
    measured: `${value.toFixed(2)} times`,
    met: value <= 1.2,
  });
  return {
    rounds,
    columns: ['ms', 'range', '× bare'],
    rows: ways.map((way) => ({
      label: labels[way],
      values: [median(times(way)), range(times(way)), ratio(way, way.endsWith('list') ? 'bare list' : 'bare diff')],
    })),
    aims: [aim('list', ratio('list', 'bare list')), aim('diff', ratio('diff', 'bare diff'))],
    notes: [
      'Both sides in one process on one embedded PostgreSQL; ours over HTTP, with token, schema and signed cursors. Bare HTTP sends the rows as PostgreSQL gives them, with nothing checked.',
    ],
  };
}
