import { expect, test } from 'vitest';
import { describeSandboxes } from '../support/sandbox-kit.ts';

describeSandboxes('attacks from within a sandbox', (kit) => {
  const { create, start, exec, show, urlOf } = kit;

  test('bombs of processes and of memory stay within their service; what runs beside goes on', async () => {
    await create('bombs');
    await start('bombs');
    const forks = await exec('bombs', 'bomb() { bomb | bomb & }; bomb; sleep 30', { timeout_s: 3 });
    expect(forks.exit_code).not.toBe(0);
    const memory = await exec('bombs', 'x=$(yes | tr -d "\\n" | head -c 400000000); echo survived', {
      service: 'side',
    });
    expect(memory.stdout).not.toContain('survived');
    expect(await exec('bombs', 'echo beside', { service: 'side' })).toMatchObject({ stdout: 'beside\n' });
    expect(await kit.ops.run(['echo a job'])).toMatchObject({ status: 'success' });
    expect((await show('bombs')).services.map(({ name }: { name: string }) => name)).toEqual(['web', 'side']);
  });

  test('64 MB of output, of a command and in the log of a service, and a file of 20 GB cost what the bounds say', async () => {
    await create('much');
    const started = await start('much');
    expect(started.status).toBe('running');
    const flood = 'yes 0123456789abcdef | head -c 67108864';
    const told = await exec('much', flood, { timeout_s: 40 });
    expect(told.stdout_cut_bytes).toBeGreaterThan(67_000_000);
    expect(told.stdout.length).toBeLessThan(60_000);
    await exec('much', `${flood} > /proc/1/fd/1`, { timeout_s: 40 });
    const { logs } = await kit.ops.ok('orcaops_get_sandbox_logs', { name: 'much', service: 'web', tail: 1000 });
    expect(logs.length).toBeLessThan(100_000);
    const sparse = await exec('much', 'truncate -s 20G /data/sparse; ls -l /data/sparse | tr -s " " | cut -d" " -f5');
    const asked = { name: 'much', service: 'web', path: '/data/sparse' };
    const read = await kit.ops.call('orcaops_get_sandbox_file', asked);
    // Either it could not be made so long, or it is not read whole.
    expect(Number(sparse.stdout) <= 2 ** 31 || read.status >= 400).toBe(true);
    expect(JSON.stringify(read.body).length).toBeLessThan(1_000_000);
    expect((await fetch(urlOf(await show('much')))).status).toBe(200);
  });

  test('from inside there is no engine, no machine, and no power over either', async () => {
    await create('inside');
    await start('inside');
    const looks = await exec(
      'inside',
      [
        'ls /var/run/docker.sock /run/docker.sock 2>/dev/null',
        'env | grep -v ^TUTTI_EXEC= | grep -ci -e docker -e tutti -e postgres',
        'grep -c "^CapEff.*0000000000000000" /proc/self/status',
        'grep -c "NoNewPrivs:.1" /proc/self/status',
        'for p in /proc/[0-9]*; do cat $p/comm; done 2>/dev/null | grep -c -e dockerd -e containerd -e node',
        'mount -t tmpfs x /mnt 2>/dev/null; echo $?',
        'mknod /data/d b 8 0 2>/dev/null; echo $?',
        'true',
      ].join('; '),
    );
    const [env, powers, privileges, processes, mount, device] = looks.stdout.trim().split('\n');
    expect({ env, powers, privileges, processes }).toEqual({ env: '0', powers: '1', privileges: '1', processes: '0' });
    expect([mount, device].map(Number).every((code) => code > 0)).toBe(true);
  });
});
