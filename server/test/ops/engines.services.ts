import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import { runTutti } from '../support/serve-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeDocker('jobs on two engines', { timeout: 120_000 }, () => {
  let on: Engines;
  beforeAll(async () => {
    on = await startEngines();
    await Promise.all([on.worker('east', 'east'), on.worker('west', 'west')]);
    for (const engine of ['east', 'west']) await on.reached(engine);
  }, 240_000);
  afterAll(() => on?.close(), 120_000);

  const until = (file: string) => `until [ -e ${file} ]; do sleep 0.1; done`;

  test('the server tells what engines there are', async () => {
    const { docker, engines } = await on.ok('orcaops_system_info');
    expect(engines).toMatchObject([
      { name: 'east', labels: ['gpu', 'big'], capacity: 2, processes: 1, reachable: true },
      { name: 'west', labels: ['arm64', 'big'], capacity: 2, processes: 1, reachable: true },
    ]);
    expect(docker).toMatchObject({ version: engines[0].version });
  });

  test.each([
    [['gpu'], 'east'],
    [['arm64', 'big'], 'west'],
    [['east'], 'east'],
    [['west', 'big'], 'west'],
  ])('a job that asks for %j runs on the engine that has it', async (labels, engine) => {
    const { job_id } = await on.submit(`label-${labels.join('-')}`, ['hostname'], { labels });
    expect(await on.ended(job_id)).toMatchObject({ status: 'success', environment: { engine } });
  });

  test('a label that no engine has, or not beside the others, is refused with what there is', async () => {
    for (const labels of [['tpu'], ['gpu', 'arm64']]) {
      const error = await on.fails('orcaops_submit_job', { image: 'tutti-test/busybox', commands: ['true'], labels });
      expect(error).toMatchObject({
        status: 422,
        code: 'ENGINE_NOT_FOUND',
        suggestion: expect.stringContaining('east (east, gpu, big); west (west, arm64, big)'),
        details: { labels, engines: [{ name: 'east', labels: ['east', 'gpu', 'big'] }, { name: 'west' }] },
      });
    }
  });

  test('jobs that ask for nothing go where the least is to do', async () => {
    for (let n = 0; n < 4; n += 1) await on.submit(`spread-${n}`, ['sleep 600']);
    const runs = await Promise.all([0, 1, 2, 3].map((n) => on.ok('orcaops_get_job_status', { job_id: `spread-${n}` })));
    expect(runs.map((run) => run.environment.engine).sort()).toEqual(['east', 'east', 'west', 'west']);
    for (let n = 0; n < 4; n += 1) await on.ok('orcaops_cancel_job', { job_id: `spread-${n}` });
    for (let n = 0; n < 4; n += 1) expect(await on.ended(`spread-${n}`)).toMatchObject({ status: 'cancelled' });
  });

  test('the capacity is the engine’s, however many processes are beside it', async () => {
    const second = await on.worker('east-2', 'east');
    await expect.poll(async () => (await on.told('east')).processes, { timeout: 60_000 }).toBe(2);
    const times = 'cut -d" " -f1 /proc/uptime';
    const names = Array.from({ length: 8 }, (_, n) => `full-${n}`);
    for (const name of names) await on.submit(name, [`${times}; sleep 1; ${times}`], { labels: ['east'] });
    const last = on.ok('orcaops_get_job_status', { job_id: 'full-7' });
    expect(await last).toMatchObject({ status: 'queued' });
    const spans: number[][] = [];
    for (const name of names) {
      const run = await on.ended(name);
      expect(run).toMatchObject({ status: 'success', environment: { engine: 'east' } });
      spans.push(run.steps[0].stdout.trim().split('\n').map(Number));
    }
    const atOnce = spans.map(([began = 0]) => spans.filter(([from = 0, to = 0]) => from <= began && began < to).length);
    expect(Math.max(...atOnce)).toBe(2);
    await second.stop();
    await expect.poll(async () => (await on.told('east')).processes).toBe(1);
  });

  test('a job that waits for its turn says so', async () => {
    for (const n of [0, 1, 2]) await on.submit(`turn-${n}`, ['sleep 600'], { labels: ['west'] });
    await expect
      .poll(() => on.ok('orcaops_get_job_status', { job_id: 'turn-2' }), { timeout: 60_000 })
      .toMatchObject({ status: 'queued', reason: 'The engine west runs as many jobs as it may, 2.' });
    for (const n of [0, 1, 2]) await on.ok('orcaops_cancel_job', { job_id: `turn-${n}` });
    for (const n of [0, 1, 2]) expect(await on.ended(`turn-${n}`)).toMatchObject({ status: 'cancelled' });
  });

  test('a process whose engine has the name of another one is refused, and that one goes on', async () => {
    const flags = ['--data-dir', on.site.directory('refused'), ...on.site.flags];
    const named = ['--ops-docker-host', on.west.host, '--ops-engine-name', 'east'];
    const { code, output } = await runTutti(['worker', ...flags, ...named]);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('ops.engine_name') });
    expect(await on.told('east')).toMatchObject({ processes: 1, reachable: true });
    const { job_id } = await on.submit('after-refusal', ['true'], { labels: ['east'] });
    expect(await on.ended(job_id)).toMatchObject({ status: 'success' });
  });

  test('containers of engines that the server does not reach are listed, read and ended from it', async () => {
    for (const engine of ['east', 'west']) {
      await on.submit(`seen-${engine}`, [`echo ${engine}; ${until('go')}`], { labels: [engine] });
      await on.wrote(`seen-${engine}`, engine);
    }
    const { containers } = await on.ok('orcaops_list_containers', { all: true });
    const of = (job: string): Body => containers.find((one: Body) => one.job_id === job);
    expect(of('seen-east')).toMatchObject({ kind: 'job', engine: 'east', image: 'tutti-test/busybox' });
    expect(of('seen-west')).toMatchObject({ kind: 'job', engine: 'west' });
    const container_id = of('seen-west').id;
    expect(await on.ok('orcaops_get_container_logs', { container_id })).toMatchObject({ logs: 'west\n' });
    expect(await on.fails('orcaops_inspect_container', { container_id })).toMatchObject({
      status: 421,
      code: 'ENGINE_ELSEWHERE',
      message: expect.stringContaining('the engine west'),
      suggestion: expect.stringContaining('seen-west'),
      details: { engine: 'west', job_id: 'seen-west' },
    });
    expect(await on.ok('orcaops_stop_container', { container_id })).toMatchObject({
      message: expect.stringContaining('seen-west'),
    });
    expect(await on.ended('seen-west')).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => on.containers(on.west)).not.toContain(of('seen-west').name);
    expect(await on.containers(on.east)).toContain(of('seen-east').name);
    expect(await on.fails('orcaops_remove_container', { container_id: of('seen-east').id })).toMatchObject({
      code: 'REMOVE_FAILED',
    });
    await on.ok('orcaops_remove_container', { container_id: of('seen-east').id, force: true });
    expect(await on.ended('seen-east')).toMatchObject({ status: 'cancelled' });
  });

  test('what waits in the pool of another engine is removed there', async () => {
    await on.submit('pooled', ['true'], { labels: ['west'] });
    await on.ended('pooled');
    const parked = async (): Promise<Body[]> =>
      (await on.ok('orcaops_list_containers', {})).containers.filter(
        (one: Body) => one.kind === 'pool' && one.engine === 'west',
      );
    await expect.poll(parked, { timeout: 60_000 }).not.toEqual([]);
    const [one] = await parked();
    expect(await on.containers(on.west)).toContain(one.name);
    await on.ok('orcaops_remove_container', { container_id: one.name, force: true });
    await expect.poll(() => on.containers(on.west), { timeout: 60_000 }).not.toContain(one.name);
    expect(await on.ok('orcaops_cleanup_containers', {})).toMatchObject({ removed: [], errors: [] });
  });

  test('output and artifacts of a job are read where its engine is not', async () => {
    await on.submit('far', ['echo far > out.txt; cat out.txt'], { labels: ['west'], artifacts: ['out.txt'] });
    expect(await on.ended('far')).toMatchObject({ status: 'success', steps: [{ stdout: 'far\n' }] });
    expect(await on.ok('orcaops_get_job_logs', { job_id: 'far' })).toMatchObject({ steps: [{ stdout: 'far\n' }] });
    expect(await on.ok('orcaops_get_artifact', { job_id: 'far', filename: 'out.txt' })).toMatchObject({
      content: 'far\n',
    });
  });
});
