import { readdirSync, rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { busybox, describeDocker } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { playedSteps, startTour } from '../support/tour-process.ts';

describeDocker('tutti tour, act three', () => {
  const played = async (...args: string[]) => {
    const temporary = makeTempDir('tour');
    onTestFinished(() => rmSync(temporary, { recursive: true }));
    const { ended, output } = startTour(temporary, '--act', '3', '--docker-host', dockerHost, ...args);
    const code = await ended;
    expect(readdirSync(temporary)).toEqual([]);
    return { code, output: output(), act: output().split(/^Act 3: /m)[1] ?? '' };
  };

  test('computes over the dataset in a container and reads the artifact back', async () => {
    const { code, output, act } = await played('--image', busybox);
    expect(code, output).toBe(0);
    expect(playedSteps(act)).toEqual([
      ...['orcaops_system_info', 'list_datasets', 'orcaops_run_job', 'orcaops_get_job_logs', 'orcaops_get_artifact'],
    ]);
    expect(act).toMatch(/5 objects into tutti-test\/busybox, as user \d{5} without network/);
    expect(act).toContain('12 genres, most of all Drama (789), as in the file');
  });

  test('stops at an image that is not there', async () => {
    const { code, output, act } = await played('--image', 'tutti-test/not-there');
    expect(code, output).toBe(1);
    expect(act).toMatch(/✗ orcaops_run_job +the image\n +expected tutti-test\/not-there on the engine/);
  });
});
