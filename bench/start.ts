import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StartedServer, startServer } from './start/server.ts';
import { cleanup } from './support/cleanup.ts';
import { makeDataDir } from './support/data-dir.ts';
import { familyCpuMs, familyMemory, type Memory } from './support/processes.ts';
import { median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const idleS = [20, 45] as const;
const aimMs = 2000;
const aimMb = 200;

interface Idle {
  readonly node: Memory;
  readonly postgres: Memory;
}

interface Measured {
  readonly node: number;
  readonly first: StartedServer;
  readonly second: StartedServer;
  readonly idle: readonly Idle[];
  /** Share of one core while idle, in percent. */
  readonly idleCpu: number;
}

export const start: Benchmark = {
  name: 'start',
  title: 'Start to ready, and memory at rest',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const result = await measure();
    measured.push(result);
    const rest = result.idle.map(({ node, postgres }) => Math.round(node.pssMb + postgres.pssMb)).join(' and ');
    say(
      `round ${round + 1}: ${Math.round(result.first.readyMs)} ms, ${Math.round(result.second.readyMs)} ms, ${rest} MB`,
    );
  }
  return table(measured);
}

async function measure(): Promise<Measured> {
  const node = await timeEmptyNode();
  const dir = await makeDataDir();
  const remove = cleanup(dir.remove);
  const first = await startServer(dir.path);
  await first.stop();
  const second = await startServer(dir.path);
  const idle: Idle[] = [];
  const cpu: number[] = [];
  let passed = 0;
  for (const seconds of idleS) {
    await sleep((seconds - passed) * 1000);
    passed = seconds;
    idle.push(await familyMemory(second.pid));
    cpu.push(await familyCpuMs(second.pid));
  }
  await second.stop();
  await remove();
  const idleCpu = ((cpu[1] ?? 0) - (cpu[0] ?? 0)) / (idleS[1] - idleS[0]) / 10;
  return { node, first, second, idle, idleCpu };
}

async function timeEmptyNode(): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - started;
}

function table(measured: readonly Measured[]): Table {
  const row = (label: string, unit: string, pick: (result: Measured) => number): Row => {
    const values = measured.map(pick);
    return { label, values: [unit, median(values), range(values)] };
  };
  const pss = (at: number) => (result: Measured) =>
    (result.idle[at]?.node.pssMb ?? 0) + (result.idle[at]?.postgres.pssMb ?? 0);
  const alone = (at: number) => (result: Measured) =>
    (result.idle[at]?.node.rssMb ?? 0) + (result.idle[at]?.postgres.pssMb ?? 0);
  const rss = (at: number) => (result: Measured) =>
    (result.idle[at]?.node.rssMb ?? 0) + (result.idle[at]?.postgres.rssMb ?? 0);
  const first = median(measured.map((result) => result.first.readyMs));
  const second = median(measured.map((result) => result.second.readyMs));
  const largest = Math.max(...[0, 1].map((at) => median(measured.map(alone(at)))));
  return {
    rounds: measured.length,
    columns: ['unit', 'median', 'range'],
    rows: [
      row('an empty Node, start to end', 'ms', (result) => result.node),
      row('first start to ready', 'ms', (result) => result.first.readyMs),
      row('– processor time of it', 'ms', (result) => result.first.cpuMs),
      row('second start to ready', 'ms', (result) => result.second.readyMs),
      row('– processor time of it', 'ms', (result) => result.second.cpuMs),
      ...idleS.flatMap((seconds, at) => [
        row(`idle ${seconds} s: PSS, all`, 'MB', pss(at)),
        row('– PSS of PostgreSQL', 'MB', (result) => result.idle[at]?.postgres.pssMb ?? 0),
        row('– RSS of Node + PSS of PostgreSQL', 'MB', alone(at)),
        row('– RSS, all', 'MB', rss(at)),
      ]),
      row('idle, processor', '% of a core', (result) => result.idleCpu),
    ],
    aims: [
      { text: 'ready in 2 s, first start', measured: `${Math.round(first)} ms`, met: first <= aimMs },
      { text: 'ready in 2 s, second start', measured: `${Math.round(second)} ms`, met: second <= aimMs },
      { text: 'under 200 MB idle, database included', measured: `${Math.round(largest)} MB`, met: largest < aimMb },
    ],
    notes: [
      'PSS shares Node’s own code with every other Node of the machine. RSS of Node + PSS of PostgreSQL is what the server takes where it is alone, and what the aim is held against; RSS of PostgreSQL counts its shared buffers once a process.',
    ],
  };
}
