import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../src/capabilities/ops/docker/client.ts';
import { installationId } from '../../src/capabilities/ops/engines/store.ts';
import { labelsOf, projectOf } from '../../src/capabilities/ops/sandboxes/marks.ts';
import { newId } from '../../src/core/ids.ts';
import { busybox, describeDocker } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';
import { leftOf, makeTemplates } from '../support/sandboxes.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeDocker('sandboxes', () => {
  let ops: OpsServer;
  let engine: Engine;
  let templates: string;
  beforeAll(async () => {
    templates = makeTemplates();
    ops = await startOpsServer(dockerHost, ['--ops-templates-dir', templates]);
    engine = await createEngine(dockerHost);
  });
  // What a test that failed left, so that it fails alone.
  afterEach(async () => {
    for (const { name } of (await ops.ok('orcaops_list_sandboxes')).sandboxes)
      await ops.ok('orcaops_delete_sandbox', { name, snapshots: true, wait_s: 40 });
  });
  afterAll(async () => {
    await ops?.stop();
    rmSync(templates, { recursive: true, force: true });
  });

  const wait_s = 40;
  const create = (name: string, template = 'pair', more = {}) =>
    ops.ok('orcaops_create_sandbox', { name, template, wait_s, ...more });
  const start = (name: string) => ops.ok('orcaops_start_sandbox', { name, wait_s });
  const stop = (name: string, volumes = false) => ops.ok('orcaops_stop_sandbox', { name, volumes, wait_s });
  const remove = (name: string) => ops.ok('orcaops_delete_sandbox', { name, snapshots: true, wait_s });
  const exec = (name: string, command: string | string[], more = {}) =>
    ops.ok('orcaops_exec_sandbox', { name, service: 'web', command, ...more });
  const show = (name: string) => ops.ok('orcaops_get_sandbox', { name });
  const urlOf = (sandbox: Body) => {
    const { host, host_port } = sandbox.services[0].ports[0];
    return `http://${host}:${host_port}/`;
  };
  const env = (name: string) => path.join(ops.dataDir, 'ops/sandboxes', name, '.env');

  test('from template to end: made, started, used, stopped, deleted, and nothing is left', async () => {
    expect(await create('life', 'pair', { parameters: { GREETING: 'Salut' } })).toMatchObject({
      status: 'created',
      path: path.join(ops.dataDir, 'ops/sandboxes/life'),
    });
    expect((await show('life')).services.map(({ name }: Body) => name)).toEqual(['web', 'side']);
    expect(await start('life')).toMatchObject({ status: 'running', action: 'start', untrusted: true });
    const running = await show('life');
    expect(running).toMatchObject({
      status: 'running',
      validation: { exists: true, has_compose: true, has_env: true },
    });
    expect(running.services.map(({ state }: Body) => state)).toEqual(['running', 'running']);
    expect(await (await fetch(urlOf(running))).text()).toBe('Salut\n');

    const files = [
      { path: 'a/in.txt', text: 'given' },
      { path: 'run.sh', text: '#!/bin/sh\necho ran', executable: true },
    ];
    await ops.ok('orcaops_put_sandbox_files', { name: 'life', service: 'web', directory: '/data', files });
    expect(await exec('life', 'cat /data/a/in.txt; /data/run.sh')).toMatchObject({
      exit_code: 0,
      stdout: 'givenran\n',
    });
    expect(await exec('life', 'cat /data/a/in.txt > /data/out; echo oops >&2; exit 3')).toMatchObject({
      exit_code: 3,
      stderr: 'oops\n',
    });
    const read = await ops.ok('orcaops_get_sandbox_file', { name: 'life', service: 'web', path: '/data/out' });
    expect(read).toMatchObject({ encoding: 'text', content: 'given', size_bytes: 5, untrusted: true });
    const piece = { name: 'life', service: 'web', path: '/bin/busybox', offset: 100, max_bytes: 16 };
    expect(await ops.ok('orcaops_get_sandbox_file', piece)).toMatchObject({ encoding: 'base64', next_offset: 116 });

    expect(await stop('life')).toMatchObject({ status: 'stopped' });
    expect(await leftOf(ops)).toEqual({ containers: 0, networks: 0, volumes: 1 });
    await start('life');
    expect(await exec('life', 'cat /data/out')).toMatchObject({ stdout: 'given' });
    await stop('life', true);
    expect(await leftOf(ops)).toEqual({ containers: 0, networks: 0, volumes: 0 });
    expect(await remove('life')).toMatchObject({ status: 'deleted' });
    expect(await ops.fails('orcaops_get_sandbox', { name: 'life' })).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
  });

  test('what runs is walled in', async () => {
    await create('walls');
    await start('walls');
    const inside = await exec(
      'walls',
      'grep -E "Cap(Eff|Bnd)|NoNewPrivs" /proc/1/status; id -u; mount -t tmpfs none /mnt 2>&1 | head -c 20; ulimit -c; ls /proc/1/root/host 2>&1',
    );
    expect(inside.stdout).toMatch(/CapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1/);
    expect(await exec('walls', 'id; touch /x', { service: 'side' })).toMatchObject({
      exit_code: 1,
      stdout: 'uid=1234 gid=1234 groups=1234\n',
    });
    const filters = { label: ['com.docker.compose.service=web', 'io.tutti.kind=sandbox'] };
    const found = (await engine.docker.listContainers({ filters })).find(({ Names }) => Names.join().includes('web'));
    const { HostConfig, Config } = await engine.docker.getContainer(found?.Id ?? '').inspect();
    expect(HostConfig).toMatchObject({
      Privileged: false,
      CapDrop: ['ALL'],
      CapAdd: null,
      SecurityOpt: ['no-new-privileges:true'],
      Memory: 64 * 2 ** 20,
      MemorySwap: 64 * 2 ** 20,
      PidsLimit: 40,
      NanoCpus: 1e9,
      Init: true,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'local' },
      PidMode: '',
      IpcMode: 'private',
    });
    expect(HostConfig.Binds).toEqual([expect.stringMatching(/^tutti-sbx-[a-z0-9]+_data:\/data:rw$/)]);
    expect(Config.Labels).toMatchObject({ 'io.tutti.server': await installationId(ops.database.db, () => '') });
    const [network] = await engine.docker.listNetworks({ filters: { label: ['io.tutti.kind=sandbox'] } });
    expect(network?.Options).toEqual({ 'com.docker.network.bridge.enable_ip_masquerade': 'false' });
    expect(HostConfig.Dns).toEqual(['127.0.0.1']);
    // Services find each other; nobody else is found.
    expect((await exec('walls', 'nslookup side')).stdout).toMatch(/Name:\s+side\nAddress: \d/);
    expect((await exec('walls', 'nslookup example.com')).exit_code).toBe(1);
    await remove('walls');
  });

  test('generated values are of each sandbox alone, and nobody reads them', async () => {
    await Promise.all([create('twin-a'), create('twin-b')]);
    await Promise.all([start('twin-a'), start('twin-b')]);
    const [a, b] = await Promise.all([show('twin-a'), show('twin-b')]);
    expect(urlOf(a)).not.toBe(urlOf(b));
    for (const one of [a, b]) expect(await (await fetch(urlOf(one))).text()).toBe('hello\n');
    const { readFileSync } = await import('node:fs');
    const [secret = '', other] = ['twin-a', 'twin-b'].map((name) => readFileSync(env(name), 'utf8').trim().slice(6));
    expect(secret).toMatch(/^[0-9a-f]{36}$/);
    expect(secret).not.toBe(other);
    const shown = await exec('twin-a', 'echo $TOKEN; echo -n $TOKEN | base64; echo $TOKEN | wc -c');
    expect(shown.stdout).toMatch(/^\[redacted\]\n.*\[redacted\].*\n37\n$/);
    const logs = await ops.ok('orcaops_get_sandbox_logs', { name: 'twin-a', service: 'web' });
    expect(logs).toMatchObject({ logs: 'token [redacted]\n', state: 'running', untrusted: true });
    const { rows } = await sql<{ all: string }>`
      select (select json_agg(s)::text from ops_sandboxes s) || (select json_agg(j)::text from jobs j)
        || (select json_agg(e)::text from events e) as all`.execute(ops.database.db);
    expect(rows[0]?.all).toContain('twin-a');
    expect(rows[0]?.all).not.toContain(secret);
    // Each is ended by itself.
    await remove('twin-a');
    expect(await (await fetch(urlOf(b))).text()).toBe('hello\n');
    await remove('twin-b');
  });

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
    const which = await ops.fails('orcaops_exec_sandbox', { name: 'exec', command: 'id' });
    expect(which).toMatchObject({ code: 'SERVICE_NOT_FOUND', details: { services: ['web', 'side'] } });
    await remove('exec');
    await create('bare', 'bare');
    await start('bare');
    const bare = { name: 'bare', command: ['/bin/sleep', '100'], timeout_s: 0.5 };
    expect(await ops.ok('orcaops_exec_sandbox', bare)).toMatchObject({ timed_out: true, killed: false });
    await stop('bare');
    expect(await ops.fails('orcaops_exec_sandbox', bare)).toMatchObject({ code: 'SANDBOX_NOT_RUNNING' });
    await remove('bare');
  });

  test('files: no link is followed, nothing outside is written', async () => {
    await create('files');
    await start('files');
    await exec('files', 'ln -s /etc/passwd /data/link; ln -s /etc /data/up; mkdir /data/dir; mkfifo /data/pipe');
    const read = (file: string) => ops.fails('orcaops_get_sandbox_file', { name: 'files', service: 'web', path: file });
    for (const file of ['/data/link', '/data/dir', '/data/pipe', '/data/none', '/'])
      expect({ file, ...(await read(file)) }).toMatchObject({ file, code: 'FILE_NOT_FOUND' });
    const put = (directory: string, file: string) =>
      ops.fails('orcaops_put_sandbox_files', {
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
    const taken = await ops.ok('orcaops_snapshot_sandbox', { name: 'snap', service: 'web', note: 'first', wait_s });
    expect(taken).toMatchObject({ name: 'snap', service: 'web', note: 'first', size_bytes: expect.any(Number) });
    const run = await ops.ok('orcaops_run_job', {
      image: taken.image,
      commands: ['cat /opt-file', 'echo "[$TOKEN]"'],
      wait_s,
    });
    expect(run.steps.map(({ stdout }: Body) => stdout)).toEqual(['installed\n', '[]\n']);
    const { Config } = await engine.docker.getImage(taken.image).inspect();
    const marks = Object.entries(Config.Labels ?? {}).filter(([, value]) => value !== '');
    expect(marks).toEqual([['io.tutti.snapshot', taken.snapshot_id]]);
    expect(await show('snap')).toMatchObject({ status: 'running' });
    const { snapshots } = await ops.ok('orcaops_list_snapshots', { name: 'snap' });
    expect(snapshots.map(({ image }: Body) => image)).toEqual([taken.image]);
    await ops.ok('orcaops_delete_snapshot', { snapshot_id: taken.snapshot_id });
    await expect(engine.docker.getImage(taken.image).inspect()).rejects.toMatchObject({ statusCode: 404 });
    const gone = await ops.fails('orcaops_delete_snapshot', { snapshot_id: taken.snapshot_id });
    expect(gone).toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    await remove('snap');
  });

  test('what goes wrong is told with its own code', async () => {
    const asked = (template: string, more = {}) =>
      ops.fails('orcaops_create_sandbox', { name: 'wrong', template, wait_s, ...more });
    const hostile = await asked('hostile');
    expect(hostile).toMatchObject({ code: 'INVALID_TEMPLATE', status: 422 });
    expect(hostile.details.issues.map((issue: Body) => issue.path)).toContain('services.a.privileged');
    expect(await asked('none')).toMatchObject({ code: 'INVALID_TEMPLATE' });
    expect(await asked('../pair')).toMatchObject({ code: 'INVALID_TEMPLATE' });
    expect(await asked('pair', { parameters: { NO: 'x' } })).toMatchObject({ code: 'INVALID_TEMPLATE' });
    for (const bad of ['$(id)', 'a b', '$TOKEN', 'x:/y', ''])
      expect(await asked('pair', { parameters: { GREETING: bad } })).toMatchObject({ code: 'VALIDATION_FAILED' });
    for (const directory of ['../x', '/tmp/x', 'a/b', '.', '..'])
      expect(await asked('pair', { directory })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await asked('pair', { ttl_s: 31_536_000 })).toMatchObject({ code: 'LIMIT_EXCEEDED' });

    await create('wrong', 'no-start', { directory: './elsewhere' });
    expect(await show('wrong')).toMatchObject({ path: path.join(ops.dataDir, 'ops/sandboxes/elsewhere') });
    expect(await asked('pair')).toMatchObject({ code: 'SANDBOX_EXISTS', status: 409 });
    expect(
      await ops.fails('orcaops_create_sandbox', { name: 'two', directory: 'elsewhere', template: 'pair' }),
    ).toMatchObject({
      code: 'SANDBOX_EXISTS',
    });
    const failed = await ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s });
    expect(failed).toMatchObject({ code: 'START_FAILED', details: { output: { untrusted: true, source: 'compose' } } });
    expect(failed.details.output.text).toContain('not a directory');
    expect(await show('wrong')).toMatchObject({ status: 'failed', error: { code: 'START_FAILED' } });

    writeFileSync(path.join(ops.dataDir, 'ops/sandboxes/elsewhere/compose.yml'), 'services: {a: {privileged: true}}');
    expect(await ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s })).toMatchObject({ code: 'NO_COMPOSE' });
    rmSync(path.join(ops.dataDir, 'ops/sandboxes/elsewhere'), { recursive: true });
    expect(await ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s })).toMatchObject({
      code: 'DIR_NOT_FOUND',
    });
    // It can be stopped and deleted all the same.
    expect(await stop('wrong')).toMatchObject({ status: 'stopped' });
    await remove('wrong');

    await create('wrong', 'no-command');
    expect(await ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s })).toMatchObject({
      code: 'START_FAILED',
      message: 'The service a ended with exit code 127 as it began.',
    });
    const logs = await ops.ok('orcaops_get_sandbox_logs', { name: 'wrong' });
    expect(logs).toMatchObject({ state: 'exited', logs: expect.stringContaining('/nonexistent') });
    await remove('wrong');

    await create('wrong', 'no-image');
    const image = await ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s });
    expect(image.code).toMatch(/^IMAGE_/);
    await remove('wrong');
    for (const name of ['start', 'stop', 'delete'])
      expect(await ops.fails(`orcaops_${name}_sandbox`, { name: 'wrong' })).toMatchObject({
        code: 'SANDBOX_NOT_FOUND',
      });
    expect(await ops.fails('orcaops_get_template', { template_id: 'none' })).toMatchObject({
      code: 'TEMPLATE_NOT_FOUND',
    });
    const { templates: listed, unusable } = await ops.ok('orcaops_list_templates');
    expect(listed.map(({ template_id }: Body) => template_id)).toContain('pair');
    expect(unusable).toEqual([{ template_id: 'hostile', message: expect.any(String) }]);
  });

  test('one at a time works on a sandbox, and an idempotency key makes one of two calls', async () => {
    const call = { name: 'once', template: 'slow', wait_s, idempotency_key: 'k' };
    const [one, two] = await Promise.all([
      ops.ok('orcaops_create_sandbox', call),
      ops.ok('orcaops_create_sandbox', call),
    ]);
    expect(two.job_id).toBe(one.job_id);
    const begun = await ops.ok('orcaops_start_sandbox', { name: 'once', wait_s: 0 });
    expect(begun).toMatchObject({ status: 'starting' });
    expect(await ops.fails('orcaops_stop_sandbox', { name: 'once' })).toMatchObject({ code: 'CONFLICT' });
    const job = await ops.ok('job_status', { job_id: begun.job_id });
    expect(job).toMatchObject({ kind: 'ops.sandbox', metadata: { sandbox: 'once', action: 'start' } });
    while ((await show('once')).status === 'starting') await sleep(100);
    expect(await show('once')).toMatchObject({ status: 'running' });
    // What runs is left as it is.
    const ids = (body: Body) => body.services.map(({ container_id }: Body) => container_id);
    const before = ids(await show('once'));
    await start('once');
    expect(ids(await show('once'))).toEqual(before);
    await remove('once');
  });

  test('one that hangs is killed when it is canceled, or its time is over', async () => {
    await create('hangs', 'never-well');
    const begun = await ops.ok('orcaops_start_sandbox', { name: 'hangs', wait_s: 0 });
    const services = async () => (await show('hangs')).services.map(({ state }: Body) => state ?? '');
    await expect.poll(services, { timeout: 30_000 }).toEqual(['running', '']);
    await ops.ok('cancel_job', { job_id: begun.job_id });
    await expect.poll(async () => (await show('hangs')).status, { timeout: 30_000 }).toBe('failed');
    expect(await show('hangs')).toMatchObject({ error: { code: 'CANCELED' } });
    await sql`create or replace function soon() returns trigger language plpgsql as
      $$ begin new.timeout_s := 2; return new; end $$`.execute(ops.database.db);
    await sql`create trigger soon before insert on jobs for each row execute function soon()`.execute(ops.database.db);
    const late = await ops.fails('orcaops_start_sandbox', { name: 'hangs', wait_s });
    await sql`drop trigger soon on jobs`.execute(ops.database.db);
    expect(late).toMatchObject({ code: 'TIMEOUT', status: 504, retryable: true });
    expect(await show('hangs')).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
    // Nothing of compose goes on with it: the second service never begins.
    await exec('hangs', 'touch /well', { service: 'a' });
    await sleep(2500);
    expect(await services()).toEqual(['running', '']);
    await remove('hangs');
  });

  test('others see nothing of it, and a writer does not remove volumes', async () => {
    await create('mine');
    const { secret: other } = await ops.token('other', ['writer', 'ops:destroy']);
    const { secret: writer } = await ops.token('writer', ['writer']);
    for (const name of ['get', 'start', 'stop', 'delete', 'snapshot'])
      expect(await ops.fails(`orcaops_${name}_sandbox`, { name: 'mine' }, other)).toMatchObject({
        code: 'SANDBOX_NOT_FOUND',
      });
    for (const name of ['get_sandbox_logs', 'exec_sandbox', 'get_sandbox_file']) {
      const input = {
        name: 'mine',
        ...(name === 'exec_sandbox' && { command: 'id' }),
        ...(name === 'get_sandbox_file' && { path: '/x' }),
      };
      expect(await ops.fails(`orcaops_${name}`, input, other)).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
    }
    expect((await ops.ok('orcaops_list_sandboxes', {}, other)).sandboxes).toEqual([]);
    const of = { name: 'theirs', template: 'pair', wait_s };
    await ops.ok('orcaops_create_sandbox', of, writer);
    const stopAll = { name: 'theirs', volumes: true };
    expect(await ops.fails('orcaops_stop_sandbox', stopAll, writer)).toMatchObject({ code: 'FORBIDDEN' });
    const pages: string[] = [];
    for (let page: string | undefined; ; ) {
      const answer = await ops.ok('orcaops_list_sandboxes', { limit: 1, validate: true, ...(page && { page }) });
      pages.push(...answer.sandboxes.map(({ name, validation }: Body) => `${name} ${validation.exists}`));
      page = answer.next_page;
      if (!page) break;
    }
    expect(pages).toEqual(['theirs true', 'mine true']);
    await Promise.all([remove('mine'), remove('theirs')]);
  });

  test('what is not of a sandbox is left alone, whatever it is called', async () => {
    await create('near');
    await start('near');
    const installation = await installationId(ops.database.db, () => '');
    const [own] = await engine.docker.listContainers({
      filters: { label: ['com.docker.compose.service=side', `io.tutti.server=${installation}`] },
    });
    const { 'com.docker.compose.project': project = '', 'io.tutti.sandbox': sandbox = '' } = own?.Labels ?? {};
    const foreign = async (Labels: Record<string, string>) => {
      const made = await engine.docker.createContainer({ Image: busybox, Cmd: ['sleep', '1000'], Labels });
      await made.start();
      return made;
    };
    const compose = { 'com.docker.compose.project': project, 'com.docker.compose.service': 'other' };
    const kept = await Promise.all([
      foreign(compose),
      foreign({ ...compose, 'io.tutti.sandbox': sandbox }),
      foreign({ ...compose, 'io.tutti.server': 'srv_other', 'io.tutti.kind': 'sandbox', 'io.tutti.sandbox': sandbox }),
      // Of an image that was made of a container of it, which has all of its labels.
      foreign(own?.Labels ?? {}),
    ]);
    const volume = `${project}_data-of-others`;
    await engine.docker.createVolume({ Name: volume, Labels: { 'com.docker.compose.project': project } });
    try {
      await remove('near');
      expect(await leftOf(ops)).toEqual({ containers: 1, networks: 0, volumes: 0 });
      for (const one of kept) expect((await one.inspect()).State.Running).toBe(true);
      await engine.docker.getVolume(volume).inspect();
    } finally {
      await Promise.all(kept.map((one) => one.remove({ force: true })));
      await engine.docker.getVolume(volume).remove();
    }
  });

  test('one that nobody uses is stopped, one whose time is over deleted, and what is of none is ended', async () => {
    const { db } = ops.database;
    await Promise.all([create('idle'), create('old')]);
    await Promise.all([start('idle'), start('old')]);
    const installation = await installationId(db, () => '');
    const gone = newId('sbx');
    const orphan = await engine.docker.createContainer({
      name: `${projectOf(gone)}_a_1`,
      Image: busybox,
      Cmd: ['sleep', '1000'],
      Labels: {
        ...labelsOf({ server: installation, sandbox: gone }),
        'com.docker.compose.project': projectOf(gone),
      },
    });
    await orphan.start();
    await sql`update ops_sandboxes set last_used_at = now() - interval '2 hours' where name = 'idle'`.execute(db);
    await sql`update ops_sandboxes set expires_at = now() - interval '1 second' where name = 'old'`.execute(db);
    const ended = async () => {
      const { sandboxes } = await ops.ok('orcaops_list_sandboxes');
      return sandboxes.map(({ name, status }: Body) => `${name} ${status}`).join();
    };
    await expect.poll(ended, { timeout: 60_000, interval: 500 }).toBe('idle stopped');
    await expect
      .poll(() => leftOf(ops), { timeout: 30_000, interval: 500 })
      .toEqual({ containers: 0, networks: 0, volumes: 1 });
    await remove('idle');
  });
});
