import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { hasTemplateImages } from '../support/docker-host.ts';
import { describeSandboxes } from '../support/sandbox-kit.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describe.skipIf(!hasTemplateImages)('the built-in templates', () => {
  describeSandboxes('with the programs that they name', (kit) => {
    const { create, start, stop, remove, exec, show } = kit;
    const secret = (name: string, key: string) =>
      new RegExp(`^${key}=(.+)$`, 'm').exec(
        readFileSync(path.join(kit.ops.dataDir, 'ops/sandboxes', name, '.env'), 'utf8'),
      )?.[1] ?? '';
    const portOf = async (name: string, service: string): Promise<number> =>
      (await show(name)).services.find((one: Body) => one.name === service).ports[0].host_port;
    const get = (port: number) =>
      fetch(`http://127.0.0.1:${port}/`).then(
        (answer) => answer.text(),
        () => '',
      );
    const ask = async (name: string, user: string, password: string, query: string) => {
      const client = new pg.Client({
        host: '127.0.0.1',
        port: await portOf(name, 'postgres'),
        user,
        password,
        database: user,
      });
      try {
        await client.connect();
        return (await client.query(query)).rows;
      } catch (error) {
        return (error as { code?: string }).code;
      } finally {
        await client.end().catch(() => undefined);
      }
    };

    test('web-dev: nginx leads to Node.js, which takes new code at once, and PostgreSQL keeps its data', async () => {
      await create('shop', 'web-dev', { parameters: { DATABASE: 'shop' } });
      await start('shop');
      const states = (await show('shop')).services.map(({ name, state }: Body) => `${name} ${state}`);
      expect(states.sort()).toEqual(['nginx running', 'node running', 'postgres running']);
      const [nginx, node] = [await portOf('shop', 'nginx'), await portOf('shop', 'node')];
      const waits = { timeout: 40_000, interval: 300 };
      await expect.poll(() => get(nginx), waits).toBe('hello\n');
      expect(await get(node)).toBe('hello\n');
      const text = "require('http').createServer((_, out) => out.end('new\\n')).listen(3000)";
      const files = [{ path: 'server.js', text }];
      await kit.ops.ok('orcaops_put_sandbox_files', { name: 'shop', service: 'node', directory: '/home/node', files });
      await expect.poll(() => get(nginx), waits).toBe('new\n');

      const password = secret('shop', 'POSTGRES_PASSWORD');
      expect(password).toMatch(/^[0-9a-f]{36}$/);
      await expect.poll(() => ask('shop', 'shop', password, 'select 1 as one'), waits).toEqual([{ one: 1 }]);
      expect(await ask('shop', 'shop', 'postgres', 'select 1')).toBe('28P01');
      await ask('shop', 'shop', password, 'create table kept as select 7 as n');
      const inside =
        'PGPASSWORD=$POSTGRES_PASSWORD psql -h postgres -U shop -tAc "select n from kept"; echo $POSTGRES_PASSWORD';
      expect(await exec('shop', inside, { service: 'postgres' })).toMatchObject({ stdout: '7\n[redacted]\n' });
      await stop('shop');
      await start('shop');
      await expect.poll(() => ask('shop', 'shop', password, 'select n from kept'), waits).toEqual([{ n: 7 }]);
      await remove('shop');
    }, 120_000);

    test('api-testing: Node.js reaches PostgreSQL and Redis by their names, each with its own password', async () => {
      await create('api', 'api-testing');
      await start('api');
      const script = `const net = require('node:net');
        const open = (port, host) => new Promise((done, fail) => net.connect(port, host, done).on('error', fail));
        Promise.all([open(process.env.PGPORT ?? 5432, process.env.PGHOST), open(6379, new URL(process.env.REDIS_URL).hostname)])
          .then(() => { console.log('both'); process.exit(0) });`;
      await expect
        .poll(async () => (await exec('api', ['node', '-e', script], { service: 'node' })).stdout, {
          timeout: 40_000,
          interval: 500,
        })
        .toBe('both\n');
      const redis = (command: string) => exec('api', command, { service: 'redis' });
      expect((await redis('redis-cli -a "$REDIS_PASSWORD" --no-auth-warning set k v')).stdout).toBe('OK\n');
      expect((await redis('redis-cli get k')).stdout).toContain('NOAUTH');
      const [one, two] = [secret('api', 'POSTGRES_PASSWORD'), secret('api', 'REDIS_PASSWORD')];
      expect(one).not.toBe(two);
      expect(await ask('api', 'api', one, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(await ask('api', 'api', two, 'select 1')).toBe('28P01');
      // They have no way out.
      const away =
        "fetch('http://192.0.2.1/', { signal: AbortSignal.timeout(2000) }).then(() => 'out', () => 'no').then(console.log)";
      expect((await exec('api', ['node', '-e', away], { service: 'node' })).stdout).toBe('no\n');
      await remove('api');
    }, 120_000);
  });
});
