import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromChild, ToChild } from './protocol.ts';

const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url));

/** Most memory of one process, in MiB: what an expression makes in passing is larger than what it comes to. */
export const memoryMb = 256;

/**
 * Shell before the process: it leaves no image of its memory behind, and has an end although the server may be gone and it
 * hears of nothing. When it comes to that with the server alive, the next process goes on.
 */
const bounds = 'ulimit -c 0; ulimit -t 600; exec "$0" "$@"';

/** A process that evaluates one request at a time. */
export interface EvaluatorProcess {
  /** Undefined when the process ended before it answered. */
  ask(message: ToChild): Promise<FromChild | undefined>;
  /** How it ended: by itself for want of memory, or otherwise; undefined while it lives. */
  ended(): 'memory' | 'other' | undefined;
  kill(): void;
}

/**
 * Starts one. It is a process and no thread, because a thread that wants more memory than it may have takes the whole server
 * with it. It has no environment, may read files only, and makes no code of texts.
 */
export function startEvaluatorProcess(onEnd: () => void): EvaluatorProcess {
  const child = fork(entry, [], {
    env: { TZ: 'UTC', LANG: 'C.UTF-8' },
    execPath: '/bin/sh',
    execArgv: [
      '-c',
      bounds,
      process.execPath,
      '--permission',
      '--allow-fs-read=*',
      '--disallow-code-generation-from-strings',
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=SecurityWarning',
      `--max-old-space-size=${memoryMb}`,
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let settle: ((reply: FromChild | undefined) => void) | undefined;
  let end: 'memory' | 'other' | undefined;
  const finish = (reply?: FromChild) => {
    const waiting = settle;
    settle = undefined;
    // Idle, it keeps no command from ending.
    child.unref();
    child.channel?.unref();
    waiting?.(reply);
  };
  const gone = (how: 'memory' | 'other') => {
    if (end) return;
    end = how;
    finish();
    onEnd();
  };
  child.on('message', (message) => finish(message as FromChild));
  child.on('exit', (code, signal) => gone(signal === 'SIGABRT' || code === 134 ? 'memory' : 'other'));
  child.on('error', () => child.kill('SIGKILL') || gone('other'));
  return {
    ended: () => end,
    kill: () => void child.kill('SIGKILL'),
    ask(message) {
      if (end) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        settle = resolve;
        child.ref();
        child.channel?.ref();
        child.send(message, (error) => error && child.kill('SIGKILL'));
      });
    },
  };
}
