import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface DataDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** A throw-away data directory. For root it is passable, since PostgreSQL runs there as a user of its own. */
export async function makeDataDir(): Promise<DataDir> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tutti-bench-'));
  if (process.getuid?.() === 0) await chmod(directory, 0o711);
  return { path: directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
