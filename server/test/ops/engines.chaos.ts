import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { type Engines, startEngines } from '../support/engines.ts';
import type { WorkerProcess } from '../support/serve-process.ts';

describeDocker('jobs whose engine or process goes away', () => {
  let on: Engines;
  let east: WorkerProcess;
  beforeAll(async () => {
    on = await startEngines();
    [east] = await Promise.all([on.worker('east', 'east'), on.worker('west', 'west')]);
    for (const engine of ['east', 'west']) await on.reached(engine);
  }, 240_000);
  afterAll(() => on?.close(), 120_000);

  const status = (job_id: string) => on.ok('orcaops_get_job_status', { job_id });
  const isAway = (engine: string) =>
    expect.poll(() => on.told(engine), { timeout: 60_000 }).toMatchObject({ reachable: false });
  /** Two lines with time between them, once. */
  const slow = ['echo once >> ran; echo one; sleep 20; echo two; cat ran'];
  const whole = { status: 'success', steps: [{ exit_code: 0, stdout: 'one\ntwo\nonce\n' }] };

  test('a job waits for its engine with its reason, until that is back, its time is over, or somebody cancels it', async () => {
    await on.west.end('SIGTERM');
    await isAway('west');
    expect(await on.told('west')).toMatchObject({
      processes: 1,
      reason: expect.stringMatching(/^The engine west does not answer; it last did at 20.*No Docker engine answers/),
    });
    await on.submit('back', ['echo back'], { labels: ['west'] });
    await on.submit('late', ['echo late'], { labels: ['west'], timeout: 2 });
    await on.submit('unwanted', ['echo unwanted'], { labels: ['west'] });
    // Whoever asks for nothing is not sent there.
    await on.submit('anywhere', ['true']);
    expect(await on.ended('anywhere')).toMatchObject({ status: 'success', environment: { engine: 'east' } });
    for (const job of ['back', 'unwanted'])
      expect(await status(job)).toMatchObject({
        status: 'queued',
        reason: expect.stringContaining('The engine west does not answer'),
      });
    await on.ok('orcaops_cancel_job', { job_id: 'unwanted' });
    expect(await on.ended('unwanted')).toMatchObject({ status: 'cancelled', steps: [] });
    const late = await on.ended('late');
    expect(late).toMatchObject({ status: 'timed_out', error: { code: 'JOB_TIMEOUT', details: { engine: 'west' } } });
    expect(late.error.message).toContain('The engine west did not answer');
    expect(await status('back')).toMatchObject({ status: 'queued' });
    await on.west.start();
    const back = await on.ended('back');
    expect(back).toMatchObject({ status: 'success', steps: [{ stdout: 'back\n' }], environment: { engine: 'west' } });
    expect(back.reason).toBeUndefined();
  });

  test('when a process is killed another one beside the same engine ends its jobs', async () => {
    const twin = await on.worker('east-2', 'east');
    await expect.poll(async () => (await on.told('east')).processes, { timeout: 60_000 }).toBe(2);
    // One of them has both.
    await east.stop();
    for (const job of ['taken-1', 'taken-2']) await on.submit(job, slow, { labels: ['east'], artifacts: ['ran'] });
    for (const job of ['taken-1', 'taken-2']) await on.wrote(job, 'one');
    east = await on.worker('east', 'east');
    await twin.kill();
    for (const job of ['taken-1', 'taken-2']) {
      expect(await on.ended(job)).toMatchObject(whole);
      expect(await on.ok('orcaops_get_artifact', { job_id: job, filename: 'ran' })).toMatchObject({
        content: 'once\n',
      });
    }
  });

  test('when there is no other one, jobs say so, and the next process beside that engine ends them', async () => {
    await on.submit('left', slow, { labels: ['east'] });
    await on.wrote('left', 'one');
    await east.kill();
    await on.submit('after', ['echo after'], { labels: ['east'] });
    await isAway('east');
    expect(await on.told('east')).toMatchObject({ processes: 0 });
    const reason = expect.stringContaining('Nothing is heard of a process beside the engine east');
    expect(await status('left')).toMatchObject({ status: 'running', reason });
    expect(await status('after')).toMatchObject({ status: 'queued', reason });
    east = await on.worker('east', 'east');
    expect(await on.ended('left')).toMatchObject(whole);
    expect(await on.ended('after')).toMatchObject({ status: 'success' });
  });

  test('what a killed process left running ends by a word or with its time, and its container once somebody is there', async () => {
    await on.submit('word', ['echo on; sleep 600'], { labels: ['east'] });
    await on.submit('time', ['echo on; sleep 600'], { labels: ['east'], timeout: 60 });
    for (const job of ['word', 'time']) await on.wrote(job, 'on');
    await east.kill();
    await isAway('east');
    const word = await on.ok('orcaops_cancel_job', { job_id: 'word', reason: 'the machine is gone' });
    expect(word).toMatchObject({ status: 'cancelled', message: expect.stringContaining('the engine east') });
    expect(await status('word')).toMatchObject({
      status: 'cancelled',
      cleanup_status: 'leaked',
      steps: [{ stdout: 'on\n', exit_code: null }],
    });
    expect(await on.ended('time')).toMatchObject({ status: 'timed_out', error: { code: 'JOB_TIMEOUT' } });
    const left = await on.ok('orcaops_cleanup_containers', { dry_run: true });
    expect(left.left).toHaveLength(2);
    expect(await on.containers(on.east)).toEqual(expect.arrayContaining(left.left));
    east = await on.worker('east', 'east');
    await expect
      .poll(async () => (await on.containers(on.east)).filter((name) => left.left.includes(name)), { timeout: 60_000 })
      .toEqual([]);
    await expect.poll(() => status('word')).toMatchObject({ status: 'cancelled', cleanup_status: 'destroyed' });
  });

  test('an engine that comes later under a name that is taken is left alone, and its process says so', async () => {
    await on.west.end('SIGTERM');
    await isAway('west');
    const wrong = await on.worker('wrong', 'west', ['--ops-engine-name', 'east', '--ops-engine-labels', 'big']);
    await on.west.start();
    await expect
      .poll(() => wrong.output(), { timeout: 60_000 })
      .toContain('has the name east for another Docker engine');
    await on.reached('west');
    for (const n of [1, 2, 3, 4]) await on.submit(`right-${n}`, ['echo right'], { labels: ['east'] });
    for (const n of [1, 2, 3, 4]) expect(await on.ended(`right-${n}`)).toMatchObject({ status: 'success' });
    expect(await on.told('east')).toMatchObject({ labels: ['gpu', 'big'], reachable: true });
    await wrong.stop();
  });
});
