import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from '../log.ts';
import { errorCode, isAlive } from './embedded-fresh.ts';

/** What PostgreSQL writes into `postmaster.pid`; `status` is ready, starting, stopping or standby. */
export interface LockFile {
  readonly pid: number;
  readonly socketDir: string;
  readonly status: string;
}

const emptyIsStaleAfterMs = 10_000;
const fastStopMs = 60_000;

/** The postmaster of the cluster as its lock file tells, unless it is dead or the pid now belongs to another program. */
export async function runningPostmaster(data: string): Promise<LockFile | undefined> {
  const lock = parse(await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => ''));
  return lock && (await isPostmaster(lock.pid, data)) ? lock : undefined;
}

function parse(text: string): LockFile | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, socketDir: lines[4] ?? '', status: (lines[7] ?? '').trim() };
}

/** Whether that process is the postmaster of `data`: it works in that directory. A zombie works nowhere. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return basename(stdout.trim()) === 'postgres';
  }
  try {
    const [itsOwn, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(data)]);
    return itsOwn.ino === ours.ino && itsOwn.dev === ours.dev;
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(errorCode(error))) return false;
    // Root of a container may lack the right to look: then any postgres under that pid is taken for ours.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return basename(line.split('\0')[0] ?? '') === 'postgres';
  }
}

/**
 * Moves lock files away whose pid belongs to another program by now: PostgreSQL would take that program for a postmaster,
 * as happens when a container is killed and its successor counts its processes from 1 again.
 */
export async function clearStaleLocks(data: string, socketDir: string, log: Logger): Promise<void> {
  for (const path of [join(data, 'postmaster.pid'), join(socketDir, '.s.PGSQL.5432.lock')]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const pid = parse(text)?.pid;
    const stale = pid ? isAlive(pid) && !(await isPostmaster(pid, data)) : await isOld(path);
    if (!stale) continue;
    const aside = `${path}.stale-${randomBytes(4).toString('hex')}`;
    try {
      await rename(path, aside);
      // Between reading and renaming another process may have put a good one there: it goes back.
      if ((await readFile(aside, 'utf8')) !== text) await link(aside, path);
      else log.info({ path, pid }, 'removed a lock file of a PostgreSQL that is gone');
      await rm(aside);
    } catch (err) {
      log.warn({ err, path }, 'could not remove a stale lock file');
    }
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > emptyIsStaleAfterMs;
}

/** Ends the postmaster of the cluster, and no other, in order: connections are cut, a checkpoint is written. */
export async function stopPostmaster(data: string, log: Logger): Promise<void> {
  const running = await runningPostmaster(data);
  if (!running) return;
  const since = Date.now();
  let signal: NodeJS.Signals = 'SIGINT';
  send(running.pid, signal);
  while (await isPostmaster(running.pid, data)) {
    if (signal === 'SIGINT' && Date.now() - since > fastStopMs) {
      log.warn({ pid: running.pid }, 'PostgreSQL does not stop: ending it at once, it recovers at the next start');
      signal = 'SIGQUIT';
      send(running.pid, signal);
    }
    await sleep(10);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
