import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Machine, machine } from './machine.ts';
import { type Benchmark, renderTable, type Table } from './table.ts';

interface Result extends Table {
  readonly name: string;
  readonly title: string;
  readonly machine: Machine;
}

const results = new URL('../results/', import.meta.url);
const report = new URL('../results.md', import.meta.url);
const fileOf = (name: string) => new URL(`${name}.json`, results);

export function writeResult({ name, title }: Benchmark, table: Table): void {
  mkdirSync(results, { recursive: true });
  const result: Result = { name, title, machine: machine(), ...table };
  const text = JSON.stringify(
    result,
    (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value),
    2,
  );
  writeFileSync(fileOf(name), `${text}\n`);
}

/** `bench/results.md` from the kept results, newer and older ones side by side. */
export function writeReport(names: readonly string[]): void {
  const kept = names.filter((name) => existsSync(fileOf(name)));
  const parts = kept.map((name) => section(JSON.parse(readFileSync(fileOf(name), 'utf8')) as Result));
  writeFileSync(report, `${[head, ...parts].join('\n\n')}\n`);
}

const head = `# Measurements

Written by \`npm run bench\`. All sides of a table ran in one go, in turns; figures are medians of the rounds. Compare within a
table: ratios and processor time travel, wall time on a shared machine does not.`;

function section(result: Result): string {
  const { cores, memory_gb, platform, node } = result.machine;
  return `## ${result.name}: ${result.title}

${cores} cores, ${memory_gb} GB, ${platform}, Node ${node}, ${result.rounds} rounds.

${renderTable(result)}`;
}
