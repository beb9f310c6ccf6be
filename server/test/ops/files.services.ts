import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putFiles } from '../../src/capabilities/ops/docker/archive-in.ts';
import { inspectContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { collectArtifacts, defaultArtifactCaps } from '../../src/capabilities/ops/runner/collect.ts';
import { defaultLimits } from '../../src/capabilities/ops/runner/profile.ts';
import { artifactsOf, createTestEngine, describeDocker, outline, type TestEngine } from '../support/docker.ts';

describeDocker('files in and out of a container', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine();
  });
  afterAll(() => engine?.close());

  const gc = () => {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
  };
  /** Bytes of buffers that something still holds. */
  const heldBytes = () => {
    gc();
    return process.memoryUsage().arrayBuffers;
  };
  const work = (uid: number) => ({ directory: '/work', uid });

  test('input files are there, owned by the job, with their directories', async () => {
    const id = await engine.park({ uid: 21_000 });
    await putFiles(engine, id, work(21_000), [
      { path: 'a/b/ü c.txt', body: Buffer.from('text') },
      { path: 'run.sh', body: Buffer.from('#!/bin/sh\necho ran $1'), executable: true },
      { path: 'empty', body: Buffer.alloc(0) },
    ]);
    const result = await engine.run(
      ['./run.sh it; cat "a/b/ü c.txt"; stat -c "%u %a" a a/b empty; echo more >> "a/b/ü c.txt"'],
      {},
      id,
    );
    expect(outline(result)).toEqual([[0, 'ran it\ntext21000 755\n21000 755\n21000 644\n', '']]);
  });

  test('a stream passes through without being collected', async () => {
    const id = await engine.park({ uid: 21_001 });
    const size = 64 * 2 ** 20;
    const before = heldBytes();
    let most = 0;
    function* zeros() {
      for (let sent = 0; sent < size; sent += 2 ** 16) {
        if (sent % (8 * 2 ** 20) === 0) most = Math.max(most, heldBytes() - before);
        yield Buffer.alloc(2 ** 16, 'x');
      }
    }
    const body = { stream: Readable.from(zeros(), { objectMode: false }), size };
    await putFiles(engine, id, work(21_001), [{ path: 'large', body }]);
    expect(outline(await engine.run(['wc -c < large; tail -c 3 large'], {}, id))).toEqual([[0, `${size}\nxxx`, '']]);
    expect(most).toBeLessThan(16 * 2 ** 20);
  });

  test('what cannot be put is refused, and nothing hangs', async () => {
    const id = await engine.park({ uid: 21_002, limits: { ...defaultLimits, work_bytes: 2 ** 20 } });
    const put = (path: string, body: Uint8Array | { stream: Readable; size: number } = Buffer.from('x')) =>
      putFiles(engine, id, work(21_002), [{ path, body }]);
    for (const path of ['../x', '/etc/x', 'a/../../x', '', 'a\0b', '*'])
      await expect(put(path)).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(put('big', Buffer.alloc(2 * 2 ** 20))).rejects.toMatchObject({ code: 'DOCKER_REFUSED' });
    const failing = Readable.from(
      (async function* () {
        yield Buffer.from('x');
        throw new Error('the source broke');
      })(),
    );
    await expect(put('broken', { stream: failing, size: 10 })).rejects.toThrow();
    await expect(put('short', { stream: Readable.from([Buffer.from('x')]), size: 10 })).rejects.toThrow();
    await expect(putFiles(engine, 'nothing', work(1), [{ path: 'x', body: Buffer.from('x') }])).rejects.toMatchObject({
      code: 'CONTAINER_NOT_FOUND',
    });
    expect(await inspectContainer(engine, id)).toMatchObject({ status: 'running' });
  });

  test('artifacts by name, by pattern, by directory; equal names in two places; what is not there is told', async () => {
    const make = 'mkdir -p out/deep p; for f in out/r.txt p/r.txt out/deep/x.csv top.csv other; do echo $f > $f; done';
    const artifacts = artifactsOf('/work/out/*.txt', 'p', '**/*.csv', 'nowhere/*', 'p/r.txt');
    const result = await engine.run([make], { artifacts });
    expect(result.artifacts?.taken.sort()).toEqual([
      'out/deep/x.csv=out/deep/x.csv\n',
      'out/r.txt=out/r.txt\n',
      'p/r.txt=p/r.txt\n',
      'top.csv=top.csv\n',
    ]);
    expect(result.artifacts).toMatchObject({ skipped: [], unmatched: ['nowhere/*'] });
    expect(result.artifacts).not.toHaveProperty('cut');
  });

  test('whatever a job makes of names and links, nothing of the machine comes along', async () => {
    const make = [
      'ln -s /etc/passwd a-link; ln -s / a-root; ln -s ../../../../../../etc escape; mkdir dir; ln -s /etc dir/etc',
      'echo one > one; ln one two; mkfifo pipe; nc -l -U sock & sleep 0.2; printf x > "$(printf "new\\nline")"; printf y > "back\\\\slash"; true',
    ];
    const result = await engine.run(make, {
      artifacts: artifactsOf('**', 'a-root/etc/passwd', 'escape/passwd', 'dir/etc/passwd'),
    });
    expect(result.artifacts?.taken).toEqual(['one=one\n']);
    const reasons = Object.fromEntries((result.artifacts?.skipped ?? []).map(({ name, reason }) => [name, reason]));
    expect(reasons).toMatchObject({
      'a-link': 'symlink',
      'a-root': 'symlink',
      escape: 'symlink',
      'dir/etc': 'symlink',
      two: 'hard_link',
      pipe: 'not_a_file',
      '?': 'bad_name',
    });
    // By name alone, through a link: the container's own file at most, never the machine's.
    const through = await engine.run(['ln -s /etc/hostname link; ln -s / root; true'], {
      artifacts: artifactsOf('link', 'root/etc/passwd', 'root/etc/shadow', 'root/proc/version'),
    });
    expect(through.artifacts?.taken.join('')).not.toMatch(/docker:|root:.*:.*:\d+:.*\/bin\/bash/);
    expect(through.artifacts?.skipped).toContainEqual({ name: 'link', reason: 'symlink' });
  });

  test('a sparse file of 20 GB, and more files than wanted, cost no more than the caps', async () => {
    const limits = { ...defaultLimits, file_bytes: 40 * 2 ** 30 };
    const id = await engine.park({ limits });
    const caps = { ...defaultArtifactCaps, maxReadBytes: 32 * 2 ** 20, maxFiles: 3 };
    const artifacts = { ...artifactsOf('a*', 'z'), caps };
    const result = await engine.run(
      ['truncate -s 20G z; for n in 1 2 3 4 5; do echo $n > a$n; done'],
      { artifacts },
      { limits },
    );
    expect(result.exit_code).toBe(0);
    const { taken = [], skipped = [], cut } = result.artifacts ?? {};
    expect(taken).toHaveLength(3);
    expect(skipped).toContainEqual({ name: 'z', reason: 'too_large' });
    expect(skipped.filter(({ reason }) => reason === 'too_many_files')).toHaveLength(2);
    expect([undefined, 'bytes']).toContain(cut);
    await expect(collectArtifacts(engine, id, artifactsOf('../etc'))).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(collectArtifacts(engine, 'nothing', artifactsOf('x'))).rejects.toMatchObject({
      code: 'CONTAINER_NOT_FOUND',
    });
  });

  test('ten thousand files: as many as the cap allows are taken', async () => {
    const artifacts = { ...artifactsOf('d/**'), caps: { ...defaultArtifactCaps, maxEntries: 2000 } };
    const result = await engine.run(['mkdir d; cd d; seq 1 5000 | xargs touch'], { artifacts });
    expect(result.artifacts?.cut).toBe('entries');
    expect(result.artifacts?.taken.length).toBe(1000);
  });
});
