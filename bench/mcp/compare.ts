import { type Child, startChild } from '../support/child.ts';
import type { LoadRequest, LoadResult } from '../support/load-process.ts';
import { familyCpuMs } from '../support/processes.ts';
import { interleave, median, range } from '../support/stats.ts';
import type { Options, Row, Table } from '../support/table.ts';
import { checkAnswer, httpRequest, type Method, type Target, type TuttiServer } from './requests.ts';

const connections = 32;
const warmUpMs = 4000;
const measureMs = 3000;

const ours = 'Tutti, authenticated, PostgreSQL';
const traced = 'Tutti, each call traced';
const peer = 'SDK McpServer per request';

const sides = [
  { label: ours, file: new URL('./tutti-server.ts', import.meta.url) },
  { label: traced, file: new URL('./tutti-server.ts', import.meta.url) },
  { label: peer, file: new URL('./sdk-server.ts', import.meta.url) },
  { label: 'fastmcp, stateless JSON', file: new URL('../fastmcp/server.ts', import.meta.url) },
  { label: 'bare node:http, JSON', file: new URL('./echo-server.ts', import.meta.url) },
];

interface Server {
  readonly label: string;
  readonly child: Child<Target>;
}

interface Measured extends LoadResult {
  readonly cpuUs: number;
  readonly databaseUs: number;
}

/** One method on all servers, each in a process of its own, the load in another. */
export async function compare(method: Method, { rounds, say }: Options): Promise<Table> {
  const load = await startChild<null>(new URL('../support/load-process.ts', import.meta.url));
  const servers: Server[] = [];
  const collector = await startChild<string>(new URL('./collector.ts', import.meta.url));
  for (const { label, file } of sides) {
    const argument: TuttiServer = label === traced ? { collector: collector.info } : {};
    servers.push({ label, child: await startChild<Target>(file, argument) });
  }

  const run = async ({ child }: Server, ms: number): Promise<Measured> => {
    const request: LoadRequest = { port: child.info.port, request: httpRequest(method, child.info), connections, ms };
    const databaseBefore = await familyCpuMs(child.pid, 'postgres');
    const before = await child.cpuUs();
    const result = await load.call<LoadResult>('load', request);
    const cpuUs = ((await child.cpuUs()) - before) / result.answers;
    const databaseUs = (((await familyCpuMs(child.pid, 'postgres')) - databaseBefore) * 1000) / result.answers;
    checkAnswer(method, result.sample);
    return { ...result, cpuUs, databaseUs };
  };

  for (const server of servers) await run(server, warmUpMs);
  const measured = await interleave(servers, rounds, async (server, round) => {
    const result = await run(server, measureMs);
    say(`round ${round + 1}, ${server.label}: ${Math.round(result.cpuUs)} µs`);
    return result;
  });
  await Promise.all([load.stop(), collector.stop(), ...servers.map(({ child }) => child.stop())]);
  return table(method, new Map([...measured].map(([server, results]) => [server.label, results])), rounds);
}

function table(method: Method, measured: ReadonlyMap<string, readonly Measured[]>, rounds: number): Table {
  const each = (label: string, pick: (result: Measured) => number) => (measured.get(label) ?? []).map(pick);
  const cpu = (label: string) => median(each(label, (result) => result.cpuUs));
  const rows = [...measured.keys()].map(
    (label): Row => ({
      label,
      values: [
        cpu(label),
        range(each(label, (result) => result.cpuUs)),
        cpu(label) / cpu(peer),
        label === ours || label === traced ? median(each(label, (result) => result.databaseUs)) : null,
        median(each(label, (result) => result.answers / result.seconds)),
        median(each(label, (result) => result.p50Ms)),
        median(each(label, (result) => result.p95Ms)),
        median(each(label, (result) => result.bodyBytes)),
      ],
    }),
  );
  const ratio = cpu(ours) / cpu(peer);
  return {
    rounds,
    columns: [
      'server CPU µs/call',
      'range',
      '× McpServer',
      'PostgreSQL CPU µs/call',
      'calls/s',
      'p50 ms',
      'p95 ms',
      'answer bytes',
    ],
    rows,
    aims: [
      {
        text: `at most half of the server CPU that McpServer takes for ${method}`,
        measured: `${ratio.toFixed(2)} of it`,
        met: ratio <= 0.5,
      },
    ],
    notes: [
      `The same 100 tools on every side; ${connections} keep-alive connections; ${measureMs / 1000} s a side and round.`,
      'Tutti and McpServer are called in revision 2026-07-28, fastmcp in 2025-11-25, which is the newest that it speaks.',
      'Each call traced: every call has a span, which is sent to a collector in a process of its own.',
      'Only Tutti checks a token (in PostgreSQL, each time), the Host header and the size of the body.',
    ],
  };
}
