import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PacedRequest, PacedResult } from './config/paced-load.ts';
import { startServer } from './start/server.ts';
import { startChild } from './support/child.ts';
import { makeDataDir } from './support/data-dir.ts';
import { familyCpuMs } from './support/processes.ts';
import { interleave, median, quantile, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const rates = [500, 1000, 2000, 3000];
const connections = 64;
const milliseconds = 4000;
const perRound = 20;
/** An artifact holds its payload twice: parsed, and as the text to be written. */
const payloadBytes = 38_000;

export const configReads: Benchmark = {
  name: 'config-reads',
  title: 'Configurations of clients: an artifact of 100 kB at rising rates, discovery, publishing',
  run,
};

interface Side {
  readonly label: string;
  readonly rate?: number;
  measure(): Promise<Times>;
}

type Times = Pick<PacedResult, 'p50Ms' | 'p95Ms' | 'p99Ms'> & { readonly perSecond?: number; readonly cpuMs?: number };

const of = { client_id: 'bench', profile: 'prod' };
const words = Array.from({ length: payloadBytes / 23 }, (_, at) => `plain words number ${String(at).padStart(4, '0')}`);
const draftOf = (round: number, texts = words) => ({ round, texts });

async function run({ rounds, say }: Options): Promise<Table> {
  const dir = await makeDataDir();
  const server = await startServer(dir.path, ['--limits-calls-per-minute', '1000000']);
  const token = readFileSync(path.join(dir.path, 'admin.token'), 'utf8').trim();
  const authorization = `Bearer ${token}`;
  const call = async (name: string, input: unknown) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/tools/${name}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const body = (await response.json()) as { artifact_id: string };
    if (response.status !== 200) throw new Error(`${name}: ${JSON.stringify(body).slice(0, 1000)}`);
    return body;
  };
  const get = (address: string, more = '') =>
    `GET ${address} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\n${more}\r\n`;

  const schema = { version: '1.0.0', schema: { type: 'object' } };
  await call('put_client_family', { client_id: of.client_id, title: 'Benchmark', schemas: [schema] });
  for (const profile of [of.profile, 'small']) {
    await call('put_config_profile', { ...of, profile, policy_set_id: 'none' });
  }
  const { artifact_id } = await call('publish_config', { ...of, draft_payload: draftOf(0), changelog: 'first' });
  const artifact = `/artifacts/${artifact_id}`;
  const bytes = Buffer.from(
    await (await fetch(`http://127.0.0.1:${server.port}${artifact}`, { headers: { authorization } })).arrayBuffer(),
  );
  const bare = await startChild<{ port: number }>(new URL('./config/bare-server.ts', import.meta.url));
  await bare.call('take', bytes.toString('base64'));
  const load = await startChild<null>(new URL('./config/paced-load.ts', import.meta.url));
  const cpuMs = { bare: async () => (await bare.cpuUs()) / 1000, tutti: () => familyCpuMs(server.pid) };
  const paced = async (who: 'bare' | 'tutti', request: string, rate: number, status = 200): Promise<Times> => {
    const port = who === 'bare' ? bare.info.port : server.port;
    const wanted: PacedRequest = { port, request, rate, connections, ms: milliseconds, status };
    const before = await cpuMs[who]();
    const result = await load.call<PacedResult>('load', wanted);
    return { ...result, cpuMs: ((await cpuMs[who]()) - before) / result.answers };
  };
  let published = 0;
  const sides: Side[] = [
    ...rates.flatMap((rate): Side[] => [
      { label: `bare node:http, ${rate}/s`, rate, measure: () => paced('bare', get(artifact), rate) },
      { label: `GET /artifacts/<hash>, ${rate}/s`, rate, measure: () => paced('tutti', get(artifact), rate) },
      {
        label: `GET /config/bench/prod, ${rate}/s`,
        rate,
        measure: () => paced('tutti', get('/config/bench/prod'), rate),
      },
    ]),
    {
      label: 'the same unchanged (304), 2000/s',
      measure: () => paced('tutti', get(artifact, `if-none-match: "${artifact_id}"\r\n`), 2000, 304),
    },
    { label: 'list_clients, one by one', measure: () => oneByOne(() => call('list_clients', {})) },
    {
      label: 'list_profiles, one by one',
      measure: () => oneByOne(() => call('list_profiles', { client_id: 'bench' })),
    },
    {
      label: 'publish_config of 1 kB, one by one',
      measure: () =>
        oneByOne(() => {
          published += 1;
          const draft_payload = draftOf(published, words.slice(0, 40));
          return call('publish_config', { ...of, profile: 'small', draft_payload, changelog: 'again' });
        }),
    },
  ];
  const measured = await interleave(sides, rounds + 1, async ({ label, measure }, round) => {
    const times = await measure();
    say(`round ${round}, ${label}: p95 ${times.p95Ms.toFixed(2)} ms`);
    return times;
  });
  await Promise.all([load.stop(), bare.stop()]);
  await server.stop();
  await dir.remove();
  // The first round warmed all up.
  return table(new Map([...measured].map(([side, all]) => [side, all.slice(1)])), rounds, bytes.length);
}

async function oneByOne(work: () => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  for (let n = 0; n < perRound; n += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return { p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95), p99Ms: quantile(times, 0.99) };
}

function table(measured: ReadonlyMap<Side, readonly Times[]>, rounds: number, bytes: number): Table {
  const of = (side: Side, pick: (one: Times) => number) => (measured.get(side) ?? []).map(pick);
  const p95 = (start: string, rate?: number) => {
    const side = [...measured.keys()].find((one) => one.label.startsWith(start) && one.rate === rate) as Side;
    return median(of(side, (one) => one.p95Ms));
  };
  const rows = [...measured.keys()].map((side): Row => {
    const p95s = of(side, (one) => one.p95Ms);
    const cpu = of(side, (one) => one.cpuMs ?? Number.NaN);
    const got = of(side, (one) => one.perSecond ?? 0);
    return {
      label: side.label,
      values: [
        median(of(side, (one) => one.p50Ms)),
        median(p95s),
        range(p95s),
        median(of(side, (one) => one.p99Ms)),
        side.rate === undefined ? null : median(got),
        cpu.some(Number.isNaN) ? null : median(cpu),
      ],
    };
  });
  const artifact = p95('GET /artifacts', 2000);
  const [clients, profiles] = [p95('list_clients'), p95('list_profiles')];
  const aim = (text: string, ms: number, limit: number) => ({ text, measured: `${ms.toFixed(1)} ms`, met: ms < limit });
  return {
    rounds,
    columns: ['p50 ms', 'p95 ms', 'range', 'p99 ms', 'answers/s', 'CPU ms each'],
    rows,
    aims: [
      aim('an artifact under 20 ms (p95) at 2,000 requests a second on one core', artifact, 20),
      aim('discovery under 200 ms (p95)', Math.max(clients, profiles), 200),
    ],
    notes: [
      `${bytes} bytes over ${connections} connections for ${milliseconds / 1000} s a round, asked at a fixed rate by another process: a time counts from when its request was due. The server's own thread is its one core; the load has the other.`,
      'The bare server answers whoever comes, with the same bytes and headers written beforehand. Tutti looks at the token, the scope and the limits, and counts.',
      `The others: ${perRound} calls a round over REST. A publish is checked, signed and on disk as it answers.`,
    ],
  };
}
