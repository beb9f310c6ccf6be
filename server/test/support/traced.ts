import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface TracedProcess {
  readonly url: string;
  readonly token: string;
  /** Addresses of the modules that it has loaded. */
  loaded(): Promise<string[]>;
  /** What it logged so far. */
  readonly log: () => string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a whole server with the tool `test_trace` in a process of its own. */
export async function startTraced(flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<TracedProcess> {
  const child = fork(path.join(import.meta.dirname, 'traced-process.ts'), ['--port', '0', ...flags], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const gone = once(child, 'exit');
  const next = async <T>(): Promise<T> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      gone.then(([code]) => Promise.reject(new Error(`the traced process ended with ${code}: ${log}`))),
    ]);
    return message as T;
  };
  const { url, token } = await next<{ url: string; token: string }>();
  return {
    url,
    token,
    log: () => log,
    async loaded() {
      child.send('loaded');
      return (await next<{ loaded: string[] }>()).loaded;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.send('stop');
      await gone;
    },
  };
}
