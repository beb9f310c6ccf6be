import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import { AppError, untrusted } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import type { EngineReply, EngineRequest, OnProgress, WireError } from './protocol.ts';

const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url));

/** All that a child knows of its surroundings. Only here can the engines be told to use few threads and little memory. */
const environment = {
  TZ: 'UTC',
  LANG: 'C.UTF-8',
  LANCE_CPU_THREADS: '2',
  LANCE_IO_THREADS: '4',
  // In MB. With the default, making the text index of a million rows takes twice the memory.
  LANCE_FTS_PARTITION_SIZE: '32',
  MALLOC_ARENA_MAX: '2',
};

interface Current {
  readonly id: number;
  readonly onProgress: OnProgress | undefined;
  readonly settle: (outcome: { output: unknown } | { error: unknown }) => void;
}

export interface EngineProcess {
  readonly pid: number;
  readonly exited: Promise<void>;
  /** Sends one request; a second one before the first has settled is a programming error. */
  run(request: EngineRequest, onProgress?: OnProgress): Promise<unknown>;
  /** Ends the process at once; what runs in it fails with `reason`. */
  kill(reason?: AppError): void;
}

/** Starts one child. When it dies by itself, the call in it fails with ENGINE_DIED, and `onExit` is told. */
export function startEngineProcess(
  memoryMb: number,
  log: Logger,
  onExit: (engine: EngineProcess) => void,
): EngineProcess {
  const child = fork(entry, [], {
    env: environment,
    execArgv: [`--max-old-space-size=${memoryMb}`, '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let current: Current | undefined;
  let stderr = '';
  const fail = (error: unknown) => {
    const call = current;
    current = undefined;
    call?.settle({ error });
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  child.on('message', (message) => {
    const reply = message as EngineReply;
    if (!current || reply.id !== current.id) return;
    if (reply.type === 'progress') return current.onProgress?.(reply.progress);
    if (reply.type === 'failed') return fail(fromWire(reply.error, log));
    const call = current;
    current = undefined;
    call.settle(outputOf(reply.output));
  });

  const engine: EngineProcess = {
    pid: child.pid ?? -1,
    exited: whenGone(child),
    run(request, onProgress) {
      return new Promise((resolve, reject) => {
        current = {
          id: request.id,
          onProgress,
          settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.output)),
        };
        try {
          // A child that cannot be reached is as good as dead; its end settles the call.
          child.send(request, (error) => error && child.kill('SIGKILL'));
        } catch (error) {
          fail(error);
        }
      });
    },
    kill(reason = died()) {
      fail(reason);
      child.kill('SIGKILL');
    },
  };
  void engine.exited.then(() => {
    if (current)
      log.warn({ pid: engine.pid, signal: child.signalCode, exit: child.exitCode, stderr }, 'an engine died');
    fail(died());
    onExit(engine);
  });
  return engine;
}

/**
 * An answer comes as bytes of its own: what cannot be read back, such as values within values without end, would end this
 * process if the channel read it.
 */
function outputOf(bytes: Uint8Array): { output: unknown } | { error: unknown } {
  try {
    return { output: deserialize(bytes) };
  } catch {
    return {
      error: new AppError(
        'ENGINE_FAILED',
        'The answer holds values that are nested too deeply.',
        'Ask for other columns or rows, or flatten the data.',
      ),
    };
  }
}

function whenGone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.on('error', () => child.pid === undefined && resolve());
  });
}

function died(): AppError {
  return new AppError(
    'ENGINE_DIED',
    'The process in which the engine ran ended by itself.',
    'Try again; if it stays, look for this time in the log of the server.',
  );
}

function fromWire(error: WireError, log: Logger): Error {
  if (error.kind === 'app') return new AppError(error.code, error.message, error.suggestion, error.details);
  if (error.kind === 'internal') {
    log.error({ child: error.text }, 'an engine process has a fault');
    return new Error('An engine process has a fault.');
  }
  return new AppError(
    'ENGINE_FAILED',
    'The engine could not read or write this data.',
    'Read the details for what it said, correct the data or the call, and try again.',
    { engine: untrusted(error.source, error.text) },
  );
}
