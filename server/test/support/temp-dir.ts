import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A fresh directory that others may pass through, as the PostgreSQL of a server that runs as root must. */
export function makeTempDir(name: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), `tutti-${name}-`));
  chmodSync(directory, 0o711);
  return directory;
}
