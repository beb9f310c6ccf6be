import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenCommand } from './events/readers.ts';
import type { Streams } from './events/side.ts';
import { type Child, startChild } from './support/child.ts';
import { interleave, median, quantile, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';

const audiences = [1, 100, 1000] as const;
const eventsARound = 20;

interface Side {
  readonly label: string;
  readonly child: Child<Streams>;
}

interface Measured {
  readonly allMs: readonly number[];
  readonly cpuUs: number;
}

export const events: Benchmark = {
  name: 'events',
  title: 'One event to all readers of its stream (SSE)',
  run,
};

async function run({ rounds, say }: Options): Promise<Table> {
  const readers = await startChild<null>(new URL('./events/readers.ts', import.meta.url));
  const sides: Side[] = [
    { label: 'Tutti', child: await startChild(new URL('./events/tutti-server.ts', import.meta.url)) },
    { label: 'bare node:http', child: await startChild(new URL('./events/bare-server.ts', import.meta.url)) },
  ];
  const rows: Row[] = [];
  for (const audience of audiences) {
    // The first round warmed both up.
    const all = await interleave(sides, rounds + 1, async (side, round) => {
      const result = await measure(side.child, readers, audience);
      say(`${audience} readers, round ${round}, ${side.label}: ${median(result.allMs).toFixed(1)} ms`);
      return result;
    });
    rows.push(...rowsOf(audience, new Map([...all].map(([{ label }, results]) => [label, results.slice(1)]))));
  }
  await Promise.all([readers.stop(), ...sides.map(({ child }) => child.stop())]);
  return {
    rounds,
    columns: ['all have it, p50 ms', 'range', 'p95 ms', 'CPU µs/event', '× bare', 'CPU µs/reader'],
    rows,
    aims: [],
    notes: [
      `${eventsARound} events one by one a round, 600 bytes of data each; readers are connections of one other process.`,
      'Tutti’s time begins before the transaction that appends the event: it has the commit in it, the notice of PostgreSQL, the 5 ms in which commits are gathered, and the check of what each reader may see. The bare server stores nothing.',
      'CPU is the server’s process without PostgreSQL.',
    ],
  };
}

async function measure(server: Child<Streams>, readers: Child<null>, audience: number): Promise<Measured> {
  const command: OpenCommand = { ...server.info, readers: audience };
  await readers.call('open', command);
  await sleep(300); // what opening cost is over
  const allMs: number[] = [];
  const before = await server.cpuUs();
  for (let event = 0; event < eventsARound; event += 1) {
    await readers.call('arm');
    const begun = await server.call<string>('emit');
    const done = await readers.call<string>('wait');
    allMs.push(Number(BigInt(done) - BigInt(begun)) / 1e6);
  }
  const cpuUs = ((await server.cpuUs()) - before) / eventsARound;
  await readers.call('close');
  return { allMs, cpuUs };
}

function rowsOf(audience: number, measured: ReadonlyMap<string, readonly Measured[]>): Row[] {
  const cpu = (label: string) => median((measured.get(label) ?? []).map((result) => result.cpuUs));
  return [...measured].map(([label, results]): Row => {
    const medians = results.map((result) => median(result.allMs));
    const p95 = quantile(
      results.flatMap((result) => result.allMs),
      0.95,
    );
    return {
      label: `${audience} readers, ${label}`,
      values: [
        median(medians),
        range(medians),
        p95,
        cpu(label),
        cpu(label) / cpu('bare node:http'),
        cpu(label) / audience,
      ],
    };
  });
}
