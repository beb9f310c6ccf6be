import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { chance } from '../support/chance.ts';
import { busybox, describeDocker } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const rounds = Number(process.env.CHAOS_ROUNDS ?? 3);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const patience = { timeout: 60_000 };

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

interface Installation {
  server: ServeProcess;
  readonly dataDir: string;
}

describeDocker('containers that are ready, while servers die', () => {
  let open: Installation[] = [];
  const serve = (dataDir: string) => serveProcess(dataDir, ['--ops-docker-host', dockerHost]);
  const install = async (): Promise<Installation> => {
    const dataDir = makeTempDir('ops');
    const installation = { server: await serve(dataDir), dataDir };
    open.push(installation);
    return installation;
  };
  beforeEach(() => {
    open = [];
  });
  afterEach(async () => {
    for (const { server, dataDir } of open) {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  async function run({ server }: Installation, command: string): Promise<Body> {
    let { status, body } = await server.call('orcaops_run_job', { image: busybox, commands: [command], wait_s: 10 });
    while (status === 200 && !body.finished_at)
      ({ status, body } = await server.call('orcaops_get_job_status', { job_id: body.job_id, wait_s: 10 }));
    expect({ status, run: body.status }).toEqual({ status: 200, run: 'success' });
    return body;
  }

  /** Short ids of all containers of an installation. */
  async function listLike(label: string): Promise<string[]> {
    const { docker } = await createEngine(dockerHost);
    const filters = { label: [`io.tutti.server=${label}`] };
    return (await docker.listContainers({ all: true, filters })).map(({ Id }) => Id.slice(0, 12)).sort();
  }
  /** What its containers are known by, once a job has left some that are ready and its own is gone. */
  async function labelOf(one: Installation): Promise<string> {
    const { docker } = await createEngine(dockerHost);
    const { job_id } = await run(one, 'true');
    const cleanup = async () => (await one.server.call('orcaops_get_job_status', { job_id })).body.cleanup_status;
    await expect.poll(cleanup, patience).toBe('destroyed');
    for (;;) {
      const { body } = await one.server.call('orcaops_list_containers', {});
      const [ready] = body.containers as Body[];
      if (ready) return (await docker.getContainer(ready.id).inspect()).Config.Labels['io.tutti.server'] ?? '';
      await sleep(50);
    }
  }

  test('the next server takes them back; an orderly stop leaves none, and another server’s stay', async () => {
    const [one, two] = [await install(), await install()];
    const [mine, theirs] = [await labelOf(one), await labelOf(two)];
    await expect.poll(async () => (await listLike(mine)).length, patience).toBe(2);
    await expect.poll(async () => (await listLike(theirs)).length, patience).toBe(2);
    const [parked, foreign] = [await listLike(mine), await listLike(theirs)];
    await one.server.kill();
    expect(await listLike(mine)).toEqual(parked);
    one.server = await serve(one.dataDir);
    expect(parked).toContain((await run(one, 'true')).sandbox_id);
    await one.server.stop();
    expect(await listLike(mine)).toEqual([]);
    expect(await listLike(theirs)).toEqual(foreign);
    one.server = await serve(one.dataDir);
  });

  test(`killed at any moment of their making, nothing is left of them in the end (seed ${seed})`, async () => {
    const random = chance(seed);
    const one = await install();
    const label = await labelOf(one);
    for (let round = 0; round < rounds; round += 1) {
      await run(one, 'true');
      await sleep(random() * 600);
      await one.server.kill();
      one.server = await serve(one.dataDir);
      await run(one, 'true');
    }
    await one.server.stop();
    expect(await listLike(label)).toEqual([]);
    one.server = await serve(one.dataDir);
  });
});
