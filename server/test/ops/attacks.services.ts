import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, describeDocker, type TestEngine } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';
import { makeTempDir } from '../support/temp-dir.ts';

type Step = { exit_code: number; stdout: string; stderr: string };

describeDocker('attacks on jobs, each through the tools that everybody has', () => {
  let ops: OpsServer;
  let engine: TestEngine;
  let token: string;
  /** Of the machine; nothing may come to it or out of it. */
  let victim: string;
  beforeAll(async () => {
    [ops, engine] = await Promise.all([startOpsServer(undefined, ['--ops-max-artifact-mb', '32']), createTestEngine()]);
    token = (await ops.token('attacker', ['ops:read', 'ops:write', 'ops:destroy'])).secret;
    victim = makeTempDir('victim');
    writeFileSync(path.join(victim, 'kept'), 'of the machine');
  });
  afterAll(async () => {
    await engine?.close();
    await ops?.stop();
    if (victim) rmSync(victim, { recursive: true, force: true });
  });

  const untouched = () =>
    expect(readdirSync(victim).map((name) => [name, readFileSync(path.join(victim, name), 'utf8')])).toEqual([
      ['kept', 'of the machine'],
    ]);

  const outputs = (run: { steps: Step[] }) => run.steps.map(({ stdout }) => stdout.trim());

  test('artifacts that are links, or that come to lie behind one, lead nowhere', async () => {
    const run = await ops.run(
      [
        // OrcaOps wrote the file of the second through the link of the first.
        `ln -s ${victim} out; ln -s ${victim}/kept file; ln -s /etc/passwd passwd; ln -s / root; ln -s ../../../.. up`,
        'mkdir -p real/out; echo escaped > real/out/file; ln real/out/file hard; mkfifo fifo; ln -s loop loop',
        'touch "$(printf "a\\nb")" ./... ./-rf "$(printf "c\\\\d")"; mkdir "..x"; echo fine > ..x/fine',
      ],
      { artifacts: ['**', 'out', 'out/kept', 'out/file', 'root/etc/shadow', 'up/etc/hostname', 'real/out/**'] },
    );
    expect(run.status).toBe('success');
    const names = run.artifacts.map(({ name }: { name: string }) => name);
    expect([...names].sort()).toEqual(['-rf', '...', '..x/fine', 'hard']);
    // Of two hard links one is a file and the other a link to it.
    expect(run.artifact_problems).toEqual(
      expect.arrayContaining([
        ...['out', 'file', 'passwd', 'root', 'up', 'loop'].map((name) => ({ name, reason: 'symlink' })),
        { name: 'fifo', reason: 'not_a_file' },
      ]),
    );
    for (const filename of ['out', 'out/kept', 'passwd', 'root/etc/passwd']) {
      expect(await ops.fails('orcaops_get_artifact', { job_id: run.job_id, filename })).toMatchObject({
        code: 'ARTIFACT_NOT_FOUND',
      });
    }
    untouched();
  });

  test('ids and names that lead elsewhere', async () => {
    const { job_id } = await ops.run(['echo kept > kept'], { artifacts: ['kept'] });
    const dirs = path.relative('/', victim);
    const ids = ['..', '../victim', `../../../../${dirs}`, `/${dirs}`, '.', 'a/b', 'a\\b', '%2e%2e', 'x\u0000y', 'x y'];
    for (const id of ids) {
      for (const name of ['get_job_status', 'get_job_logs', 'list_artifacts', 'cancel_job', 'get_run', 'delete_run']) {
        const { code } = await ops.fails(`orcaops_${name}`, { job_id: id }, token);
        expect({ name, id, code }).toEqual({
          name,
          id,
          code: expect.stringMatching(/^(JOB_NOT_FOUND|RUN_NOT_FOUND|VALIDATION_FAILED|BAD_REQUEST)$/),
        });
      }
      expect(await ops.fails('orcaops_get_artifact', { job_id: id, filename: 'kept' })).toMatchObject({
        code: expect.stringMatching(/^(JOB_NOT_FOUND|VALIDATION_FAILED|BAD_REQUEST)$/),
      });
      expect(await ops.fails('orcaops_submit_job', { image: 'x', commands: ['true'], job_id: id })).toMatchObject({
        code: expect.stringMatching(/^(VALIDATION_FAILED|BAD_REQUEST)$/),
      });
    }
    const outside = [
      '..',
      '../kept',
      '/etc/passwd',
      `/work/../${dirs}/kept`,
      'a/../../kept',
      './../kept',
      'a\\..\\kept',
    ];
    for (const filename of outside) {
      expect(await ops.fails('orcaops_get_artifact', { job_id, filename })).toMatchObject({ code: 'INVALID_PATH' });
      const job = { image: 'x', commands: ['true'] };
      expect(await ops.fails('orcaops_submit_job', { ...job, artifacts: [filename] })).toMatchObject({
        code: 'INVALID_PATH',
      });
      expect(
        await ops.fails('orcaops_submit_job', { ...job, input_files: [{ path: filename, text: 'x' }] }),
      ).toMatchObject({ code: 'INVALID_PATH' });
    }
    untouched();
  });

  test('what would open the machine cannot be asked for', async () => {
    const job = { image: 'tutti-test/busybox', commands: ['true'] };
    const asked: object[] = [
      { privileged: true },
      { HostConfig: { Privileged: true } },
      { volumes: ['/:/host'] },
      { binds: ['/var/run/docker.sock:/var/run/docker.sock'] },
      { mounts: [{ type: 'bind', source: '/', target: '/host' }] },
      { volume_driver: 'local', driver_opts: { type: 'none', o: 'bind', device: '/' } },
      { pid_mode: 'host' },
      { ipc_mode: 'host' },
      { uts_mode: 'host' },
      { userns_mode: 'host' },
      { cgroupns_mode: 'host' },
      { network_mode: 'host' },
      { network_mode: 'container:tutti-x' },
      { network: 'host' },
      { network: 'bridge' },
      { network: 'container:tutti-x' },
      { network: '' },
      { devices: ['/dev/kmsg'] },
      { cap_add: ['SYS_ADMIN'] },
      { security_opt: ['seccomp=unconfined'] },
      { user: '0:0' },
      { runtime: 'other' },
      { resources: { memory_mb: -1 } },
      { resources: { memory_mb: 256, memory_swap: -1 } },
      { resources: { cpus: 0 } },
      { resources: { pids: -1 } },
      { timeout: 0 },
      { image: '--privileged' },
      { image: '../../etc' },
      { image: 'x;reboot' },
      { env: { 'A=B': 'x' } },
      { env: { 'a;b': 'x' } },
      { commands: [] },
    ];
    for (const more of asked) {
      const refused = await ops.fails('orcaops_submit_job', { ...job, ...more }, token);
      expect({ more, code: refused.code }).toEqual({ more, code: 'VALIDATION_FAILED' });
    }
    expect(await ops.fails('orcaops_submit_job', { ...job, network: 'egress' }, token)).toMatchObject({
      code: 'NETWORK_NOT_ALLOWED',
    });
    expect((await ops.ok('orcaops_list_jobs', {}, token)).jobs).toEqual([]);
  });

  test('from inside there is no engine, no host, no other process, and no word to the shell around', async () => {
    const run = await ops.run(
      [
        'ls /var/run/docker.sock /run/docker.sock 2>/dev/null; env | grep -ci -e docker -e tutti -e postgres; true',
        `ls ${victim} 2>/dev/null; grep -c "${path.basename(victim)}" /proc/mounts; true`,
        'grep -c "^Cap.*0000000000000000" /proc/self/status; id -u',
        'for p in /proc/[0-9]*; do cat $p/comm; done 2>/dev/null | sort -u | tr "\\n" " "',
        // The lines that park and end the shell, as text, on stdin, and over the shell's own standard input.
        "printf '%s\\n' '!end' '!new' '!go 1'; cat; echo '!end' > /proc/1/fd/0 2>/dev/null; echo still here",
        "echo 'a\n!end\n!go 0\n+rm -rf /\nb'",
      ],
      { env: { QUOTED: "'; touch /work/broken; '", LINES: 'x\n!end\n', DOLLAR: '$(touch /work/broken)' } },
    );
    const [sockets, host, powers, processes, lines, text] = outputs(run);
    expect({ status: run.status, sockets, host }).toEqual({ status: 'success', sockets: '0', host: '0' });
    expect(powers).toMatch(/^5\n[1-9]\d{4,}$/);
    expect(processes).not.toMatch(/dockerd|containerd|node|postgres|tutti/);
    expect(lines).toBe('!end\n!new\n!go 1\nstill here');
    expect(text).toBe('a\n!end\n!go 0\n+rm -rf /\nb');
    const quoted = await ops.run(['printf "%s|%s|%s" "$QUOTED" "$LINES" "$DOLLAR"; ls'], {
      env: { QUOTED: "'; touch /work/broken; '", LINES: 'x\n!end\n', DOLLAR: '$(touch /work/broken)' },
    });
    expect(quoted.steps[0].stdout).toBe("'; touch /work/broken; '|x\n!end\n|$(touch /work/broken)");
    untouched();
  });

  test('bombs of processes and of memory end by themselves, while other jobs run', async () => {
    const { job_id: forks } = await ops.submit(['bomb() { bomb | bomb & }; bomb; sleep 600'], { timeout: 6 });
    const { job_id: memory } = await ops.submit(['x=$(yes | tr -d "\\n" | head -c 400000000); echo survived'], {
      resources: { memory_mb: 32, work_mb: 16 },
    });
    const beside = await ops.run(['echo beside']);
    expect(beside).toMatchObject({ status: 'success', steps: [{ stdout: 'beside\n' }] });
    expect(await ops.ended(memory)).toMatchObject({ status: 'failed' });
    expect(await ops.ended(forks)).toMatchObject({ status: expect.stringMatching(/^(failed|timed_out)$/) });
    expect((await ops.ok('orcaops_get_job_logs', { job_id: memory })).steps[0]?.stdout).not.toContain('survived');
    await expect.poll(() => leftOf([forks, memory]), { timeout: 30_000 }).toEqual([]);
  });

  /** Containers that some jobs still have. */
  async function leftOf(jobs: readonly string[]): Promise<string[]> {
    const { containers } = await ops.ok('orcaops_list_containers', { all: true, limit: 200 });
    return containers.map(({ job_id }: { job_id: string }) => job_id).filter((id: string) => jobs.includes(id));
  }

  test('a file of 20 GB, a disk that is full, and 64 MB of output cost what the limits say', async () => {
    const run = await ops.run(
      [
        // No file may be longer than all of /work, holes included.
        'truncate -s 20G sparse; dd if=/dev/zero of=sparse bs=1 count=0 seek=20G; ls -l sparse | tr -s " " | cut -d" " -f5',
        'truncate -s 40M holes',
        'dd if=/dev/zero of=full bs=1M count=200 2>&1 | tail -n 1; rm -f full; echo small > small',
        'yes 0123456789abcdef | head -c 67108864',
      ],
      { artifacts: ['sparse', 'holes', 'small'], timeout: 120 },
    );
    expect(run.artifacts.map(({ name }: { name: string }) => name)).toEqual(['small', 'sparse']);
    expect(run.steps[0].stdout).toBe('0\n');
    expect(run.artifact_problems).toEqual([{ name: 'holes', reason: 'too_large' }]);
    expect(run.steps.at(-1).stdout_cut_bytes).toBeGreaterThan(67_000_000);
    const logs = await ops.ok('orcaops_get_job_logs', { job_id: run.job_id });
    const { stdout, stdout_cut_bytes } = logs.steps.at(-1);
    expect(stdout).toMatch(/^0123456789abcdef\n.*bytes left out.*cdef\n0123456789abcdef\n/s);
    expect(stdout.length).toBeLessThan(70_000);
    expect(stdout_cut_bytes).toBeGreaterThan(67_000_000);
  });

  test('a secret that a job prints is in no answer, no event and no log', async () => {
    const secret = 'Correct-Horse-Battery-9';
    const run = await ops.run(
      [
        'echo "$MY_TOKEN"; echo "$MY_TOKEN" >&2; printf %s "$MY_TOKEN" | base64; printf %s "$MY_TOKEN" | od -An -tx1 | tr -d " \\n"',
        'printf "%s" "$(echo "$MY_TOKEN" | cut -c1-7)"; sleep 1; echo "$MY_TOKEN" | cut -c8-',
        'i=1; while [ $i -le 23 ]; do printf %s "$(echo "$MY_TOKEN" | cut -c$i)"; i=$((i+1)); done; exit 3',
      ],
      { env: { MY_TOKEN: secret }, job_id: 'leaky' },
    );
    expect(run).toMatchObject({ status: 'failed', error: { code: 'COMMAND_FAILED' } });
    const { events } = await ops.ok('poll_events', { kinds: ['ops.log'], page_size: 200 }).then((answer) => ({
      events: JSON.stringify(answer),
    }));
    const logs = await ops.ok('orcaops_get_job_logs', { job_id: 'leaky' });
    expect(outputs(logs).join('')).toContain('[redacted]');
    const forms = [secret, secret.slice(2, 20), Buffer.from(secret).toString('base64').slice(0, 24)];
    for (const form of [...forms, Buffer.from(secret).toString('hex')]) {
      for (const text of [JSON.stringify(run), JSON.stringify(logs), events]) expect(text).not.toContain(form);
    }
  });
});
