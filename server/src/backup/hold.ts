import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../core/db/embedded-fresh.ts';

/** Files of a data directory, kept by second names while a backup reads them: whoever removes the first name harms nobody. */
export interface Hold {
  /** Has the same layout as the data directory. */
  readonly directory: string;
  release(): Promise<void>;
}

/** What was removed while it was being held; the next look will not miss it. */
export class Vanished extends Error {}

const tries = 20;

/** Holds staged bytes and index directories. Takes milliseconds, so that little can go away meanwhile. */
export async function holdFiles(
  dataDir: string,
  staged: readonly { readonly staging_key: string; readonly sha256: string }[],
): Promise<Hold> {
  await removeOldHolds(dataDir);
  const directory = path.join(dataDir, `backup-${process.pid}`);
  await mkdir(directory, { mode: 0o700 });
  const hold = { directory, release: () => rm(directory, { recursive: true, force: true }) };
  try {
    await holdStaged(path.join(dataDir, 'objects'), path.join(directory, 'objects'), staged);
    await holdIndexes(path.join(dataDir, 'indexes'), path.join(directory, 'indexes'));
    return hold;
  } catch (error) {
    await hold.release();
    throw error;
  }
}

async function holdStaged(
  from: string,
  to: string,
  staged: readonly { readonly staging_key: string; readonly sha256: string }[],
): Promise<void> {
  await mkdir(path.join(to, 'staging'), { recursive: true, mode: 0o700 });
  for (const { staging_key: key, sha256 } of staged) {
    const target = path.join(to, 'staging', path.basename(key));
    // A commit removes the staged name when the bytes have their last one.
    const found =
      (await linked(path.join(from, 'staging', path.basename(key)), target)) ||
      (await linked(path.join(from, 'sha256', sha256.slice(0, 2), sha256), target));
    if (!found) throw new Vanished(key);
  }
}

async function holdIndexes(from: string, to: string): Promise<void> {
  for (const dataset of await namesIn(from)) {
    for (const index of await namesIn(path.join(from, dataset))) {
      const target = path.join(to, dataset, index);
      for (let attempt = 1; !(await linkTree(path.join(from, dataset, index), target)); attempt += 1) {
        await rm(target, { recursive: true, force: true });
        if (attempt === tries) throw new Vanished(index);
      }
    }
  }
}

/**
 * Links a directory of an index; false when a part went away meanwhile. Versions come first: each names files that were
 * there before it.
 */
async function linkTree(from: string, to: string): Promise<boolean> {
  const entries = await readdir(from, { withFileTypes: true }).catch(() => []);
  if (entries.length === 0) return true;
  await mkdir(to, { recursive: true, mode: 0o700 });
  const versionsFirst = entries.sort((a, b) => Number(b.name === '_versions') - Number(a.name === '_versions'));
  for (const entry of versionsFirst) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    const done = entry.isDirectory()
      ? await linkTree(source, target)
      : !entry.isFile() || (await linked(source, target));
    // What is being written has a name for the time being; no version speaks of it yet.
    if (!done && !entry.name.includes('#') && !entry.name.includes('.tmp')) return false;
  }
  return true;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    // Another volume, or one without links.
    if (code === 'EXDEV' || code === 'EPERM' || code === 'ENOTSUP') return copied(from, to);
    throw error;
  }
}

async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/** Removes what killed backups left. */
async function removeOldHolds(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = /^backup-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)))) {
      await rm(path.join(dataDir, name), { recursive: true, force: true });
    }
  }
}
