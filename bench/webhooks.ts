import { type Child, startChild } from './support/child.ts';
import type { PostgresConnection } from './support/postgres-process.ts';
import { familyCpuMs } from './support/processes.ts';
import { interleave, median, range } from './support/stats.ts';
import type { Benchmark, Options, Row, Table } from './support/table.ts';
import { maxLanes, type PostCommand } from './webhooks/side.ts';

const count = 400;

export const webhooks: Benchmark = {
  name: 'webhooks',
  title: 'Signed deliveries to a receiver on loopback, from the commit of their events to their arrival',
  run,
};

interface Side {
  readonly label: string;
  readonly sender: Child<null>;
  readonly lanes: number;
  readonly peer: boolean;
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly databaseMs: number;
}

async function run({ rounds, say }: Options): Promise<Table> {
  const postgres = await startChild<PostgresConnection>(new URL('./support/postgres-process.ts', import.meta.url));
  const receiver = await startChild<{ url: string }>(new URL('./webhooks/receiver.ts', import.meta.url));
  const { url } = receiver.info;
  const connection = await postgres.call<PostgresConnection>('create', 'bench_webhooks');
  const tutti = await startChild<null>(new URL('./webhooks/tutti-sender.ts', import.meta.url), { url, connection });
  const bare = await startChild<null>(new URL('./webhooks/bare-sender.ts', import.meta.url), { url });
  const sides: Side[] = [1, maxLanes].flatMap((lanes) => {
    const to = lanes === 1 ? 'one webhook' : `${lanes} webhooks`;
    return [
      { label: `Tutti, ${to}`, sender: tutti, lanes, peer: false },
      { label: `bare undici, ${lanes} at a time`, sender: bare, lanes, peer: true },
    ];
  });

  const measured = await interleave(sides, rounds + 1, async ({ label, sender, lanes }, round): Promise<Measured> => {
    const [cpu, database] = [await sender.cpuUs(), await familyCpuMs(postgres.pid, 'postgres')];
    const command: PostCommand = { count, lanes };
    const arrived = receiver.call('take', count);
    const started = performance.now();
    await sender.call('post', command);
    await arrived;
    const ms = performance.now() - started;
    say(`round ${round}, ${label}: ${((count * 1000) / ms).toFixed(0)}/s`);
    return {
      perSecond: (count * 1000) / ms,
      cpuMs: ((await sender.cpuUs()) - cpu) / 1000 / count,
      databaseMs: ((await familyCpuMs(postgres.pid, 'postgres')) - database) / count,
    };
  });
  await Promise.all([tutti.stop(), bare.stop(), receiver.stop()]);
  await postgres.stop();
  // The first round warmed all up.
  return table(new Map([...measured].map(([side, results]) => [side, results.slice(1)])), rounds);
}

function table(measured: ReadonlyMap<Side, readonly Measured[]>, rounds: number): Table {
  const of = (side: Side, pick: (one: Measured) => number) => (measured.get(side) ?? []).map(pick);
  const rate = (side: Side) => median(of(side, (one) => one.perSecond));
  const rows = [...measured.keys()].map((side): Row => {
    const peer = [...measured.keys()].find((other) => other.peer && other.lanes === side.lanes) ?? side;
    return {
      label: side.label,
      values: [
        rate(side),
        range(of(side, (one) => one.perSecond)),
        rate(side) / rate(peer),
        median(of(side, (one) => one.cpuMs)),
        side.peer ? null : median(of(side, (one) => one.databaseMs)),
      ],
    };
  });
  return {
    rounds,
    columns: ['deliveries/s', 'range', '× bare', 'CPU ms each', 'database CPU ms each'],
    rows,
    aims: [],
    notes: [
      `${count} events of half a kilobyte in one transaction; to one webhook they are sent one by one, in order.`,
      'Tutti keeps each delivery and attempt, checks the rights of the owner, signs by Ed25519 and HMAC, and looks up the address and connects anew each time. The peer keeps its connections, signs by HMAC and keeps nothing.',
    ],
  };
}
