import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const politeMs = 2000;

/** Ends a child that leads a process group: after the end of its stdin by SIGTERM, then SIGKILL for the whole group. */
export async function endGroup(child: ChildProcess, atOnce: boolean): Promise<void> {
  const pid = child.pid as number;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const waited = async (ms: number) => {
    if (!isGone()) await Promise.race([gone, sleep(ms, undefined, { ref: false })]);
  };
  if (!atOnce) await waited(politeMs);
  if (!atOnce && !isGone()) {
    signalGroup(pid, 'SIGTERM');
    await waited(politeMs);
  }
  // Also when the child itself has gone: what it started may live.
  signalGroup(pid, 'SIGKILL');
  await waited(politeMs);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
