import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncPath } from '../files.ts';
import type { Logger } from '../log.ts';

/** A half-made directory whose maker seems alive is left alone for this long: process ids are used again. */
const abandonedAfterMs = 10 * 60_000;

const inProgress = new Set<string>();

/**
 * Makes a directory whole or not at all: `make` fills a fresh sibling, which is then renamed into place.
 * When another process was first its directory stays and ours is thrown away, so look again at what is there.
 */
export async function makeWhole(target: string, make: (fresh: string) => Promise<void>): Promise<void> {
  const fresh = `${target}.new-${process.pid}-${randomBytes(6).toString('hex')}`;
  inProgress.add(fresh);
  try {
    await mkdir(fresh, { mode: 0o700 });
    await make(fresh);
    await rename(fresh, target);
    await syncPath(dirname(target));
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  } finally {
    inProgress.delete(fresh);
    await rm(fresh, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removes what killed attempts at `target` left beside it. Never throws: it is only tidying. */
export async function removeLeftovers(target: string, log: Logger): Promise<void> {
  const place = dirname(target);
  const names = await readdir(place).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(`${basename(target)}.new-`) && /\.new-(\d+)-[0-9a-f]{12}$/.exec(name)?.[1];
    if (!pid) continue;
    const path = join(place, name);
    try {
      if (!(await isAbandoned(path, Number(pid)))) continue;
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      log.info({ path }, 'removed what an interrupted first start had left');
    } catch (err) {
      log.warn({ err, path }, 'could not remove what an interrupted first start had left');
    }
  }
}

async function isAbandoned(path: string, pid: number): Promise<boolean> {
  if (pid === process.pid) return !inProgress.has(path);
  if (!isAlive(pid)) return true;
  return Date.now() - (await stat(path)).mtimeMs > abandonedAfterMs;
}

/** Whether a process of that id exists, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** The `code` of a failure of the operating system or of PostgreSQL, or ''. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
