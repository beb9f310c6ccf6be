import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanup } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { familyCpuMs } from '../support/processes.ts';

export interface StartedServer {
  readonly pid: number;
  readonly port: number;
  readonly readyMs: number;
  /** Processor time until it was ready, PostgreSQL and initdb included. */
  readonly cpuMs: number;
  stop(): Promise<void>;
}

const patienceMs = 60_000;

/** Starts `tutti serve` on a data directory and asks `/readyz` until it answers 200. */
export async function startServer(dataDir: string, flags: readonly string[] = []): Promise<StartedServer> {
  const port = await freePort();
  const args = ['serve', '--port', String(port), '--data-dir', dataDir, '--log-level', 'warn', ...flags];
  const started = performance.now();
  const child = fork(new URL('./serve-process.ts', import.meta.url), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const stop = cleanup(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    if (await Promise.race([exit.then(() => false), sleep(20_000, true, { ref: false })])) child.kill('SIGKILL');
    await exit;
  });
  const pid = child.pid as number;
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`tutti serve ended with ${child.exitCode}`);
    if (performance.now() - started > patienceMs) throw new Error('tutti serve was not ready in 60 s');
    await sleep(5);
  }
  const readyMs = performance.now() - started;
  return { pid, port, readyMs, cpuMs: await familyCpuMs(pid), stop };
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/readyz', agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}
