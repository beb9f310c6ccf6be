import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MB_IN_KB = 1024;

/** Resident memory of another process in MB; undefined when it is gone or the system does not tell. */
export async function rssMb(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') return procRssMb(pid);
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      const kb = Number.parseInt(stdout, 10);
      resolve(error || Number.isNaN(kb) ? undefined : kb / MB_IN_KB);
    });
  });
}

// `status` tells kB; `statm` would tell pages, whose size Node cannot ask for.
function procRssMb(pid: number): number | undefined {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb) / MB_IN_KB;
  } catch {
    return undefined;
  }
}
