import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { installationId } from '../../src/capabilities/ops/engines/store.ts';
import type { SandboxKit } from './sandbox-kit.ts';
import { leftOf } from './sandboxes.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** The life of sandboxes, as it is with every compose. */
export function testLife(kit: SandboxKit): void {
  const { create, start, stop, remove, exec, show, urlOf, wait_s } = kit;

  test('from template to end: made, started, used, stopped, deleted, and nothing is left', async () => {
    expect(await create('life', 'pair', { parameters: { GREETING: 'Salut' } })).toMatchObject({
      status: 'created',
      path: path.join(kit.ops.dataDir, 'ops/sandboxes/life'),
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
    await kit.ops.ok('orcaops_put_sandbox_files', { name: 'life', service: 'web', directory: '/data', files });
    expect(await exec('life', 'cat /data/a/in.txt; /data/run.sh')).toMatchObject({
      exit_code: 0,
      stdout: 'givenran\n',
    });
    expect(await exec('life', 'cat /data/a/in.txt > /data/out; echo oops >&2; exit 3')).toMatchObject({
      exit_code: 3,
      stderr: 'oops\n',
    });
    const read = await kit.ops.ok('orcaops_get_sandbox_file', { name: 'life', service: 'web', path: '/data/out' });
    expect(read).toMatchObject({ encoding: 'text', content: 'given', size_bytes: 5, untrusted: true });
    const piece = { name: 'life', service: 'web', path: '/bin/busybox', offset: 100, max_bytes: 16 };
    expect(await kit.ops.ok('orcaops_get_sandbox_file', piece)).toMatchObject({ encoding: 'base64', next_offset: 116 });

    expect(await stop('life')).toMatchObject({ status: 'stopped' });
    expect(await leftOf(kit.ops)).toEqual({ containers: 0, networks: 0, volumes: 1 });
    await start('life');
    expect(await exec('life', 'cat /data/out')).toMatchObject({ stdout: 'given' });
    await stop('life', true);
    expect(await leftOf(kit.ops)).toEqual({ containers: 0, networks: 0, volumes: 0 });
    expect(await remove('life')).toMatchObject({ status: 'deleted' });
    expect(await kit.ops.fails('orcaops_get_sandbox', { name: 'life' })).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
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
    const mine = ['io.tutti.kind=sandbox', `io.tutti.server=${await installationId(kit.ops.database.db, () => '')}`];
    const filters = { label: ['com.docker.compose.service=web', ...mine] };
    const found = (await kit.engine.docker.listContainers({ filters })).find(({ Names }) =>
      Names.join().includes('web'),
    );
    const { HostConfig, Mounts } = await kit.engine.docker.getContainer(found?.Id ?? '').inspect();
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
    // The generations of compose ask for it in different ways.
    expect(Mounts.map(({ Type, Name, Destination, RW }) => [Type, Name, Destination, RW])).toEqual([
      ['volume', expect.stringMatching(/^tutti-sbx-[a-z0-9]+_data$/), '/data', true],
    ]);
    const [network] = await kit.engine.docker.listNetworks({ filters: { label: mine } });
    expect(network?.Options).toEqual({
      'com.docker.network.bridge.enable_ip_masquerade': 'false',
      'com.docker.network.bridge.name': expect.stringMatching(/^tutti-[0-9a-f]{9}$/),
    });
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
    const [secret = '', other] = ['twin-a', 'twin-b'].map((name) =>
      readFileSync(path.join(kit.ops.dataDir, 'ops/sandboxes', name, '.env'), 'utf8')
        .trim()
        .slice(6),
    );
    expect(secret).toMatch(/^[0-9a-f]{36}$/);
    expect(secret).not.toBe(other);
    const shown = await exec('twin-a', 'echo $TOKEN; echo -n $TOKEN | base64; echo $TOKEN | wc -c');
    expect(shown.stdout).toMatch(/^\[redacted\]\n.*\[redacted\].*\n37\n$/);
    const logs = await kit.ops.ok('orcaops_get_sandbox_logs', { name: 'twin-a', service: 'web' });
    expect(logs).toMatchObject({ logs: 'token [redacted]\n', state: 'running', untrusted: true });
    const { rows } = await sql<{ all: string }>`
      select (select json_agg(s)::text from ops_sandboxes s) || (select json_agg(j)::text from jobs j)
        || (select json_agg(e)::text from events e) as all`.execute(kit.ops.database.db);
    expect(rows[0]?.all).toContain('twin-a');
    expect(rows[0]?.all).not.toContain(secret);
    // Each is ended by itself.
    await remove('twin-a');
    expect(await (await fetch(urlOf(b))).text()).toBe('hello\n');
    await remove('twin-b');
  });

  test('one that hangs is killed when it is canceled, or its time is over', async () => {
    await create('hangs', 'never-well');
    const begun = await kit.ops.ok('orcaops_start_sandbox', { name: 'hangs', wait_s: 0 });
    // The second generation makes all containers before it starts the first one.
    const services = async () => (await show('hangs')).services.map(({ state = 'created' }: Body) => state);
    await expect.poll(services, { timeout: 30_000 }).toEqual(['running', 'created']);
    await kit.ops.ok('cancel_job', { job_id: begun.job_id });
    await expect.poll(async () => (await show('hangs')).status, { timeout: 30_000 }).toBe('failed');
    expect(await show('hangs')).toMatchObject({ error: { code: 'CANCELED' } });
    await sql`create or replace function soon() returns trigger language plpgsql as
      $$ begin new.timeout_s := 2; return new; end $$`.execute(kit.ops.database.db);
    await sql`create trigger soon before insert on jobs for each row execute function soon()`.execute(
      kit.ops.database.db,
    );
    const late = await kit.ops.fails('orcaops_start_sandbox', { name: 'hangs', wait_s });
    await sql`drop trigger soon on jobs`.execute(kit.ops.database.db);
    expect(late).toMatchObject({ code: 'TIMEOUT', status: 504, retryable: true });
    expect(await show('hangs')).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
    // Nothing of compose goes on with it: the second service never begins.
    await exec('hangs', 'touch /well', { service: 'a' });
    await sleep(2500);
    expect(await services()).toEqual(['running', 'created']);
    await remove('hangs');
  });
}
