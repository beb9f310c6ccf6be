import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wallRule } from '../../src/capabilities/ops/docker/networks.ts';
import { installationId } from '../../src/capabilities/ops/engines/store.ts';
import { readSettings } from '../../src/core/settings.ts';
import { checkWalls } from '../../src/doctor-walls.ts';
import { busybox } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { describeSandboxes } from '../support/sandbox-kit.ts';
import { leftOf } from '../support/sandboxes.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeSandboxes('the walls of sandboxes', (kit) => {
  const { create, start, remove, exec, wait_s } = kit;

  describe('what listens on every address of the machine', () => {
    let machine: Server;
    let port: number;
    beforeAll(async () => {
      machine = createServer((socket) => socket.on('error', () => undefined).end('machine\n')).listen(0, '0.0.0.0');
      await once(machine, 'listening');
      port = (machine.address() as AddressInfo).port;
    });
    afterAll(() => void machine.close());
    const ask = async (name: string, address: string) =>
      (await exec(name, `nc -w 2 ${address} ${port} </dev/null 2>/dev/null; true`)).stdout;
    const bridge = async (name: string) =>
      /src (\S+)\.\d+\s/.exec((await exec(name, 'ip route')).stdout)?.[1]?.concat('.1') ?? '';
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one?.family === 'IPv4' && !one.internal)
      .map((one) => one?.address ?? '');

    test('is not reached by services without ports, which find each other', async () => {
      await create('sealed', 'inner');
      await start('sealed');
      for (const address of [await bridge('sealed'), ...others]) expect(await ask('sealed', address)).toBe('');
      expect((await exec('sealed', 'nc -w 2 side 80 </dev/null && echo open')).stdout).toContain('open');
    }, 120_000);

    test('is reached by those with ports at the address of their bridge alone, and with one rule not there either', async () => {
      await create('ported');
      await start('ported');
      const own = await bridge('ported');
      // Or the rest would say nothing.
      expect(await ask('ported', own)).toBe('machine\n');
      expect(others.length).toBeGreaterThan(0);
      for (const address of [...others, '169.254.169.254']) expect(await ask('ported', address)).toBe('');
      const [program, ...rule] = wallRule.split(' ');
      const iptables = (args: string[]) => execFileSync(program ?? '', args);
      const settings = readSettings(['--ops-docker-host', dockerHost], {});
      expect(await checkWalls(settings)).toMatchObject({
        state: 'warn',
        suggestion: expect.stringContaining(wallRule),
      });
      iptables(rule);
      try {
        expect(await checkWalls(settings)).toMatchObject({ state: 'ok' });
        expect(await ask('ported', own)).toBe('');
        expect(await (await fetch(kit.urlOf(await kit.show('ported')))).text()).toBe('hello\n');
        expect((await exec('ported', 'nslookup side')).exit_code).toBe(0);
      } finally {
        iptables(rule.map((word) => (word === '-I' ? '-D' : word)));
      }
    }, 120_000);
  });

  test('others see nothing of it, and a writer does not remove volumes', async () => {
    await create('mine');
    const { secret: other } = await kit.ops.token('other', ['writer', 'ops:destroy']);
    const { secret: writer } = await kit.ops.token('writer', ['writer']);
    for (const name of ['get', 'start', 'stop', 'delete', 'snapshot'])
      expect(await kit.ops.fails(`orcaops_${name}_sandbox`, { name: 'mine' }, other)).toMatchObject({
        code: 'SANDBOX_NOT_FOUND',
      });
    for (const name of ['get_sandbox_logs', 'exec_sandbox', 'get_sandbox_file']) {
      const input = {
        name: 'mine',
        ...(name === 'exec_sandbox' && { command: 'id' }),
        ...(name === 'get_sandbox_file' && { path: '/x' }),
      };
      expect(await kit.ops.fails(`orcaops_${name}`, input, other)).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
    }
    expect((await kit.ops.ok('orcaops_list_sandboxes', {}, other)).sandboxes).toEqual([]);
    const of = { name: 'theirs', template: 'pair', wait_s };
    await kit.ops.ok('orcaops_create_sandbox', of, writer);
    const stopAll = { name: 'theirs', volumes: true };
    expect(await kit.ops.fails('orcaops_stop_sandbox', stopAll, writer)).toMatchObject({ code: 'FORBIDDEN' });
    const pages: string[] = [];
    for (let page: string | undefined; ; ) {
      const answer = await kit.ops.ok('orcaops_list_sandboxes', { limit: 1, validate: true, ...(page && { page }) });
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
    const installation = await installationId(kit.ops.database.db, () => '');
    const [own] = await kit.engine.docker.listContainers({
      filters: { label: ['com.docker.compose.service=side', `io.tutti.server=${installation}`] },
    });
    const { 'com.docker.compose.project': project = '', 'io.tutti.sandbox': sandbox = '' } = own?.Labels ?? {};
    const foreign = async (Labels: Record<string, string>) => {
      const made = await kit.engine.docker.createContainer({ Image: busybox, Cmd: ['sleep', '1000'], Labels });
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
    await kit.engine.docker.createVolume({ Name: volume, Labels: { 'com.docker.compose.project': project } });
    try {
      await remove('near');
      expect(await leftOf(kit.ops)).toEqual({ containers: 1, networks: 0, volumes: 0 });
      for (const one of kept) expect((await one.inspect()).State.Running).toBe(true);
      await kit.engine.docker.getVolume(volume).inspect();
    } finally {
      await Promise.all(kept.map((one) => one.remove({ force: true })));
      await kit.engine.docker.getVolume(volume).remove();
    }
  });
});
