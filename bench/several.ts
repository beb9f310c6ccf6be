import { connect, openSide, type Pool, type Side, startPostgres, timeJobs, tutti } from './jobs/sides.ts';
import type { Target, TuttiServer } from './mcp/requests.ts';
import { type Child, startChild } from './support/child.ts';
import type { LoadRequest, LoadResult } from './support/load-process.ts';
import type { PostgresConnection } from './support/postgres-process.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const connections = 16;
const warmUpMs = 2000;
const measureMs = 3000;
const burst = 300;

export const several: Benchmark = {
  name: 'several',
  title: 'Two servers against one, and two workers against one, each on one PostgreSQL',
  run,
};

interface Group {
  readonly count: number;
  readonly postgres: Child<PostgresConnection>;
  readonly servers: readonly Child<Target>[];
  readonly datasetId: string;
  readonly workers: readonly Child<null>[];
  readonly side: Side;
  readonly pool: Pool;
}

interface Measured {
  readonly reads: number;
  readonly writes: number;
  readonly jobs: number;
}

async function run({ rounds, say }: Options): Promise<Table> {
  const loads = await Promise.all(
    [1, 2].map(() => startChild<null>(new URL('./support/load-process.ts', import.meta.url))),
  );
  const groups = [await openGroup(1), await openGroup(2)];

  /** Calls a second, the same load whether it goes to one server or is split between two. */
  const calls = async (group: Group, tool: string, input: object, ms: number) => {
    const results = await Promise.all(
      loads.map((load, at) => {
        const { port, token = '' } = (group.servers[at % group.count] as Child<Target>).info;
        const request: LoadRequest = { port, request: restRequest(port, token, tool, input), connections, ms };
        return load.call<LoadResult>('load', request);
      }),
    );
    return results.reduce((sum, { answers, seconds }) => sum + answers / seconds, 0);
  };
  const read = (group: Group, ms: number) => calls(group, 'get_dataset', { dataset_id: group.datasetId }, ms);
  const write = (group: Group, ms: number) =>
    calls(group, 'create_presigned_upload', { dataset_id: group.datasetId, object_key: 'rows.csv' }, ms);
  const jobs = async ({ side, workers, pool }: Group) =>
    (burst * 1000) / (await timeJobs(side, workers[0] as Child<null>, pool, burst, 20));

  for (const group of groups) {
    await read(group, warmUpMs);
    await write(group, warmUpMs);
    await jobs(group);
  }
  const measured = await interleave(groups, rounds, async (group, round): Promise<Measured> => {
    const result = {
      reads: await read(group, measureMs),
      writes: await write(group, measureMs),
      jobs: await jobs(group),
    };
    const figures = `${Math.round(result.reads)} reads/s, ${Math.round(result.writes)} writes/s, ${Math.round(result.jobs)} jobs/s`;
    say(`round ${round + 1}, ${group.count}: ${figures}`);
    return result;
  });
  for (const { pool, servers, workers, postgres } of groups) {
    await pool.end();
    await Promise.all([...servers, ...workers].map((child) => child.stop()));
    await postgres.stop();
  }
  await Promise.all(loads.map((load) => load.stop()));
  return table(new Map([...measured].map(([{ count }, results]) => [count, results])), rounds);
}

/** So many servers on one database, and as many workers on another one of the same PostgreSQL. */
async function openGroup(count: number): Promise<Group> {
  const postgres = await startPostgres();
  const shared = await postgres.call<PostgresConnection>('create', `bench_servers_${count}`);
  const argument: TuttiServer = { shared };
  const servers: Child<Target>[] = [];
  for (let n = 0; n < count; n += 1) {
    servers.push(await startChild<Target>(new URL('./mcp/tutti-server.ts', import.meta.url), argument));
  }
  const { port, token } = (servers[0] as Child<Target>).info;
  const response = await fetch(`http://127.0.0.1:${port}/tools/register_dataset`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: 'bench', uri: 'tutti://bench' }),
  });
  const { id } = (await response.json()) as { id?: string };
  if (id === undefined) throw new Error(`no dataset: ${response.status}`);
  const side: Side = { ...tutti, label: `${count}`, database: `bench_workers_${count}` };
  const { connection, startWorker } = await openSide(side, postgres);
  const workers: Child<null>[] = [];
  for (let n = 0; n < count; n += 1) workers.push(await startWorker());
  return { count, postgres, servers, datasetId: id, workers, side, pool: connect(connection) };
}

function restRequest(port: number, token: string, tool: string, input: object): string {
  const body = JSON.stringify(input);
  const headers = [
    `POST /tools/${tool} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

function table(measured: ReadonlyMap<number, readonly Measured[]>, rounds: number): Table {
  const each = (count: number, pick: (result: Measured) => number) => (measured.get(count) ?? []).map(pick);
  const cells = (count: number, pick: (result: Measured) => number) => {
    const values = each(count, pick);
    return [median(values), range(values), median(values) / median(each(1, pick))];
  };
  return {
    rounds,
    columns: ['reads/s', 'range', '× one', 'writes/s', 'range', '× one', 'jobs/s', 'range', '× one'],
    rows: [1, 2].map(
      (count): Row => ({
        label: count === 1 ? 'one' : 'two',
        values: [
          ...cells(count, (result) => result.reads),
          ...cells(count, (result) => result.writes),
          ...cells(count, (result) => result.jobs),
        ],
      }),
    ),
    aims: [],
    notes: [
      `The same load for both: ${2 * connections} keep-alive connections from two processes, ${measureMs / 1000} s a kind and round. A read is get_dataset, a write create_presigned_upload, which adds a row and an audit entry.`,
      `${burst} jobs that do nothing at once; 8 at a time in each worker, two steps each.`,
      'Servers, PostgreSQL and the load share the cores of one machine: what a second server adds there is what one process leaves idle, not what a second machine would add.',
    ],
  };
}
