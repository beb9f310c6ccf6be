import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Received, type Receiver, startReceiver } from './support/hook-receiver.ts';
import { type ServeProcess, serveProcess } from './support/serve-process.ts';
import { makeTempDir } from './support/temp-dir.ts';

const flags = ['--egress-allow', '127.0.0.1', '--webhooks-retry-s', '0.1,0.1,0.1,0.1'];
let dataDir: string;
let server: ServeProcess;
let receiver: Receiver;
beforeAll(async () => {
  dataDir = makeTempDir('hooks-kill');
  receiver = await startReceiver();
  server = await serveProcess(dataDir, flags);
});
afterAll(async () => {
  await server.stop();
  await receiver.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const acknowledged: string[] = [];
let count = 0;

/** Registers datasets, three at a time, until told to stop; only what was answered counts. */
async function register(until: AbortSignal): Promise<void> {
  const one = async () => {
    while (!until.aborted) {
      count += 1;
      const name = `hook-${count}`;
      const answer = await server.call('register_dataset', { name, uri: `tutti://${name}` }).catch(() => undefined);
      if (answer?.status === 200) acknowledged.push(name);
      await sleep(20);
    }
  };
  await Promise.all([one(), one(), one()]);
}

test('kills amid deliveries lose none; what comes twice has the same id', async () => {
  // Slow enough that each kill meets some on their way.
  receiver.answer('/all', (response) => void setTimeout(() => response.end(), 15));
  const put = await server.call('put_webhook', {
    name: 'all',
    url: `${receiver.url}/all`,
    types: ['dataset.updated'],
  });
  expect(put.status).toBe(200);
  const done = new AbortController();
  const registering = register(done.signal);
  for (let round = 0; round < 3; round += 1) {
    const [before, sent] = [acknowledged.length, receiver.received.length];
    while (acknowledged.length < before + 20 || receiver.received.length < sent + 10) await sleep(5);
    await server.kill();
    server = await serveProcess(dataDir, flags);
  }
  done.abort();
  await registering;
  const names = () => new Set(receiver.at('/all').map(({ body }) => body.data.name as string));
  const missing = () => acknowledged.filter((name) => !names().has(name));
  await expect.poll(missing, { timeout: 60_000, interval: 100 }).toEqual([]);
  expect(acknowledged.length).toBeGreaterThanOrEqual(60);
  const idsOf = Map.groupBy(receiver.at('/all'), ({ body }: Received) => body.id as string);
  for (const requests of idsOf.values()) {
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(requests.map(({ text }) => text)).size).toBe(1);
  }
  const pending = async () => (await server.call('list_deliveries', { state: 'pending' })).body.items;
  await expect.poll(pending, { timeout: 30_000 }).toEqual([]);
  expect((await server.call('list_deliveries', { state: 'failed' })).body.items).toEqual([]);
});
