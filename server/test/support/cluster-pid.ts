import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The process id of the PostgreSQL of a data directory; throws when none runs. */
export function readClusterPid(dataDir: string): number {
  const elsewhere = path.join(dataDir, 'postgres.location');
  const home = existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8').trim() : path.join(dataDir, 'postgres');
  return Number(readFileSync(path.join(home, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
