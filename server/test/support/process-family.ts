import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** A process and its children. */
export function processFamily(pid: number): number[] {
  const parentOf = (child: string) => {
    try {
      return Number(readFileSync(`/proc/${child}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
    } catch {
      return 0; // gone meanwhile
    }
  };
  return [
    pid,
    ...readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
      .map(Number),
  ];
}

/** Signals a process, be it one that is just ending. */
export function signalProcess(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' });
  }
}
