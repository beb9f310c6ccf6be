import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Mounts a file system of its own, in memory, on a directory; answers how to take it away. */
export function mountTmpfs(directory: string, size: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=711`, 'tmpfs', directory], { stdio: 'pipe' });
  // Lazily: what a failed test left running there must not keep it mounted.
  return () => void execFileSync('umount', ['--lazy', directory], { stdio: 'pipe' });
}

/** Why nothing can be mounted here; undefined where it can. */
export function whyNoMounts(): string | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'tutti-mount-'));
  try {
    mountTmpfs(directory, '64k')();
    return undefined;
  } catch (error) {
    return `mount is refused: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  } finally {
    rmdirSync(directory);
  }
}

/** Takes all the room that is left on the file system of a directory; answers how to give it back. */
export function fillDisk(directory: string): () => void {
  const file = path.join(directory, 'filler');
  const handle = openSync(file, 'a');
  // The last page too: smaller and smaller pieces until not one byte fits.
  for (let size = 2 ** 20; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(handle);
  return () => rmSync(file);
}
