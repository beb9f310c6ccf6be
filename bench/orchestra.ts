import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Asked, SimulatorInfo } from './orchestra/simulator.ts';
import { startServer } from './start/server.ts';
import { startChild } from './support/child.ts';
import { makeDataDir } from './support/data-dir.ts';
import { interleave, median, quantile, range } from './support/stats.ts';
import type { Benchmark, Options, Table } from './support/table.ts';

const delayMs = 50;
const perRound = 10;

export const orchestra: Benchmark = {
  name: 'orchestra',
  title: `Tools of Orchestra against the simulator at ${delayMs} ms a request`,
  run,
};

interface Side {
  readonly label: string;
  readonly diagnosis: boolean;
  call(): Promise<void>;
}

interface Measured extends Asked {
  readonly times: readonly number[];
}

async function run({ rounds, say }: Options): Promise<Table> {
  const simulator = await startChild<SimulatorInfo>(new URL('./orchestra/simulator.ts', import.meta.url), { delayMs });
  const { url, key, runs } = simulator.info;
  const dir = await makeDataDir();
  const keyFile = path.join(dir.path, 'orchestra.key');
  writeFileSync(keyFile, key, { mode: 0o600 });
  const server = await startServer(dir.path, [
    ...['--orchestra-api-key', `file:${keyFile}`, '--orchestra-api-base-url', url],
    ...['--egress-allow', '127.0.0.1', '--limits-calls-per-minute', '1000000'],
  ]);
  const token = readFileSync(path.join(dir.path, 'admin.token'), 'utf8').trim();
  const post = async (name: string, input: unknown) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/tools/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    if (response.status !== 200) throw new Error(`${name}: ${await response.text()}`);
    await response.arrayBuffer();
  };
  const tool = (label: string, name: string, input: unknown, diagnosis = false): Side => ({
    label,
    diagnosis,
    call: () => post(name, input),
  });
  const thirty = { pipeline_run_id: runs.thirty_tasks };
  const sides: Side[] = [
    {
      label: 'one bare request',
      diagnosis: false,
      call: () => bare(`${url}pipeline_runs/${runs.thirty_tasks}/status`, key),
    },
    tool('list_pipeline_runs, 100 of the last week', 'list_pipeline_runs', { limit: 100 }),
    tool('get_pipeline_run_status', 'get_pipeline_run_status', thirty),
    tool('get_pipeline_run_details, 30 tasks', 'get_pipeline_run_details', thirty),
    tool('list_task_runs, 30 tasks', 'list_task_runs', thirty),
    tool('whats_broken, the last day', 'whats_broken', {}),
    tool('diagnose_pipeline_run, 30 tasks, one root', 'diagnose_pipeline_run', thirty, true),
    tool(
      'diagnose_pipeline_run, 30 tasks, three roots',
      'diagnose_pipeline_run',
      { pipeline_run_id: runs.three_of_thirty },
      true,
    ),
  ];
  const measured = await interleave(sides, rounds + 1, async (side, round): Promise<Measured> => {
    const times: number[] = [];
    let asked: Asked = { requests: 0, deep: 0 };
    for (let n = 0; n < perRound; n += 1) {
      await simulator.call('take');
      const started = performance.now();
      await side.call();
      times.push(performance.now() - started);
      asked = await simulator.call<Asked>('take');
    }
    say(
      `round ${round}, ${side.label}: ${median(times).toFixed(0)} ms, ${asked.requests} requests, ${asked.deep} deep`,
    );
    return { times, ...asked };
  });
  await server.stop();
  await simulator.stop();
  await dir.remove();
  // The first round warmed all up.
  return table(new Map([...measured].map(([side, results]) => [side, results.slice(1)])), rounds);
}

async function bare(url: string, key: string): Promise<void> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  if (response.status !== 200) throw new Error(`the simulator answers ${response.status}`);
  await response.arrayBuffer();
}

function table(measured: ReadonlyMap<Side, readonly Measured[]>, rounds: number): Table {
  const all = [...measured].map(([side, results]) => {
    const times = results.flatMap((one) => one.times);
    return {
      side,
      p50: median(times),
      rounds: range(results.map((one) => median(one.times))),
      p95: quantile(times, 0.95),
      requests: Math.max(...results.map((one) => one.requests)),
      deep: Math.max(...results.map((one) => one.deep)),
    };
  });
  const typical = Math.max(...all.filter(({ side }) => !side.diagnosis).map(({ p95 }) => p95));
  const diagnoses = all.filter(({ side }) => side.diagnosis);
  const requests = Math.max(...diagnoses.map((one) => one.requests));
  const deep = Math.max(...diagnoses.map((one) => one.deep));
  return {
    rounds,
    columns: ['p50 ms', 'range', 'p95 ms', 'requests', 'deep'],
    rows: all.map((one) => ({
      label: one.side.label,
      values: [one.p50, one.rounds, one.p95, String(one.requests), String(one.deep)],
    })),
    aims: [
      { text: 'typical calls far under 2 s', measured: `p95 at most ${typical.toFixed(0)} ms`, met: typical < 1000 },
      {
        text: 'a run of 30 tasks is diagnosed in at most 18 requests, 6 round trips deep',
        measured: `${requests} requests, ${deep} deep`,
        met: requests <= 18 && deep <= 6,
      },
    ],
    notes: [
      `${perRound} calls a round over REST, one after the other. Four requests to Orchestra at once; deep is how many of them had to wait for each other, that for a place among the four included.`,
      'Three roots: operations, logs and artifacts of three tasks, with two weeks of history.',
    ],
  };
}
