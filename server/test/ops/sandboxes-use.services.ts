import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { describeSandboxes } from '../support/sandbox-kit.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeSandboxes('work in sandboxes', (kit) => {
  const { create, start, stop, remove, exec, show, wait_s } = kit;

  test('a command has its time, its bounds, and no shell unless asked', async () => {
    await create('exec');
    await start('exec');
    expect(await exec('exec', ['echo', '$HOME', '; id'])).toMatchObject({ stdout: '$HOME ; id\n' });
    const more = { env: { A: "it's" }, working_dir: '/data' };
    expect(await exec('exec', 'echo "$A"; pwd', more)).toMatchObject({ stdout: "it's\n/data\n" });
    expect(await exec('exec', ['/nonexistent'])).toMatchObject({ exit_code: expect.any(Number), timed_out: false });
    const long = await exec('exec', 'yes | head -c 3000000; echo; echo end');
    expect(long.stdout_cut_bytes).toBeGreaterThan(2_900_000);
    expect(long.stdout).toMatch(/^y\n(.|\n)* bytes left out (.|\n)*end\n$/);
    const late = await exec('exec', 'echo begun; trap "" TERM; sleep 1000 & setsid sleep 1001 & sleep 1002', {
      timeout_s: 1,
    });
    expect(late).toMatchObject({ exit_code: null, timed_out: true, killed: true, stdout: 'begun\n' });
    expect((await exec('exec', ['ps'])).stdout).not.toContain('sleep');
    // A service that was not asked for a service answers which there are.
    const which = await kit.ops.fails('orcaops_exec_sandbox', { name: 'exec', command: 'id' });
    expect(which).toMatchObject({ code: 'SERVICE_NOT_FOUND', details: { services: ['web', 'side'] } });
    await remove('exec');
    await create('bare', 'bare');
    await start('bare');
    const bare = { name: 'bare', command: ['/bin/sleep', '100'], timeout_s: 0.5 };
    expect(await kit.ops.ok('orcaops_exec_sandbox', bare)).toMatchObject({ timed_out: true, killed: false });
    await stop('bare');
    expect(await kit.ops.fails('orcaops_exec_sandbox', bare)).toMatchObject({ code: 'SANDBOX_NOT_RUNNING' });
    await remove('bare');
  });

  test('a command that runs holds no connection to the database, and a key runs it once', async () => {
    await create('once');
    await start('once');
    const { db } = kit.ops.database;
    const long = Array.from({ length: 12 }, (_, n) =>
      exec('once', `echo ${n} >> /data/begun; sleep 4`, { timeout_s: 20 }),
    );
    const begun = async () => Number((await exec('once', 'wc -l < /data/begun')).stdout);
    await expect.poll(begun, { timeout: 20_000 }).toBe(12);
    const { rows } = await sql<{ held: number }>`
      select count(*)::int as held from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`.execute(db);
    expect(rows).toEqual([{ held: 0 }]);
    expect((await Promise.all(long)).map(({ exit_code }) => exit_code)).toEqual(Array(12).fill(0));

    const more = { idempotency_key: 'k', timeout_s: 5 };
    const twice = 'sleep 1; echo ran >> /data/ran; echo said; exit 3';
    const [one, two] = await Promise.all([exec('once', twice, more), exec('once', twice, more)]);
    expect(one).toMatchObject({ exit_code: 3, stdout: 'said\n' });
    expect(two).toEqual(one);
    expect(await exec('once', twice, more)).toEqual(one);
    expect((await exec('once', 'cat /data/ran')).stdout).toBe('ran\n');
    // Its server was killed before the end.
    await sql`update ops_execs set outcome = null`.execute(db);
    const doubtful = { name: 'once', service: 'web', command: twice, ...more };
    expect(await kit.ops.fails('orcaops_exec_sandbox', doubtful)).toMatchObject({ code: 'IN_DOUBT' });
    expect((await exec('once', 'cat /data/ran')).stdout).toBe('ran\n');
    await remove('once');
  }, 120_000);

  test('files: no link is followed, nothing outside is written', async () => {
    await create('files');
    await start('files');
    await exec('files', 'ln -s /etc/passwd /data/link; ln -s /etc /data/up; mkdir /data/dir; mkfifo /data/pipe');
    const read = (file: string) =>
      kit.ops.fails('orcaops_get_sandbox_file', { name: 'files', service: 'web', path: file });
    for (const file of ['/data/link', '/data/dir', '/data/pipe', '/data/none', '/'])
      expect({ file, ...(await read(file)) }).toMatchObject({ file, code: 'FILE_NOT_FOUND' });
    const put = (directory: string, file: string) =>
      kit.ops.fails('orcaops_put_sandbox_files', {
        name: 'files',
        service: 'web',
        directory,
        files: [{ path: file, text: 'x' }],
      });
    expect(await put('/data', '../x')).toMatchObject({ code: 'INVALID_PATH' });
    expect(await put('/data', '/x')).toMatchObject({ code: 'INVALID_PATH' });
    expect(await put('/none', 'x')).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(await put('/data/../etc', 'x')).toMatchObject({ code: 'VALIDATION_FAILED' });
    await remove('files');
  });

  test('a snapshot is an image that jobs run, without the secrets and the marks of its sandbox', async () => {
    await create('snap');
    await start('snap');
    await exec('snap', 'echo installed > /opt-file; echo volume > /data/v');
    const taken = await kit.ops.ok('orcaops_snapshot_sandbox', { name: 'snap', service: 'web', note: 'first', wait_s });
    expect(taken).toMatchObject({ name: 'snap', service: 'web', note: 'first', size_bytes: expect.any(Number) });
    const run = await kit.ops.ok('orcaops_run_job', {
      image: taken.image,
      commands: ['cat /opt-file', 'echo "[$TOKEN]"'],
      wait_s,
    });
    expect(run.steps.map(({ stdout }: Body) => stdout)).toEqual(['installed\n', '[]\n']);
    const { Config } = await kit.engine.docker.getImage(taken.image).inspect();
    const marks = Object.entries(Config.Labels ?? {}).filter(([, value]) => value !== '');
    expect(marks).toEqual([['io.tutti.snapshot', taken.snapshot_id]]);
    expect(await show('snap')).toMatchObject({ status: 'running' });
    const { snapshots } = await kit.ops.ok('orcaops_list_snapshots', { name: 'snap' });
    expect(snapshots.map(({ image }: Body) => image)).toEqual([taken.image]);
    await kit.ops.ok('orcaops_delete_snapshot', { snapshot_id: taken.snapshot_id });
    await expect(kit.engine.docker.getImage(taken.image).inspect()).rejects.toMatchObject({ statusCode: 404 });
    const gone = await kit.ops.fails('orcaops_delete_snapshot', { snapshot_id: taken.snapshot_id });
    expect(gone).toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    await remove('snap');
  });
});
