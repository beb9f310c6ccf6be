import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLog } from '../log.ts';
import { type EmbeddedPostgres, openEmbedded } from './embedded.ts';
import { isPostmaster } from './embedded-lock.ts';
import { killChildren, openElsewhere, query, spawnOfOwner } from './embedded-test-support.ts';
import { canEnter, isRoot } from './embedded-user.ts';

const log = createLog('silent');
const nobody = { uid: 65534, gid: 65534 };
const nobodyCanRun =
  isRoot() && (await canEnter(nobody, dirname(process.execPath))) && (await canEnter(nobody, import.meta.dirname));
const opened: EmbeddedPostgres[] = [];
let dir = '';

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'tutti-embedded-')));
  // As root another account runs PostgreSQL, and must be able to walk through.
  await chmod(dir, 0o711);
});

afterEach(async () => {
  killChildren();
  for (const server of opened.splice(0)) await server.stop();
  await rm(dir, { recursive: true, force: true });
});

async function open(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await openEmbedded(dataDir, log);
  opened.push(server);
  return server;
}

describe('a fresh data directory', () => {
  test('ends what a client asked that is gone', async () => {
    const server = await open(join(dir, 'data'));
    const client = new pg.Client(server.connection);
    client.on('error', () => undefined);
    await client.connect();
    const asked = client.query('select pg_sleep(1000)').catch(() => undefined);
    const under = async () => (await query(server, `select from pg_stat_activity where wait_event = 'PgSleep'`)).length;
    await expect.poll(under).toBe(1);
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
    await asked;
    await expect.poll(under, { timeout: 60_000 }).toBe(0);
  });

  test('serves a role without rights over the server, on a socket only', async () => {
    const server = await open(join(dir, 'data'));
    expect(server.adopted).toBe(false);
    expect(await query(server, 'show is_superuser')).toEqual([{ is_superuser: 'off' }]);
    expect(await query(server, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect(await query(server, 'show data_checksums')).toEqual([{ data_checksums: 'on' }]);
    expect(await query(server, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    expect(await query(server, `select lower('ÄÉ') as low, current_user::text as who`)).toEqual([
      { low: 'äé', who: 'tutti' },
    ]);
    for (const refused of [
      `copy (select 1) to program 'true'`,
      `create role other superuser`,
      `alter system set work_mem = '1MB'`,
      `select pg_read_file('PG_VERSION')`,
    ])
      await expect(query(server, refused)).rejects.toMatchObject({ code: '42501' });
  });

  test('asks for the password', async () => {
    const server = await open(dir);
    await expect(query(server, 'select 1', { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
    await expect(query(server, 'select 1', { user: 'postgres' })).rejects.toMatchObject({ code: '28P01' });
    for (const name of ['password', 'superuser.password']) {
      const { mode, uid } = await stat(join(dir, 'postgres', name));
      expect([mode & 0o777, uid]).toEqual([0o600, process.getuid?.()]);
    }
    expect(await readFile(join(dir, 'postgres', 'postgres.log'), 'utf8')).not.toContain(server.connection.password);
  });

  test('opened by two processes at once is one database', async () => {
    const [one, two] = await Promise.all([openElsewhere(dir), openElsewhere(dir)]);
    expect(one.answer.system).toBe(two.answer.system);
    expect(one.answer.pid).toBe(two.answer.pid);
    const server = await open(dir);
    expect(await query(server, 'select count(*)::int as n from kept')).toEqual([{ n: 2 }]);
    expect((await readdir(dir)).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  test('loses what a dead attempt had left half made', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    const left = `postgres.new-${dead.pid}-0123456789ab`;
    const living = `postgres.new-${process.ppid}-0123456789ab`;
    for (const name of [left, living, 'postgres.new-notes']) await mkdir(join(dir, name, 'data'), { recursive: true });
    await open(dir);
    expect((await readdir(dir)).sort()).toEqual(['postgres', living, 'postgres.new-notes'].sort());
  });
});

describe('an existing one', () => {
  test('keeps its data over a restart', async () => {
    const first = await open(dir);
    await query(first, 'create table kept as select 7 as n');
    await first.stop();
    await expect(query(first, 'select 1')).rejects.toThrow();
    const second = await open(dir);
    expect(second.adopted).toBe(false);
    expect(await query(second, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  test('is adopted when the Node that started it was killed', async () => {
    const { child, answer } = await openElsewhere(dir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await open(dir);
    expect([server.adopted, server.pid()]).toEqual([true, answer.pid]);
    expect(await query(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
    expect(await isPostmaster(answer.pid, join(dir, 'postgres', 'data'))).toBe(false);
  });

  test.each(['started', 'adopted'])('is started again when its postmaster is killed (%s)', async (how) => {
    if (how === 'adopted') (await openElsewhere(dir)).child.kill('SIGKILL');
    const server = await open(dir);
    const pid = server.pid() ?? 0;
    await query(server, 'create table counted as select generate_series(1, 1000) as n');
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => server.pid() !== undefined && server.pid() !== pid, { timeout: 30_000 });
    expect(await query(server, 'select count(*)::int as n from counted')).toEqual([{ n: 1000 }]);
  });

  test('starts beside a lock file whose pid another program has by now', async () => {
    const first = await open(dir);
    const lock = join(dir, 'postgres', 'data', 'postmaster.pid');
    const text = await readFile(lock, 'utf8');
    await first.stop();
    const other = await spawnOfOwner(join(dir, 'postgres', 'data'));
    await writeFile(lock, text.replace(/^\d+/, String(other.pid)));
    const second = await open(dir);
    expect(await query(second, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(other.exitCode).toBeNull();
  });

  test('of another major is refused with the way out', async () => {
    const first = await open(dir);
    await first.stop();
    await writeFile(join(dir, 'postgres', 'data', 'PG_VERSION'), '17\n');
    await expect(open(dir)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      suggestion: expect.stringMatching(/release that made it.*--data-dir/),
    });
  });
});

describe('a place that is', () => {
  test('too long for a socket gets a short private directory', async () => {
    const long = join(dir, `with space, "quote" ${'x'.repeat(60)}`, 'y'.repeat(60));
    const server = await open(long);
    const { host } = server.connection;
    expect(Buffer.byteLength(host)).toBeLessThan(90);
    expect((await stat(host)).mode & 0o777).toBe(0o700);
    expect(await query(server, 'select 1 as n')).toEqual([{ n: 1 }]);
    await server.stop();
    await expect(stat(host)).rejects.toMatchObject({ code: 'ENOENT' });
    // Anybody could have made it first.
    await mkdir(host, { mode: 0o777 });
    await chmod(host, 0o777);
    await expect(open(long)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await rmdir(host);
  });

  test('closed to others works, for root by a cluster elsewhere', async () => {
    await chmod(dir, 0o700);
    const first = await open(join(dir, 'data'));
    const home = dirname(first.connection.host);
    try {
      await query(first, 'create table kept as select 7 as n');
      if (isRoot()) {
        expect(home).toMatch(/^\/var\/lib\/tutti\/clusters\/[0-9a-f]{16}$/);
        expect(await readFile(join(dir, 'data', 'postgres.location'), 'utf8')).toBe(`${home}\n`);
      } else expect(home).toBe(join(dir, 'data', 'postgres'));
      await first.stop();
      const second = await open(join(dir, 'data'));
      expect(await query(second, 'select n from kept')).toEqual([{ n: 7 }]);
      await second.stop();
      await rm(home, { recursive: true });
      if (isRoot()) await expect(open(join(dir, 'data'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    } finally {
      await rm(home, { recursive: true, force: true });
      for (const made of isRoot() ? [dirname(home), dirname(dirname(home))] : [])
        await rmdir(made).catch(() => undefined);
    }
  });

  test.runIf(nobodyCanRun)('an ordinary user’s works, and root may open it later', async () => {
    await chown(dir, nobody.uid, nobody.gid);
    await chmod(dir, 0o711);
    const { child, answer } = await openElsewhere(join(dir, 'data'), nobody);
    expect((await stat(join(dir, 'data', 'postgres'))).uid).toBe(nobody.uid);
    child.stdin?.write('stop');
    await once(child, 'exit');
    expect(await isPostmaster(answer.pid, join(dir, 'data', 'postgres', 'data'))).toBe(false);
    await chmod(join(dir, 'data'), 0o711);
    await chmod(join(dir, 'data', 'postgres'), 0o711);
    const server = await open(join(dir, 'data'));
    expect(await query(server, 'select n from kept')).toEqual([{ n: 1 }]);
  });
});
