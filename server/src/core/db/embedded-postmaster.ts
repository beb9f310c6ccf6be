import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AppError, untrusted } from '../errors.ts';
import type { Logger } from '../log.ts';
import { spawnOptions } from './embedded-binaries.ts';
import { type Cluster, ensureSocketDir } from './embedded-cluster.ts';
import { clearStaleLocks, runningPostmaster } from './embedded-lock.ts';

/** How to connect as Tutti's own role; port and ssl are named so that PGPORT and PGSSLMODE cannot change them. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly ssl: false;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A postmaster that answers. `child` is set when this process started it. */
export interface Postmaster {
  readonly pid: number;
  readonly socketDir: string;
  readonly child: ChildProcess | undefined;
}

/** Recovery after a crash takes as long as there is WAL to read; `max_wal_size` keeps that far below this. */
const patienceMs = 5 * 60_000;
const deafAfterMs = 10_000;
const maxLogBytes = 8 * 1024 * 1024;

/** Made for a server that is mostly idle beside Node: few processes, little memory, and durable writes. */
const settings = {
  cluster_name: 'tutti',
  port: '5432',
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '32MB',
  huge_pages: 'off',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  jit: 'off',
  // What a process asked that was killed since holds up all who wait for older transactions.
  client_connection_check_interval: '5s',
  fsync: 'on',
  max_wal_size: '256MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
};

export function connectionOf(cluster: Cluster, host: string): Connection {
  return { host, port: 5432, ssl: false, user: 'tutti', password: cluster.password, database: 'tutti' };
}

/**
 * Adopts the postmaster of the cluster or starts one, and returns when it answers.
 * Two that start at once are told apart by PostgreSQL's own lock file: the loser's exits, and the loser adopts.
 */
export async function attach(
  cluster: Cluster,
  socketDir: string,
  log: Logger,
  signal: AbortSignal,
): Promise<Postmaster> {
  const until = Date.now() + patienceMs;
  let child: ChildProcess | undefined;
  let logStart = 0;
  let deafSince: number | undefined;
  while (Date.now() < until) {
    if (signal.aborted) await end(child);
    signal.throwIfAborted();
    const running = await runningPostmaster(cluster.data);
    if (running?.status === 'ready') {
      if (await answers(connectionOf(cluster, running.socketDir)))
        return {
          pid: running.pid,
          socketDir: running.socketDir,
          child: child?.pid === running.pid ? child : undefined,
        };
      deafSince ??= Date.now();
      if (Date.now() - deafSince > deafAfterMs) {
        log.warn({ pid: running.pid }, 'PostgreSQL runs but its socket is gone: starting it anew');
        process.kill(running.pid, 'SIGINT');
        deafSince = undefined;
      }
    } else if (!running && (!child || hasEnded(child))) {
      // It was asked to stop (exit 0), or the lock of a killed one is held until its last backend is gone: both pass.
      if (child && child.exitCode !== 0) await requireLocked(cluster, logStart);
      await clearStaleLocks(cluster.data, socketDir, log);
      ({ child, logStart } = await start(cluster, socketDir));
    }
    await sleep(child && hasEnded(child) ? 50 : 10);
  }
  throw new AppError(
    'UNAVAILABLE',
    'PostgreSQL did not become ready.',
    `Look into ${join(cluster.home, 'postgres.log')}, then start again.`,
  );
}

async function start(cluster: Cluster, socketDir: string): Promise<{ child: ChildProcess; logStart: number }> {
  await ensureSocketDir(socketDir, cluster.user);
  const path = join(cluster.home, 'postgres.log');
  if ((await logSize(path)) > maxLogBytes) await rename(path, `${path}.1`);
  const logFile = await open(path, 'a', 0o600);
  try {
    const { size: logStart } = await logFile.stat();
    const owner = await stat(cluster.home);
    if (cluster.user) await logFile.chown(owner.uid, owner.gid);
    const all = { ...settings, unix_socket_directories: `"${socketDir.replaceAll('"', '""')}"` };
    const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(cluster.binaries.dir, 'bin', 'postgres'), ['-D', cluster.data, ...options], {
      ...spawnOptions(cluster.user),
      // A session of its own: an interrupt at the terminal is for Tutti, which then stops PostgreSQL in order.
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
    });
    await once(child, 'spawn');
    child.unref();
    return { child, logStart };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const suggestion = 'Check that Tutti may start programs there, or give a server with --database-url.';
    throw new AppError('UNAVAILABLE', 'PostgreSQL could not be started.', suggestion, undefined, { cause });
  } finally {
    await logFile.close();
  }
}

async function logSize(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function requireLocked(cluster: Cluster, logStart: number): Promise<void> {
  const path = join(cluster.home, 'postgres.log');
  const said = (await readFile(path)).subarray(logStart).toString('utf8');
  if (/lock file|shared memory block/.test(said)) return;
  throw new AppError(
    'UNAVAILABLE',
    'PostgreSQL ended while it was starting.',
    `Look into ${path}, then start again.`,
    untrusted(basename(path), said.slice(-2000)),
  );
}

/** Whether a connection works. A server that is full works; one that refuses our own password never will. */
async function answers(connection: Connection): Promise<boolean> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (cause) {
    client.end().catch(() => undefined);
    const code = cause instanceof pg.DatabaseError ? (cause.code ?? '') : '';
    if (code === '53300') return true;
    if (!/^(28|3D)/.test(code)) return false;
    const suggestion = 'Bring back the password file that belongs to it, or restore a backup with tutti restore.';
    throw new AppError('UNAVAILABLE', 'PostgreSQL refuses the kept password.', suggestion, undefined, { cause });
  }
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.ref();
  child.kill('SIGINT');
  await exit;
}
