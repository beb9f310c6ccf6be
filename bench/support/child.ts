import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanup } from './cleanup.ts';

/** A benchmark process of our own: a server, a peer, or the load. */
export interface Child<Info> {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly info: Info;
  /** What it tells unasked, by name. */
  readonly events: EventEmitter;
  call<Result>(command: string, argument?: unknown): Promise<Result>;
  /** User and system time that it has used so far, in microseconds. */
  cpuUs(): Promise<number>;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export type FromChild =
  | { readonly ready: unknown }
  | { readonly event: string; readonly value: unknown }
  | { readonly id: number; readonly result?: unknown; readonly error?: string };

const patienceMs = 120_000;
const stopMs = 20_000;

/** Starts a file that calls `serveChild`, and waits until it is ready. */
export async function startChild<Info>(file: URL, argument: unknown = null): Promise<Child<Info>> {
  const child = fork(file, [JSON.stringify(argument)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const stop = cleanup(() => end(child));
  const events = new EventEmitter();
  const open = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  let calls = 0;
  const info = await new Promise<Info>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${file.pathname} was not ready in time`)), patienceMs);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`a benchmark process ended with ${code}`));
      for (const answer of open.values()) answer({ error: `the process ended with ${code}` });
    });
    child.on('message', (message: FromChild) => {
      if ('ready' in message) {
        clearTimeout(timer);
        resolve(message.ready as Info);
      } else if ('event' in message) events.emit(message.event, message.value);
      else open.get(message.id)?.(message);
    });
  }).catch(async (error) => {
    await stop();
    throw error;
  });

  const call = <Result>(command: string, argument: unknown = null) =>
    new Promise<Result>((resolve, reject) => {
      calls += 1;
      const id = calls;
      const timer = setTimeout(() => open.get(id)?.({ error: `${command} took too long` }), patienceMs);
      open.set(id, ({ result, error }) => {
        clearTimeout(timer);
        open.delete(id);
        if (error === undefined) resolve(result as Result);
        else reject(new Error(error));
      });
      child.send({ id, command, argument });
    });
  const pid = child.pid as number;
  return { pid, info, events, call, cpuUs: () => call<number>('cpu'), stop, kill: (signal) => void child.kill(signal) };
}

/** The channel's end is the sign to stop; whoever does not heed it is killed. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  const stopped = await Promise.race([exit.then(() => true), sleep(stopMs, false, { ref: false })]);
  if (stopped) return;
  child.kill('SIGKILL');
  await exit;
}
