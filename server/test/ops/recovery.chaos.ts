import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { chance } from '../support/chance.ts';
import { busybox, describeDocker } from '../support/docker.ts';
import { type Dockerd, startDockerd } from '../support/dockerd.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** `CHAOS_ROUNDS=50 npm run test:chaos` for a long run. */
const rounds = Number(process.env.CHAOS_ROUNDS ?? 3);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

function expectCanceled({ status, error }: Body): void {
  // An error would tell why it is not.
  expect({ status, error }).toEqual({ status: 'cancelled', error: undefined });
}

describeDocker('container jobs while servers and engines die', () => {
  let dockerd: Dockerd;
  let dataDir: string;
  let server: ServeProcess;
  beforeAll(async () => {
    dockerd = await startDockerd();
  }, 120_000);
  afterAll(() => dockerd?.stop(), 120_000);
  beforeEach(async () => {
    dataDir = makeTempDir('ops');
    server = await serve();
  });
  afterEach(async () => {
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  // What waits in the pool goes a second after nobody wants it any more, so that nothing may be left here.
  const serve = () => serveProcess(dataDir, ['--ops-docker-host', dockerd.host, '--ops-pool-idle-s', '1']);

  async function ok(name: string, input: unknown): Promise<Body> {
    const { status, body } = await server.call(name, input);
    expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
    return body;
  }

  const submit = (job_id: string, commands: readonly string[], more = {}) =>
    ok('orcaops_submit_job', { image: busybox, job_id, commands, ...more });

  async function ended(job_id: string, call = ok): Promise<Body> {
    for (;;) {
      const run = await call('orcaops_get_job_status', { job_id, wait_s: 10 });
      if (run.finished_at) return run;
    }
  }

  async function left(): Promise<number> {
    const { docker } = await createEngine(dockerd.host);
    const [containers, { Volumes }] = await Promise.all([
      docker.listContainers({ all: true, filters: { label: ['io.tutti.kind'] } }),
      docker.listVolumes(),
    ]);
    return containers.length + (Volumes ?? []).length;
  }

  /** Every line of the output once and in order, the work done once, and its file kept: as far as it came in its time. */
  async function expectWhole(job_id: string, run: Body): Promise<void> {
    const [step = { exit_code: null, stdout: '' }] = run.steps;
    const stdout = Array.from({ length: 20 }, (_, n) => `${job_id} ${n}\n`).join('');
    // Time goes on while nobody runs a job.
    const cut = run.status === 'timed_out' && step.exit_code === null;
    if (cut) expect(stdout.slice(0, step.stdout.length)).toBe(step.stdout);
    else expect({ job_id, ...step }).toMatchObject({ exit_code: 0, stdout });
    if (cut && step.stdout === '') return;
    expect(await ok('orcaops_get_artifact', { job_id, filename: 'ran' })).toMatchObject({ content: 'once\n' });
  }

  const work = (job_id: string) =>
    `echo once >> ran; i=0; while [ $i -lt 20 ]; do echo "${job_id} $i"; i=$((i+1)); sleep 0.15; done`;

  test(`SIGKILL of the server with 8 jobs running: each ends in its true state (seed ${seed})`, {
    timeout: (rounds + 1) * 300_000,
  }, async () => {
    const random = chance(seed);
    for (let round = 0; round < rounds; round += 1) {
      const name = (n: number) => `r${round}-${n}`;
      const artifacts = ['ran'];
      for (let n = 0; n < 6; n += 1) await submit(name(n), [work(name(n))], { artifacts });
      await submit(name(6), [work(name(6)), 'exit 3'], { artifacts });
      await submit(name(7), [work(name(7)), 'sleep 600'], { artifacts, timeout: 30 });
      for (let kill = 0; kill < 3; kill += 1) {
        await sleep(random() * 2500);
        await server.kill();
        server = await serve();
      }
      for (let n = 0; n < 8; n += 1) {
        const run = await ended(name(n));
        const [status, code] =
          n === 7 ? ['timed_out', 'JOB_TIMEOUT'] : n === 6 ? ['failed', 'COMMAND_FAILED'] : ['success'];
        expect({ job: name(n), status: run.status, code: run.error?.code }).toEqual({ job: name(n), status, code });
        await expectWhole(name(n), run);
      }
      await expect.poll(left, { timeout: 60_000 }).toBe(0);
    }
  });

  test('a job that was canceled while nobody ran it is killed by the next server', async () => {
    await submit('gone', ['echo begun; sleep 600']);
    while ((await ok('orcaops_get_job_logs', { job_id: 'gone' })).steps[0]?.stdout !== 'begun\n') await sleep(50);
    await ok('orcaops_cancel_job', { job_id: 'gone' });
    await server.kill();
    server = await serve();
    expectCanceled(await ended('gone'));
    await expect.poll(left, { timeout: 60_000 }).toBe(0);
  });

  test('two servers on one engine keep to their own, also when one is killed, comes back and cleans up', async () => {
    const otherDir = makeTempDir('ops-other');
    const other = await serveProcess(otherDir, ['--ops-docker-host', dockerd.host, '--ops-pool-idle-s', '1']);
    try {
      const job = { image: busybox, job_id: 'theirs', commands: ['echo begun; until [ -e go ]; do sleep 0.1; done'] };
      const their = async (name: string, input: unknown): Promise<Body> => (await other.call(name, input)).body;
      await their('orcaops_submit_job', { ...job, timeout: 600 });
      while ((await their('orcaops_get_job_logs', { job_id: 'theirs' })).steps?.[0]?.stdout !== 'begun\n')
        await sleep(50);
      await submit('ours', ['sleep 600']);
      await server.kill();
      server = await serve();
      expect(await ok('orcaops_cleanup_containers', {})).toMatchObject({ stopped: [], errors: [] });
      await ok('orcaops_cancel_job', { job_id: 'ours' });
      expectCanceled(await ended('ours'));
      const [container] = (await their('orcaops_list_containers', {})).containers;
      expect(container).toMatchObject({ job_id: 'theirs' });
      const ours = (await ok('orcaops_list_containers', { all: true })).containers;
      expect(ours.map(({ name }: Body) => name)).not.toContain(container.name);
      for (const name of ['orcaops_stop_container', 'orcaops_inspect_container']) {
        const { body } = await server.call(name, { container_id: container.id });
        expect(body.error).toMatchObject({ code: 'CONTAINER_NOT_FOUND' });
      }
      expect(await their('orcaops_get_job_status', { job_id: 'theirs' })).toMatchObject({ status: 'running' });
      await their('orcaops_cancel_job', { job_id: 'theirs' });
      const run = await ended('theirs', their);
      expectCanceled(run);
      expect(run.steps).toMatchObject([{ stdout: 'begun\n' }]);
      await expect.poll(left, { timeout: 60_000 }).toBe(0);
    } finally {
      await other.stop();
      rmSync(otherDir, { recursive: true, force: true });
    }
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'a restart of the engine (%s): what ran is told as ended, what comes runs',
    async (signal) => {
      await submit('done', ['echo done'], {});
      expect(await ended('done')).toMatchObject({ status: 'success' });
      for (let n = 0; n < 8; n += 1) await submit(`long-${n}`, [`echo begun ${n}; sleep 600`]);
      for (let n = 0; n < 8; n += 1) {
        while ((await ok('orcaops_get_job_logs', { job_id: `long-${n}` })).steps[0]?.stdout !== `begun ${n}\n`)
          await sleep(50);
      }
      // There is room for eight, so this one has not begun.
      await submit('waited', ['echo waited']);
      await dockerd.restart(signal);
      for (let n = 0; n < 8; n += 1) {
        const run = await ended(`long-${n}`);
        expect(run).toMatchObject({
          status: 'failed',
          error: { code: 'CONTAINER_ENDED' },
          steps: [{ exit_code: null, stdout: `begun ${n}\n` }],
        });
      }
      expect(await ended('done')).toMatchObject({ status: 'success', steps: [{ stdout: 'done\n' }] });
      expect(await ended('waited')).toMatchObject({ status: 'success', steps: [{ stdout: 'waited\n' }] });
      await submit('after', ['echo after']);
      expect(await ended('after')).toMatchObject({ status: 'success' });
      await expect.poll(left, { timeout: 60_000 }).toBe(0);
    },
  );
});
