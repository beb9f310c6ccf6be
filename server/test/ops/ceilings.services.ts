import { afterAll, beforeAll, expect, test } from 'vitest';
import { busybox, describeDocker } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';

describeDocker('what is kept of a job by the ceilings of its caller', () => {
  let ops: OpsServer;
  let small: string;
  beforeAll(async () => {
    const entry = { principals: ['small'], output_kb: 2, artifact_mb: 1, artifact_files: 2, images: ['tutti-test/*'] };
    ops = await startOpsServer(undefined, ['--ops-ceilings', JSON.stringify([entry])]);
    small = (await ops.token('small', ['ops:read', 'ops:write'])).secret;
  });
  afterAll(() => ops?.stop());

  const job = {
    image: busybox,
    commands: [
      'yes 0123456 | head -c 8192',
      'for n in 1 2 3; do echo $n > $n.txt; done; dd if=/dev/zero of=big bs=64k count=20 2>/dev/null',
    ],
    artifacts: ['*.txt', 'big'],
    wait_s: 40,
  };

  test('output and artifacts are cut for one, and not for another', async () => {
    const cut = await ops.ok('orcaops_run_job', job, small);
    expect(cut).toMatchObject({ status: 'success', artifacts: [{}, {}] });
    expect(cut.artifact_problems).toEqual(
      expect.arrayContaining([
        { name: expect.stringMatching(/^[123]\.txt$/), reason: 'too_many_files' },
        { name: 'big', reason: 'too_large' },
      ]),
    );
    expect(cut.steps[0].stdout_cut_bytes).toBe(8192 - 2048);
    const whole = await ops.ok('orcaops_run_job', job);
    expect(whole.artifacts).toHaveLength(4);
    expect(whole.steps[0].stdout).toHaveLength(8192);
    expect(await ops.fails('orcaops_run_job', { ...job, image: 'python:3.12' }, small)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { field: 'image', most: ['tutti-test/*'] },
    });
  });
});
