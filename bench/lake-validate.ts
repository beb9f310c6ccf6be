import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createEnginePool, type EnginePool } from '../server/src/capabilities/lake/engine/pool.ts';
import type { MaterialisedObject } from '../server/src/capabilities/lake/engine/protocol.ts';
import { createLog } from '../server/src/core/log.ts';
import { checks, rowCount, rules, select } from './lake/validate-data.ts';
import { startChild } from './support/child.ts';
import { makeDataDir } from './support/data-dir.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Table } from './support/table.ts';

const memoryMb = 2048;

export const lakeValidate: Benchmark = {
  name: 'lake-validate',
  title: '14 rules over a million rows',
  run,
};

type Format = 'csv' | 'parquet';

interface Side {
  readonly label: string;
  readonly format: Format;
  readonly way: 'cold' | 'warm' | 'bare' | 'kept';
}

const sides: readonly Side[] = (['csv', 'parquet'] as const).flatMap((format) => [
  { label: `Tutti, ${format}, not read before`, format, way: 'cold' as const },
  { label: `Tutti, ${format}, read before`, format, way: 'warm' as const },
  { label: `bare DuckDB, ${format} made a table first`, format, way: 'kept' as const },
  { label: `bare DuckDB, ${format} as it lies there`, format, way: 'bare' as const },
]);

async function run({ rounds, say }: Options): Promise<Table> {
  const data = await makeDataDir();
  const bare = await startChild<null>(new URL('./lake/validate-bare.ts', import.meta.url), { memoryMb: memoryMb / 2 });
  const pool = createEnginePool({
    size: 1,
    memoryMb,
    timeoutMs: 120_000,
    idleMs: 120_000,
    log: createLog('silent'),
  });
  try {
    const files = { csv: path.join(data.path, 'data.csv'), parquet: path.join(data.path, 'data.parquet') };
    await bare.call('make', { ...files, select });
    const tables = new Map<Format, string>();
    for (const format of ['csv', 'parquet'] as const) tables.set(format, path.join(data.path, `table-${format}`));
    const known = new Map<Format, MaterialisedObject>();
    const measured = await interleave(sides, rounds + 1, async ({ label, format, way }, round) => {
      const dir = tables.get(format) as string;
      if (way === 'cold' || !known.has(format)) await rm(dir, { recursive: true, force: true });
      if (way === 'warm' && !known.has(format)) known.set(format, await read(pool, files[format], format, dir));
      const started = performance.now();
      const from = format === 'csv' ? `read_csv('${files.csv}')` : `read_parquet('${files.parquet}')`;
      if (way === 'bare') await bare.call('check', { from, checks });
      else if (way === 'kept') await bare.call('keep', { from, to: path.join(data.path, 'kept'), checks });
      else {
        if (way === 'cold') known.set(format, await read(pool, files[format], format, dir));
        await check(pool, dir, known.get(format) as MaterialisedObject);
      }
      const ms = performance.now() - started;
      say(`round ${round}, ${label}: ${ms.toFixed(0)} ms`);
      return ms;
    });
    // The first round warmed all up.
    return table(new Map([...measured].map(([side, all]) => [side, all.slice(1)])), rounds);
  } finally {
    await pool.close();
    await bare.stop();
    await data.remove();
  }
}

async function read(pool: EnginePool, file: string, format: Format, dir: string): Promise<MaterialisedObject> {
  await mkdir(dir, { recursive: true });
  return pool.run('materialise', { object: { path: file, key: `data.${format}`, format }, dir });
}

async function check(pool: EnginePool, dir: string, { columns, files }: MaterialisedObject): Promise<void> {
  const table = { key: 'data', files: files.map((file) => path.join(dir, file)), columns, sparse: false };
  const { results } = await pool.run('contract', { groups: [{ name: 'data', tables: [table] }], rules });
  const counted = results.reduce((sum, { failed }) => sum + (failed ?? 0), 0);
  if (results.length !== 14 || counted === 0) throw new Error('the rules were not checked');
}

function table(measured: ReadonlyMap<Side, readonly number[]>, rounds: number): Table {
  const ms = (side: Side) => median(measured.get(side) ?? []);
  const peer = (side: Side) => {
    const wanted = side.way === 'cold' || side.way === 'kept' ? 'kept' : 'bare';
    return sides.find(({ format, way }) => format === side.format && way === wanted) as Side;
  };
  const ratio = (side: Side) => ms(side) / ms(peer(side));
  const slowest = Math.max(...sides.map(ratio));
  return {
    rounds,
    columns: ['ms', 'range', '× bare'],
    rows: sides.map((side) => ({
      label: side.label,
      values: [ms(side), range(measured.get(side) ?? []), ratio(side)],
    })),
    aims: [
      {
        text: 'at most 1.2 times the time of DuckDB',
        measured: `at most ${slowest.toFixed(2)} times`,
        met: slowest <= 1.2,
      },
    ],
    notes: [
      `${rowCount.toLocaleString('en-US')} rows of ten columns. Both check all rules in one scan. Tutti also shows ten rows of each broken rule. What it has not read before it turns into a table first, which all that comes next uses: that is compared with DuckDB doing so, what it has read before with DuckDB on the file as it lies there.`,
    ],
  };
}
